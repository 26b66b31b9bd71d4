"""The book's `mnist_loader`: MNIST in the shapes that `network` and `network2` take.

    training_data, validation_data, test_data = mnist_loader.load_data_wrapper()

The images are part of the package, so nothing is downloaded. They are the book's: the first
50,000 of MNIST's training file to train, its last 10,000 to validate, and the test file, in
their order, each pixel its byte / 256.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.book._sigmoid import unit_vector
from fastnn.datasets import load_mnist

__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]

DataSet = tuple[NDArray[np.float32], NDArray[np.int64]]
Pairs = list[tuple[NDArray[np.float32], Any]]

_TRAINING = 50_000


def load_data() -> tuple[DataSet, DataSet, DataSet]:
    """MNIST as the tuple (training_data, validation_data, test_data).

    Each is a tuple (images, digits): float32 (n, 784) with values from 0 to 255/256, and int64
    (n,); n is 50,000 for the training data and 10,000 for the other two.
    """
    mnist = load_mnist(raw=True)
    # A division by 256 is exact, so a product with 1/256 is the same, and faster.
    images = mnist.train_images.reshape(-1, 784) * np.float32(1 / 256)
    digits = mnist.train_labels.astype(np.int64)
    test_images = mnist.test_images.reshape(-1, 784) * np.float32(1 / 256)
    return (
        (images[:_TRAINING], digits[:_TRAINING]),
        (images[_TRAINING:], digits[_TRAINING:]),
        (test_images, mnist.test_labels.astype(np.int64)),
    )


def load_data_wrapper() -> tuple[Pairs, Pairs, Pairs]:
    """MNIST as three lists of tuples (x, y): (training_data, validation_data, test_data).

    x is an image as a float32 column (784, 1). In the training data, 50,000 tuples, y is the
    digit's unit vector, float64 (10, 1); in the other two, 10,000 tuples each, it is the digit,
    a NumPy integer. All x of a list are views of one array.
    """
    (images, digits), validation_data, test_data = load_data()
    unit_vectors = np.zeros((len(digits), 10, 1))
    unit_vectors[np.arange(len(digits)), digits, 0] = 1.0
    training_data = list(zip(_columns(images), unit_vectors, strict=True))
    return training_data, _pairs(*validation_data), _pairs(*test_data)


def vectorized_result(j: int, size: int = 10) -> NDArray[np.float64]:
    """The unit vector of digit j: a column (size, 1) of zeros with a one in row j.

    Raises ValueError where j is not from 0 to size - 1. The book's has ten rows always.
    """
    return unit_vector(j, size)


def _columns(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """The images as columns, (n, 784, 1)."""
    return images[:, :, np.newaxis]


def _pairs(images: NDArray[np.float32], digits: NDArray[np.int64]) -> Pairs:
    return list(zip(_columns(images), digits, strict=True))
