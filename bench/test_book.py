"""Seconds of the book's calls in this process, to be compared with those of another version.

See test_network. `python -m bench.book.calls` compares with the book's code.
"""

import random

import numpy as np
import pytest

from bench.book.calls import ETA, LMBDA, calls, networks, verify

SIZES = [(10, 5, 2), (784, 30, 10)]
ID = "{0[0]}-{0[1]}-{0[2]}".format


@pytest.mark.parametrize("sizes", SIZES, ids=ID)
@pytest.mark.parametrize(
    "name", ["feedforward", "backprop", "update_mini_batch", "evaluate", "accuracy"]
)
def test_call(benchmark, sizes, name):
    """For one sample, a mini-batch of ten, or a hundred: the book's gives the same."""
    ours, _, _ = calls(sizes)[name]
    benchmark.group = f"book: {name}"
    benchmark(ours)


@pytest.mark.parametrize("sizes", SIZES, ids=ID)
def test_epoch(benchmark, sizes):
    """A call of SGD, with reading 1,000 tuples."""
    ours, _, book, training = networks(sizes)
    for net in (ours, book):
        random.seed(0)
        net.SGD(list(training), 1, 10, ETA, LMBDA, **({} if net is book else {"verbose": False}))
    verify(sizes, "SGD", ours.weights + ours.biases, book.weights + book.biases)
    many = [(np.array(x), np.array(y)) for x, y in training * 10]
    benchmark.group = "book: SGD"
    benchmark(ours.SGD, many, 1, 10, ETA, LMBDA, verbose=False)
