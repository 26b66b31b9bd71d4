"""fit(optimizer="lbfgs"): all rows at once, by SciPy."""

import sys

import numpy as np
import pytest
from samples import reference

import fastnn

scipy_optimize = pytest.importorskip("scipy.optimize")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((90, 6))
Y = (X[:, :3] @ RNG.standard_normal((3, 4))).argmax(axis=1)
WEIGHTS = RNG.uniform(0.2, 2, 90)


def network(**more):
    settings = {"activation": "tanh", "cost": "log_likelihood", "seed": 1, "dtype": "float64"}
    return fastnn.Network([6, 8, 4], **{**settings, **more})


def by_scipy(net, l2, iterations, weights=None):
    """The same minimum by SciPy on the NumPy reference."""
    twin, y = reference(net), np.eye(4)[Y]
    shapes = [p.shape for p in (*twin.weights, *twin.biases)]
    count = len(X) if weights is None else weights.sum()

    def unpack(theta):
        for k, shape in enumerate(shapes):
            size = int(np.prod(shape))
            part, theta = theta[:size].reshape(shape), theta[size:]
            (twin.weights if k < 2 else twin.biases)[k % 2] = part

    def objective(theta):
        unpack(theta)
        costs = twin.data_costs(X, y) * (1 if weights is None else weights)
        nabla_w, nabla_b = twin.gradients(X, y, weights=weights)
        squares = sum((w**2).sum() for w in twin.weights)
        pulled = [g / count + l2 / 90 * w for g, w in zip(nabla_w, twin.weights, strict=True)]
        gradient = [*pulled, *(g / count for g in nabla_b)]
        cost = costs.sum() / count + l2 / 180 * squares
        return cost, np.concatenate([g.ravel() for g in gradient])

    start = np.concatenate([p.ravel() for p in (*twin.weights, *twin.biases)])
    options = {"maxiter": iterations, "gtol": 1e-5, "maxfun": 15_000}
    found = scipy_optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    unpack(found.x)
    return twin, found


@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_scipys_minimum(weighted):
    net = network()
    twin, found = by_scipy(net, 2.0, 12, WEIGHTS if weighted else None)
    more = {"sample_weight": WEIGHTS, "mean_over": "weights"} if weighted else {}
    history = net.fit(X, Y, epochs=12, optimizer="lbfgs", l2=2.0, **more)
    assert len(history.epoch) == found.nit == 12
    cost = history.data_cost[-1] + history.penalty[-1]
    assert cost == pytest.approx(found.fun, rel=1e-9)
    for got, expected in zip(net.weights, twin.weights, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-7)


def test_what_an_epoch_tells():
    net, told = network(dtype="float32"), []
    history = net.fit(
        X, Y, epochs=30, optimizer=fastnn.LBFGS(memory=5, tolerance=1e-3), validation_data=(X, Y),
        callbacks=lambda net, epoch: told.append(epoch),
    )  # fmt: skip
    assert [epoch.epoch for epoch in told] == history.epoch
    assert history.accuracy[-1] == net.evaluate(X, Y).accuracy == history.validation_accuracy[-1]
    assert history.data_cost[-1] == pytest.approx(net.evaluate(X, Y).data_cost, rel=1e-5)
    assert history.learning_rate == [None] * len(history.epoch)
    assert net.history.epoch == history.epoch
    again = net.fit(X, Y, epochs=2, optimizer="lbfgs")
    assert again.epoch[0] == history.epoch[-1] + 1


def test_it_ends_when_told():
    net = network()
    history = net.fit(X, Y, epochs=50, optimizer="lbfgs", callbacks=lambda _, e: e.epoch == 3)
    assert history.epoch == [1, 2, 3]
    stopping = fastnn.EarlyStopping("accuracy", patience=2)
    history = network().fit(X, Y, epochs=100, optimizer="lbfgs", callbacks=stopping)
    assert len(history.epoch) < 100
    assert history.best_epoch is not None


def test_an_exception_leaves_what_was_learned():
    net, kept = network(), []

    def fail(net, epoch):
        kept.append(net.weights[0].copy())
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=50, optimizer="lbfgs", callbacks=fail)
    assert np.array_equal(net.weights[0], kept[-1])
    assert net.history.epoch == [1, 2]


def test_it_is_saved_and_goes_on(tmp_path):
    net = network()
    net.fit(X, Y, epochs=2, optimizer="lbfgs")
    net.save(tmp_path / "net.npz")
    again = fastnn.load(tmp_path / "net.npz")
    assert np.array_equal(again.weights[0], net.weights[0])
    again.fit(X, Y, epochs=1, optimizer="adam", learning_rate=0.01)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"l1": 1.0}, "l1: expected none with the optimizer lbfgs"),
        ({"dropout": 0.5}, "dropout: expected none with the optimizer lbfgs"),
        ({"max_norm": 2.0}, "max_norm: expected none with the optimizer lbfgs"),
        ({"callbacks": fastnn.Checkpoint("run.npz")}, "callbacks: expected no Checkpoint"),
        ({"optimizer": fastnn.LBFGS(memory=0)}, "lbfgs's memory: expected"),
        ({"optimizer": fastnn.LBFGS(tolerance=0)}, "lbfgs's tolerance: expected"),
    ],
)
def test_what_it_does_not_take(settings, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = network()
    before = net.weights[0].copy()
    with pytest.raises(ValueError, match=message):
        net.fit(X, Y, **{"optimizer": "lbfgs", **settings})
    assert np.array_equal(net.weights[0], before)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match="optimizer: 'lbfgs' needs SciPy, .* pip install"):
        network().fit(X, Y, optimizer="lbfgs")
