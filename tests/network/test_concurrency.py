"""Several threads at once give the bits of one after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numba
import numpy as np
import pytest
from samples import same_bits

import fastnn

THREADS = 4


ROWS = 100 if numba.config.DISABLE_JIT else 3000


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, 20)).astype("float32")
    return x, rng.integers(0, 10, ROWS)


def network(seed):
    return fastnn.Network([20, 40, 10], seed=seed)


def together(function, arguments):
    """function(argument) in a thread each, started as much at once as can be."""
    barrier = Barrier(len(arguments))

    def run(argument):
        barrier.wait()
        return function(argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def test_predictions_of_one_network(data):
    x, y = data
    net = network(0)
    parts = np.array_split(np.arange(len(x)), THREADS)

    def measure(rows):
        for _ in range(20):
            result = net.feedforward(x[rows]), net.evaluate(x[rows], y[rows])
        return *result, net.gradients(x[rows], y[rows])

    expected = [measure(rows) for rows in parts]
    assert len({e[1].data_cost for e in expected}) == THREADS
    for got, exp in zip(together(measure, parts), expected, strict=True):
        np.testing.assert_array_equal(got[0], exp[0])
        assert got[1] == exp[1]
        for g, e in zip(
            got[2].weights + got[2].biases, exp[2].weights + exp[2].biases, strict=True
        ):
            np.testing.assert_array_equal(g, e)


def test_fits_of_several_networks(data):
    x, y = data

    def train(seed):
        net = network(seed)
        net.fit(x, y, epochs=4, batch_size=7, l2=1.0, l1=0.1, validation_data=(x, y))
        return net

    seeds = list(range(THREADS))
    expected = [train(seed) for seed in seeds]
    for got, exp in zip(together(train, seeds), expected, strict=True):
        assert same_bits(got, exp)
        assert got.history.data_cost == exp.history.data_cost
        assert got.history.validation_accuracy == exp.history.validation_accuracy


def test_predictions_while_another_network_trains(data):
    x, y = data
    still, expected = network(1), network(1).feedforward(x)
    alone = network(2)
    alone.fit(x, y, epochs=3)
    moving = network(2)

    def work(task):
        return task()

    tasks = [lambda: moving.fit(x, y, epochs=3)] + [lambda: still.feedforward(x)] * (THREADS - 1)
    _, *outputs = together(work, tasks)
    assert same_bits(moving, alone)
    for got in outputs:
        np.testing.assert_array_equal(got, expected)
