"""fit(optimizer=...): all of them, and what they remember from one call to the next."""

from itertools import combinations

import numpy as np
import pytest
from samples import labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn import reference as twins

X, LABELS = labelled()
OPTIMIZERS = {
    "momentum": ("momentum", lambda: twins.Momentum(mu=0.9)),
    "momentum 1/2": (fastnn.Momentum(0.5), lambda: twins.Momentum(mu=0.5)),
    "nesterov": ("nesterov", lambda: twins.Nesterov(mu=0.9)),
    "rmsprop": ("rmsprop", lambda: twins.RMSProp(rho=0.9, epsilon=1e-8)),
    "rmsprop's own": (fastnn.RMSProp(0.8, 1e-3), lambda: twins.RMSProp(rho=0.8, epsilon=1e-3)),
    "adamw": ("adamw", lambda: twins.AdamW()),
    "adam": ("adam", lambda: twins.Adam(beta1=0.9, beta2=0.999, epsilon=1e-8)),
    "adam's own": (
        fastnn.Adam(0.8, 0.95, 1e-3),
        lambda: twins.Adam(beta1=0.8, beta2=0.95, epsilon=1e-3),
    ),
}


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize(("optimizer", "twin"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_trajectory(optimizer, twin, zeros):
    """Fifteen updates, in two calls of fit: the memory lasts."""
    x, y = X.copy(), one_hot(LABELS)
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    net = small(seed=7, activation="tanh")
    expected, memory, first = reference(net), twin(), net.weights[0].copy()
    rng = np.random.default_rng(7)
    rng.standard_normal(4 + 3 + 4 * 5 + 3 * 4)  # the initial parameters

    def compare(*_):
        order = rng.permutation(23)
        for start in range(0, 23, 5):
            rows = order[start : start + 5]
            expected.update_mini_batch(x[rows], y[rows], 0.05, 0.3, 0.7, 23, memory)
        assert_close(net.weights[0], expected.weights[0])
        assert_close(net.weights[1], expected.weights[1])
        assert_close(net.biases[0], expected.biases[0])
        assert_close(net.biases[1], expected.biases[1])

    for epochs in (1, 2):
        net.fit(
            x,
            LABELS,
            epochs=epochs,
            batch_size=5,
            learning_rate=0.05,
            l1=0.3,
            l2=0.7,
            optimizer=optimizer,
            callbacks=compare,
        )
    assert net.history.epoch == [1, 2, 3]
    assert np.abs(net.weights[0] - first).max() > 0.05


@pytest.mark.parametrize("other", ["sgd", "adam", fastnn.Momentum(0.5)], ids=str)
def test_another_optimizer_begins_anew(other):
    """Momentum, another one, momentum: the second momentum remembers nothing of the first."""
    net, fresh = small(), small()
    net.fit(X, LABELS, epochs=1, learning_rate=0.05, optimizer="momentum")
    net.fit(X, LABELS, epochs=1, learning_rate=0.05, optimizer=other)
    fresh.weights, fresh.biases = net.weights, net.biases
    fresh._state.rng = np.random.default_rng(1)
    net._state.rng = np.random.default_rng(1)
    for each in (net, fresh):
        each.fit(X, LABELS, epochs=1, learning_rate=0.05, optimizer="momentum")
    assert same_bits(net, fresh)


def test_names_are_those_of_the_defaults():
    for name, settings in [
        ("sgd", fastnn.SGD()),
        ("momentum", fastnn.Momentum()),
        ("adam", fastnn.Adam()),
        ("nesterov", fastnn.Nesterov()),
        ("rmsprop", fastnn.RMSProp()),
        ("adamw", fastnn.AdamW()),
    ]:
        nets = [small(), small()]
        for net, optimizer in zip(nets, (name, settings), strict=True):
            net.fit(X, LABELS, epochs=2, learning_rate=0.05, optimizer=optimizer)
        assert same_bits(*nets)
    assert fastnn.Momentum().mu == 0.9
    assert fastnn.Adam() == (0.9, 0.999, 1e-8, None, False)


def test_optimizers_differ():
    nets = []
    for optimizer in ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"):
        nets.append(small())
        nets[-1].fit(X, LABELS, epochs=1, learning_rate=0.05, l2=0.5, optimizer=optimizer)
    for one, other in combinations(nets, 2):
        assert not same_bits(one, other)


@pytest.mark.parametrize(
    "optimizer",
    [
        fastnn.SGD(clip_norm=np.float32(1)),
        fastnn.Adam(clip_norm=np.int64(1)),
        fastnn.Momentum(np.float32(0.5)),
    ],
    ids=str,
)
def test_numbers_of_numpy_can_be_saved(tmp_path, optimizer):
    net = small()
    net.fit(X, LABELS, epochs=1, learning_rate=0.05, optimizer=optimizer)
    net.save(tmp_path / "net.npz")
    assert same_bits(fastnn.load(tmp_path / "net.npz"), net)
