"""The book's `mnist_loader`: MNIST in the shapes that `network` and `network2` take.

    training_data, validation_data, test_data = mnist_loader.load_data_wrapper()

The images are part of the package, so nothing is downloaded. They are the book's: the first
50,000 of MNIST's training file to train, its last 10,000 to validate, and the test file, in
their order, each pixel its byte / 256. Programs that open the book's file themselves get it from
`write_pickle("../data/mnist.pkl.gz")`, and what its expand_mnist.py makes of it from `expand`.
"""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.book._sigmoid import unit_vector
from fastnn.book.pickles.data_file import Images, read_data, write_data
from fastnn.datasets import load_mnist
from fastnn.files import check_writable

__all__ = ["expand", "load_data", "load_data_wrapper", "vectorized_result", "write_pickle"]

DataSet = tuple[NDArray[np.float32], NDArray[np.int64]]
Pairs = list[tuple[NDArray[np.float32], Any]]

Path = str | os.PathLike[str]

_TRAINING = 50_000
_STEP = 2_000  # images that are written at a time

# Where the rows, then the columns, of a displaced image lie: in the new image, in the old one.
_ALL, _ON, _BACK = slice(None), slice(1, None), slice(None, -1)
_DISPLACED = [
    ((_ALL, _ALL), (_ALL, _ALL)),
    ((_ON, _ALL), (_BACK, _ALL)),  # down
    ((_BACK, _ALL), (_ON, _ALL)),  # up
    ((_ALL, _ON), (_ALL, _BACK)),  # right
    ((_ALL, _BACK), (_ALL, _ON)),  # left
]


def load_data(path: Path | None = None) -> tuple[DataSet, DataSet, DataSet]:
    """MNIST as the tuple (training_data, validation_data, test_data).

    Each is a tuple (images, digits): float32 (n, 784) with values from 0 to 255/256, and int64
    (n,); n is 50,000 for the training data and 10,000 for the other two.

    With `path` (not in the book), what a file such as the book's mnist.pkl.gz holds: one of
    `write_pickle` or `expand`, of the book's expand_mnist, of your own. It is read as data, nothing
    in it is executed; ValueError for other files, OSError as `open`.
    """
    if path is not None:
        return read_data(path)
    training, validation, test = ((_floats(images), digits) for images, digits in _raw())
    return training, validation, test


def load_data_wrapper(path: Path | None = None) -> tuple[Pairs, Pairs, Pairs]:
    """MNIST as three lists of tuples (x, y): (training_data, validation_data, test_data).

    x is an image as a float32 column (784, 1). In the training data, 50,000 tuples, y is the
    digit's unit vector, float64 (10, 1); in the other two, 10,000 tuples each, it is the digit,
    a NumPy integer. All x of a list are views of one array. `path` as in load_data.
    """
    (images, digits), validation_data, test_data = load_data(path)
    if digits.size and digits.max() > 9:
        raise ValueError(f"training data: y: expected digits from 0 to 9, got {digits.max()}")
    unit_vectors = np.zeros((len(digits), 10, 1))
    unit_vectors[np.arange(len(digits)), digits, 0] = 1.0
    training_data = list(zip(_columns(images), unit_vectors, strict=True))
    return training_data, _pairs(*validation_data), _pairs(*test_data)


def write_pickle(path: Path) -> None:
    """Write the book's data file, mnist.pkl.gz, for programs that open it themselves.

    It holds what load_data returns, as a pickle that Python 2 and 3 read, with
    `pickle.load(gzip.open(path), encoding="latin1")` as well as with any other encoding or none. A
    name without .gz at its end gives the pickle itself. The file is replaced at once, so that it is
    never half written, and has the same bytes each time. OSError as `open`.
    """
    check_writable("path", path)
    write_data(path, [_as_they_are(images, digits) for images, digits in _raw()], 784)


def expand(path: Path) -> None:
    """Write mnist_expanded.pkl.gz, as the book's expand_mnist.py does.

    The training data are 250,000 images in an order of random.shuffle's: each of the 50,000, and
    the same displaced by one pixel down, up, right and left. Rows and their order are those of
    the book's program, run on Python 3 from the same seed. They are in arrays and not in lists of
    rows, so that the file is read in a fraction of the time. It is written as by `write_pickle`,
    in little memory, and replaces one that is there. Validation and test data are as they were.

        mnist_loader.expand("mnist_expanded.pkl.gz")
        training_data, _, _ = mnist_loader.load_data_wrapper("mnist_expanded.pkl.gz")
    """
    from fastnn.book._shuffle import shuffle  # with Numba, for which the data need not wait

    check_writable("path", path)
    (images, digits), *others = _raw()
    order = np.arange(len(_DISPLACED) * len(images))
    shuffle(order)
    image, way = np.divmod(order, len(_DISPLACED))

    def pieces() -> Iterator[NDArray[np.float32]]:
        for first in range(0, len(order), _STEP):
            piece = slice(first, first + _STEP)
            yield _floats(_displaced(images[image[piece]], way[piece]))

    training = Images(pieces, digits[image])
    write_data(path, [training, *(_as_they_are(x, y) for x, y in others)], 784)


def vectorized_result(j: int, size: int = 10) -> NDArray[np.float64]:
    """The unit vector of digit j: a column (size, 1) of zeros with a one in row j.

    A negative j counts from the last row, with a warning. Raises ValueError where j is not from
    -size to size - 1. The book's has ten rows always.
    """
    return unit_vector(j, size)


def _raw() -> list[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """The three sets: images as bytes (n, 28, 28), and digits."""
    mnist = load_mnist(raw=True)
    images, digits = mnist.train_images, mnist.train_labels.astype(np.int64)
    return [
        (images[:_TRAINING], digits[:_TRAINING]),
        (images[_TRAINING:], digits[_TRAINING:]),
        (mnist.test_images, mnist.test_labels.astype(np.int64)),
    ]


def _as_they_are(images: NDArray[np.uint8], digits: NDArray[np.int64]) -> Images:
    return Images(
        lambda: (_floats(images[i : i + _STEP]) for i in range(0, len(images), _STEP)), digits
    )


def _floats(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    # A division by 256 is exact, so a product with 1/256 is the same, and faster.
    return images.reshape(len(images), -1) * np.float32(1 / 256)


def _displaced(images: NDArray[np.uint8], way: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Each image (28, 28) in its way; what comes in at an edge is 0."""
    moved = np.zeros_like(images)
    for i, ((rows, columns), (old_rows, old_columns)) in enumerate(_DISPLACED):
        these = np.flatnonzero(way == i)
        moved[these, rows, columns] = images[these, old_rows, old_columns]
    return moved


def _columns(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """The images as columns, (n, 784, 1)."""
    return images[:, :, np.newaxis]


def _pairs(images: NDArray[np.float32], digits: NDArray[np.int64]) -> Pairs:
    return list(zip(_columns(images), digits, strict=True))
