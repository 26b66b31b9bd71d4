"""What users get: fit and evaluate by the way of layer 1 that is chosen, against the reference."""

import numpy as np
import pytest
from samples import reference
from tolerance import assert_close
from ways import Recorded

import fastnn
from fastnn import reference as twins
from fastnn.engine import strategy
from fastnn.engine.strategy import DENSE, SCALED, SORTED

pytestmark = pytest.mark.real_choice

ROWS, INPUTS, OUTPUTS = 70, 784, 10
ADAM = fastnn.Adam(epsilon=1e-3), lambda: twins.Adam(epsilon=1e-3)
MOMENTUM = fastnn.Momentum(mu=0.8), lambda: twins.Momentum(mu=0.8)
SGD = fastnn.SGD(), twins.SGD
# A sub-gradient flips the sign of a weight near 0, and rounding may decide on which side it is.
PROXIMAL = {"l1_mode": "proximal"}

# The way, share of the inputs that aren't 0, hidden neurons, mini-batch, optimizer, and settings
# as the reference takes them. So clear cases that registers of any width choose alike.
PATHS = {
    "dense": (DENSE, 1.0, 30, 10, SGD, {"l2": 5.0}),
    "dense, adam": (DENSE, 1.0, 30, 32, ADAM, {"l1": 0.1, **PROXIMAL}),
    "digits": (SCALED, 0.19, 30, 10, SGD, {"l2": 5.0}),
    "digits, max-norm": (SCALED, 0.19, 30, 10, SGD, {"l2": 5.0, "max_norm": 0.9}),
    "L1": (SORTED, 0.02, 130, 64, SGD, {"l1": 0.5, "l2": 5.0, **PROXIMAL}),
    "adam": (SORTED, 0.1, 130, 64, ADAM, {"l2": 5.0}),
    "dropout": (SORTED, 0.1, 30, 64, MOMENTUM, {"drop": [0.2, 0.5]}),
    "clipping": (SORTED, 0.1, 30, 64, MOMENTUM, {"l2": 5.0, "clip_norm": 0.1}),
}


def sample(density, dtype):
    rng = np.random.default_rng(6)
    x = rng.random((ROWS, INPUTS)) * (rng.random((ROWS, INPUTS)) < density)
    return x.astype(dtype), rng.permutation(np.arange(ROWS) % OUTPUTS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("way", "density", "hidden", "m", "optimizer", "more"), PATHS.values(), ids=PATHS
)
def test_fit_and_evaluate(way, density, hidden, m, optimizer, more, dtype, monkeypatch):
    usual = Recorded()
    monkeypatch.setattr(strategy, "usual", usual)
    x, labels = sample(density, dtype)
    y = np.eye(OUTPUTS, dtype=dtype)[labels]
    net = fastnn.Network([INPUTS, hidden, OUTPUTS], "sigmoid", seed=2, dtype=dtype)
    twin, (ours, theirs) = reference(net), optimizer
    eta = 0.1 if theirs is twins.SGD else 0.01
    rates = more.get("drop", [0.0, 0.0])
    settings = {name: value for name, value in more.items() if name != "drop"}
    settings_of_fit = dict(settings)
    if settings_of_fit.pop("l1_mode", None):
        settings_of_fit["l1"] = fastnn.Proximal(settings["l1"])
    ours = ours._replace(clip_norm=settings_of_fit.pop("clip_norm", None))
    net.fit(
        x,
        labels,
        epochs=2,
        batch_size=m,
        learning_rate=eta,
        optimizer=ours,
        shuffle=False,
        dropout=rates[1],
        input_dropout=rates[0],
        **settings_of_fit,
    )
    assert usual.taken == {way}
    l1, l2 = settings.pop("l1", 0.0), settings.pop("l2", 0.0)
    memory, starts = theirs(), [*range(0, ROWS, m)] * 2
    for update, start in enumerate(starts):
        rows = slice(start, start + m)
        masks = twins.dropout_masks(net._state.dropout_seed, update, net.sizes, rates, len(x[rows]))
        twin.update_mini_batch(
            x[rows],
            y[rows],
            eta,
            l1,
            l2,
            ROWS,
            memory,
            masks=masks if any(rates) else None,
            **settings,
        )
    for got, expected in zip(
        [*net.weights, *net.biases], [*twin.weights, *twin.biases], strict=True
    ):
        assert_close(got, expected)
    outputs, measured = twin.feedforward(x), net.evaluate(x, labels)
    assert_close(net.feedforward(x), outputs)
    assert_close(np.asarray(measured.data_cost, dtype), twin.data_costs(x, y).mean())
    assert measured.accuracy == np.mean(outputs.argmax(axis=1) == labels)
