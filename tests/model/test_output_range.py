"""Targets that the output's activation can't reach: a warning with the range and the cure."""

import math
import warnings

import numpy as np
import pytest
from samples import labelled, same_bits, small

import fastnn
from fastnn.engine import ACTIVATIONS
from fastnn.model.output_range import _RANGES

X = np.linspace(-3, 3, 12)[:, None]


def network(output_activation, cost="quadratic", outputs=1):
    return fastnn.Network(
        [1, 4, outputs], "tanh", cost, output_activation=output_activation, seed=0, dtype="float64"
    )


def warnings_of(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [w for w in caught if w.category is fastnn.TargetRangeWarning]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_ranges_are_those_of_the_activations(activation):
    """What a layer of this activation gives for any z, from far below 0 to far above."""
    outputs = 2 if activation == "softmax" else 1
    net = fastnn.Network(
        [1, outputs], cost="quadratic", output_activation=activation, dtype="float64"
    )
    net.weights, net.biases = [np.ones((outputs, 1))], [np.zeros((outputs, 1))]
    net.weights[0][outputs - 1] = 1 if outputs == 1 else -1
    a = net.feedforward(np.linspace(-500, 500, 400_001)[:, None])
    least, most = _RANGES.get(activation, (-math.inf, math.inf))
    assert (a.min(), a.max()) == (
        pytest.approx(least, abs=1e-5) if least > -math.inf else a.min(),
        pytest.approx(most) if most < math.inf else a.max(),
    )
    assert (a.max() > 100) == (most == math.inf)
    assert (a.min() < -2) == (least == -math.inf)


@pytest.mark.parametrize(
    ("activation", "y", "told"),
    [
        ("sigmoid", np.sin(X), "from 0 to 1, the values of sigmoid outputs, got targets from -0.9"),
        ("sigmoid", 100 * X**2, "from 0 to 1, .* to 900, which can't be learned; "),
        ("tanh", 3 * np.sin(X), "from -1 to 1, the values of tanh outputs, "),
        ("relu", X - 2, "of 0 and more, the values of relu outputs, got targets from -5 to 1"),
        ("softplus", X, "of 0 and more"),
        ("exponential", X, "of 0 and more"),
        ("elu", X, "of -1 and more"),
        ("gelu", X, "of -0.17 and more"),
        ("silu", X, "of -0.28 and more"),
        ("selu", X, "of -1.8 and more"),
        ("mish", X, "of -0.31 and more"),
    ],
)
def test_targets_out_of_reach(activation, y, told):
    net = network(activation)
    (caught,) = warnings_of(lambda: net.fit(X, y, epochs=3))
    assert caught.filename == __file__
    with pytest.warns(fastnn.TargetRangeWarning, match=f"^y: expected targets {told}") as shown:
        net.fit(X, y.ravel(), epochs=1)
    assert "; output_activation='identity' gives any number, or scale the targets" in str(
        shown[0].message
    )


@pytest.mark.parametrize("cost", ["mean_absolute_error", "huber"])
def test_other_costs(cost):
    assert len(warnings_of(lambda: network("tanh", cost).fit(X, 2 * X, epochs=1))) == 1


@pytest.mark.parametrize(
    ("activation", "y"),
    [
        ("sigmoid", (np.sin(X) + 1) / 2),
        ("sigmoid", (X > 0) * 1),
        ("sigmoid", (X - X.min()) / (X.max() - X.min()) * (1 + 1e-6)),
        ("tanh", np.sin(X)),
        ("tanh", np.sign(X)),
        ("relu", X**2),
        ("relu", X * 0),
        ("leaky_relu", 5 * X),
        ("identity", 1000 * X),
        ("elu", np.maximum(X, -1)),
    ],
)
def test_targets_within_reach(activation, y):
    assert warnings_of(lambda: network(activation).fit(X, y, epochs=1)) == []


def test_labels_are_within_reach_of_all():
    x, labels = labelled()
    for activation in ("sigmoid", "tanh", "relu"):
        net = small(cost="quadratic", output_activation=activation)
        assert warnings_of(lambda net=net: net.fit(x, labels, epochs=1)) == []


def test_a_range_that_nobody_knows():
    twice = fastnn.UserActivation(lambda z: 2 * z, lambda z: 2.0, name="twice")
    assert warnings_of(lambda: network(twice).fit(X, 5 * X, epochs=1)) == []


def test_it_is_only_a_warning():
    warned, silent = network("tanh"), network("tanh")
    with pytest.warns(fastnn.TargetRangeWarning):
        warned.fit(X, 2 * X, epochs=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        silent.fit(X, 2 * X, epochs=2)
    assert same_bits(warned, silent)
    assert warned.history.epoch == [1, 2]


def test_as_an_error_it_comes_before_anything_changes():
    net, twin = network("tanh"), network("tanh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(fastnn.TargetRangeWarning):
            net.fit(X, 2 * X, epochs=2)
    assert same_bits(net, twin)
    assert net.history.epoch == []


def test_once_a_fit_and_not_in_compile_or_for_a_resumed_one(tmp_path):
    net, path = network("tanh"), tmp_path / "checkpoint"

    def stop(net, epoch):
        return epoch.epoch == 1

    assert warnings_of(lambda: net.compile(X, 2 * X)) == []
    first = warnings_of(
        lambda: net.fit(X, 2 * X, epochs=3, callbacks=[stop, fastnn.Checkpoint(path)])
    )
    assert len(first) == 1
    assert (
        warnings_of(
            lambda: net.fit(X, 2 * X, epochs=3, callbacks=fastnn.Checkpoint(path, resume=True))
        )
        == []
    )


def test_one_for_each_network_of_fit_many_at_most():
    specs = fastnn.grid(seed=range(2))
    found = warnings_of(
        lambda: fastnn.fit_many(
            specs,
            X,
            2 * X,
            sizes=[1, 2, 1],
            activation="tanh",
            cost="quadratic",
            output_activation="tanh",
            epochs=1,
        )
    )
    assert 1 <= len(found) <= 2
