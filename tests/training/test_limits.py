"""Lambdas a layer, proximal L1, max_norm and clip_norm, against the reference."""

import numpy as np
import pytest
from samples import labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn.reference.network import penalty

X, LABELS = labelled()
PROXIMAL = {"l1_mode": "proximal"}  # as the reference calls it
# What fit takes, and what the reference takes in its place.
SETTINGS = {
    "a lambda a layer": ({"l1": [0.0, 0.3], "l2": (0.7, 0.0)}, {}),
    "elastic net": ({"l1": 0.3, "l2": 0.7}, {}),
    "proximal": ({"l1": fastnn.Proximal(0.5), "l2": 0.7}, {"l1": 0.5, **PROXIMAL}),
    "a proximal lambda a layer": (
        {"l1": fastnn.Proximal([0.0, 0.5])},
        {"l1": [0.0, 0.5], **PROXIMAL},
    ),
    "max-norm": ({"max_norm": 0.6}, {}),
    "max-norm and L1": ({"max_norm": 0.4, "l1": 1.0}, {}),
    "max-norm and proximal L1": (
        {"max_norm": 0.4, "l1": fastnn.Proximal(1.0), "l2": 0.7},
        {"l1": 1.0, **PROXIMAL},
    ),
    "clipping": ({"optimizer": fastnn.SGD(clip_norm=0.1)}, {"clip_norm": 0.1}),
}


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize(("settings", "theirs"), SETTINGS.values(), ids=SETTINGS)
def test_same_as_the_reference(settings, theirs, zeros):
    x, y = X.copy(), one_hot(LABELS)
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    net, plain = small(activation="tanh"), small(activation="tanh")
    twin = reference(net)
    net.fit(x, LABELS, epochs=2, batch_size=5, learning_rate=0.3, shuffle=False, **settings)
    plain.fit(x, LABELS, epochs=2, batch_size=5, learning_rate=0.3, shuffle=False)
    shared = {name: value for name, value in settings.items() if name != "optimizer"}
    for _ in range(2):
        twin.train(x, y, np.arange(23), 5, 0.3, **{**shared, **theirs})
    for got, expected in zip(
        [*net.weights, *net.biases], [*twin.weights, *twin.biases], strict=True
    ):
        assert_close(got, expected)
    assert not same_bits(net, plain)


def test_the_penalty_of_a_lambda_a_layer():
    net = small()
    net.fit(X, LABELS, epochs=1, l1=[0.0, 0.3], l2=[0.7, 0.0])
    first, second = net.weights
    expected = penalty([first], 0.0, 0.7, 23) + penalty([second], 0.3, 0.0, 23)
    assert net.history.penalty[-1] == pytest.approx(expected)
    assert net.evaluate(X, LABELS).penalty == pytest.approx(expected)


def test_lambdas_a_layer_are_saved(tmp_path):
    net = small()
    net.fit(X, LABELS, epochs=1, l1=[0.0, 0.3], l2=[0.7, 0.0])
    net.save(tmp_path / "net.npz")
    assert fastnn.load(tmp_path / "net.npz").evaluate(X, LABELS) == net.evaluate(X, LABELS)


def test_proximal_l1_makes_zeros_and_the_subgradient_none():
    nets = small(), small()
    for net, l1 in zip(nets, (fastnn.Proximal(1.0), 1.0), strict=True):
        net.fit(X, LABELS, epochs=5, learning_rate=0.1, l1=l1)
    assert np.count_nonzero(nets[0].weights[0] == 0) >= 3
    assert np.count_nonzero(nets[1].weights[0] == 0) == 0


def test_a_max_norm_a_layer_or_none():
    net = small()
    net.fit(X, LABELS, epochs=5, learning_rate=1.0, max_norm=[None, 0.5])
    norms = [np.linalg.norm(w, axis=1) for w in net.weights]
    assert norms[0].max() > 0.6
    assert norms[1].max() <= 0.5 * (1 + 1e-12)


def test_max_norms_in_an_array():
    nets = small(), small()
    for net, limits in zip(nets, ([0.4, 0.6], np.array([0.4, 0.6])), strict=True):
        net.fit(X, LABELS, epochs=1, max_norm=limits)
    assert same_bits(*nets)
    assert np.linalg.norm(nets[1].weights[0], axis=1).max() <= 0.4 * (1 + 1e-12)
