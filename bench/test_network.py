"""Seconds of a Network's calls in this process, to be compared with those of another version.

    pytest bench --benchmark-autosave     with one version
    pytest bench --benchmark-compare      with the other

On one thread: two swing with where the system puts them. `python -m bench` takes all cores, and
compares with other libraries.
"""

from dataclasses import replace

import numpy as np
import pytest

from bench.suite.peers.fastnn_network import Native
from bench.suite.problem import pose, quality, reference
from bench.suite.task import Task

BOOK = Task(
    "mnist", 5000, (784, 30, 10), "sigmoid", "cross-entropy", batch_size=10, learning_rate=0.5
)
ADAM = replace(BOOK, activation="relu", cost="log-likelihood", batch_size=128, learning_rate=0.001)
TASKS = {
    "784-30-10": replace(BOOK, l2=5.0),
    "784-256-10 Adam": replace(ADAM, sizes=(784, 256, 10), optimizer="adam"),
    "32-64-64-2 Adam": replace(
        ADAM, data="tabular", sizes=(32, 64, 64, 2), batch_size=32, optimizer="adam"
    ),
}


def network(problem):
    native = Native(problem)
    native.settings["n_threads"] = 1
    return native


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_fit(benchmark, task):
    """A call of three epochs, from the same first weights each time."""
    problem = pose(task)
    trained = []

    def train(native):
        native.train(3)
        trained.append(native)

    train(network(problem))  # loads what is compiled, or compiles it
    benchmark.group = "fit"
    benchmark.pedantic(train, setup=lambda: ((network(problem),), {}), rounds=10)
    first, last = trained[0].parameters(), trained[-1].parameters()
    cost, _ = quality(problem, *last)
    assert cost < 0.8 * quality(problem, problem.weights, problem.biases)[0]
    assert all(np.array_equal(a, b) for a, b in zip(first[0], last[0]))


@pytest.mark.parametrize("rows", [1, 1000])
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_predict(benchmark, task, rows):
    problem = pose(task)
    native, x = network(problem), problem.x_test[:rows]
    expected = reference(problem, *native.parameters()).feedforward(x)
    benchmark.group = f"outputs of {rows} rows"
    found = benchmark(native.outputs, x)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-4)
