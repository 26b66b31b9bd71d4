"""The book's mnist_loader: the book's rows, types and shapes."""
# ruff: noqa: NPY002 the book draws from this generator

import numpy as np
import pytest

from fastnn.book import mnist_loader, network2
from fastnn.datasets import load_mnist


@pytest.fixture(scope="module")
def raw():
    return load_mnist(raw=True)


@pytest.fixture(scope="module")
def wrapped():
    return mnist_loader.load_data_wrapper()


def test_load_data(raw):
    sets = mnist_loader.load_data()
    assert type(sets) is tuple
    images = np.concatenate([raw.train_images, raw.test_images]).reshape(-1, 784)
    digits = np.concatenate([raw.train_labels, raw.test_labels])
    first = 0
    for (x, y), n in zip(sets, (50_000, 10_000, 10_000), strict=True):
        assert x.shape == (n, 784)
        assert y.shape == (n,)
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert (x * 256 == images[first : first + n]).all()
        assert (y == digits[first : first + n]).all()
        first += n


def test_load_data_wrapper(raw, wrapped):
    training_data, validation_data, test_data = wrapped
    rows = raw.train_images.reshape(-1, 784, 1) / 256
    for data, n in ((training_data, 50_000), (validation_data, 10_000), (test_data, 10_000)):
        assert type(data) is list
        assert len(data) == n
        assert {type(sample) for sample in data} == {tuple}
        assert {(x.shape, x.dtype) for x, _ in data} == {((784, 1), np.dtype(np.float32))}
    assert {(y.shape, y.dtype) for _, y in training_data} == {((10, 1), np.dtype(np.float64))}
    assert {type(y) for _, y in validation_data + test_data} == {np.int64}
    for i in (0, 1, 777, 49_999):
        x, y = training_data[i]
        assert (x == rows[i]).all()
        assert (y == mnist_loader.vectorized_result(int(raw.train_labels[i]))).all()
        assert x.flags.writeable
    for i in (0, 9_999):
        assert (validation_data[i][0] == rows[50_000 + i]).all()
        assert validation_data[i][1] == raw.train_labels[50_000 + i]
        assert (test_data[i][0] == raw.test_images[i].reshape(784, 1) / 256).all()
        assert test_data[i][1] == raw.test_labels[i]


def test_all_images_of_a_list_lie_in_one_array(wrapped):
    for data in wrapped:
        assert len({id(x.base) for x, _ in data}) == 1
        assert data[0][0].flags.c_contiguous


def test_network2_learns_from_it(wrapped):
    training_data, validation_data, _ = wrapped
    np.random.seed(0)
    net = network2.Network([784, 30, 10])
    _, accuracies, _, _ = net.SGD(
        list(training_data),
        1,
        10,
        0.5,
        5.0,
        validation_data,
        monitor_evaluation_accuracy=True,
        verbose=False,
    )
    assert accuracies[0] > 9000
