"""Inputs that 16 bits can count, and one more: then rows are taken with their zeros."""

import numpy as np
import pytest
from samples import reference
from tolerance import assert_close

import fastnn
from fastnn.book import network
from fastnn.engine import MOST_COLUMNS, Trainer
from fastnn.reference import Momentum, Reference

ROWS, OUTPUTS = 7, 3
FITS = {
    "sgd": {"l2": 1.0},
    "sgd with L1": {"l1": fastnn.Proximal(0.1), "l2": 1.0},
    "momentum": {"optimizer": fastnn.Momentum(mu=0.5)},
}


def sample(inputs):
    """A few non-zeros a row, some in its first and last columns, which 16 bits would mix up."""
    rng = np.random.default_rng(3)
    x = np.zeros((ROWS, inputs), "float32")
    for row in x:
        row[rng.integers(0, inputs, 300)] = rng.random(300)
    x[::2, 0] = 0.5
    x[:, -1] = np.linspace(0.1, 1, ROWS)
    return x, np.arange(ROWS) % OUTPUTS


@pytest.mark.parametrize("inputs", [MOST_COLUMNS, MOST_COLUMNS + 1])
@pytest.mark.parametrize("settings", FITS.values(), ids=FITS)
def test_fit(settings, inputs, monkeypatch):
    trainers, compile_ = [], Trainer.compile
    monkeypatch.setattr(Trainer, "compile", lambda self: trainers.append(self) or compile_(self))
    x, labels = sample(inputs)
    y = np.eye(OUTPUTS, dtype="float32")[labels]
    net = fastnn.Network([inputs, 4, OUTPUTS], "tanh", seed=1)
    twin = reference(net)
    net.fit(x, labels, epochs=2, batch_size=3, learning_rate=0.1, shuffle=False, **settings)
    assert trainers
    assert all((trainer.way != "dense") == (inputs == MOST_COLUMNS) for trainer in trainers)
    more = {name: value for name, value in settings.items() if name != "optimizer"}
    if "l1" in more:
        more |= {"l1": more["l1"].lmbda, "l1_mode": "proximal"}
    memory = Momentum(0.5) if "optimizer" in settings else None
    for _ in range(2):
        twin.train(x, y, np.arange(ROWS), 3, 0.1, n=ROWS, optimizer=memory, **more)
    for got, expected in zip(net.weights, twin.weights, strict=True):
        assert_close(got, expected)


@pytest.mark.parametrize("inputs", [MOST_COLUMNS, MOST_COLUMNS + 1])
def test_evaluate(inputs):
    """With so many neurons that it is worth finding the non-zeros."""
    x, labels = sample(inputs)
    net = fastnn.Network([inputs, 130, OUTPUTS], "tanh", seed=1)
    twin = reference(net)
    assert_close(net.feedforward(x), twin.feedforward(x))
    costs = twin.data_costs(x, np.eye(OUTPUTS, dtype="float32")[labels])
    assert_close(np.float32(net.evaluate(x, labels).data_cost), costs.mean())


@pytest.mark.parametrize("inputs", [MOST_COLUMNS, MOST_COLUMNS + 1])
def test_the_books_list_of_columns(inputs):
    x, labels = sample(inputs)
    y = np.eye(OUTPUTS)[labels]
    data = [(row[:, np.newaxis], t[:, np.newaxis]) for row, t in zip(x, y, strict=True)]
    net = network.Network([inputs, OUTPUTS])
    twin = Reference(net.weights, net.biases, ["sigmoid"], "quadratic")
    net.SGD(data, 1, ROWS, 0.1)  # one mini-batch: the order does not matter
    twin.update_mini_batch(x, y, 0.1, 0.0, 0.0, ROWS)
    for got, expected in zip(
        [*net.weights, *net.biases], [*twin.weights, *twin.biases], strict=True
    ):
        assert_close(got, expected)
