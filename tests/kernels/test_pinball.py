"""The cost of quantiles, against the reference and against what it is for."""

import numpy as np
import pytest
from tolerance import assert_close

import fastnn
from fastnn.engine import Engine, UpdateRule, gradients, train
from fastnn.reference.network import Reference, pinball


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("quantiles", [(0.3,), (0.1, 0.5, 0.95)])
def test_parity(quantiles, dtype):
    rng, outputs = np.random.default_rng(0), max(3, len(quantiles))
    engine = Engine([5, 9, outputs], ["tanh", "identity"], ("pinball", quantiles), dtype)
    for array in (*engine.weights, *engine.biases):
        array[...] = rng.standard_normal(array.shape) / 3
    reference = Reference(engine.weights, engine.biases, ["tanh", "identity"], pinball(quantiles))
    x = rng.standard_normal((30, 5)).astype(dtype)
    y = rng.standard_normal((30, outputs)).astype(dtype)
    cost, _ = engine.evaluate(x, y)
    assert_close(np.asarray(cost, dtype), reference.data_costs(x, y).sum(), scale=30)
    for got, expected in zip(gradients(engine, x, y), reference.gradients(x, y), strict=True):
        for a, b in zip(got, expected, strict=True):
            assert_close(a, b, scale=30)
    order = rng.permutation(30)
    train(engine, x, y, order, UpdateRule(7, 0.1, 0.1, 0.2, 30))
    reference.train(x, y, order, 7, 0.1, 0.1, 0.2)
    for a, b in zip(engine.weights, reference.weights, strict=True):
        assert_close(a, b, scale=np.abs(b).max())


def test_what_is_equal_has_no_gradient_and_nan_is_not_hidden():
    engine = Engine([1, 2], ["identity"], ("pinball", (0.9,)), "float64")
    x, y = np.ones((1, 1)), np.array([[0.0, np.nan]])
    _, (nabla,) = gradients(engine, x, y)
    assert nabla[0, 0] == 0
    assert np.isnan(nabla[1, 0])
    assert np.isnan(engine.evaluate(x, y)[0])


def test_a_network_of_quantiles(tmp_path):
    net = fastnn.Network([2, 4, 2], "tanh", fastnn.Pinball([0.1, 0.9]), seed=0)
    assert net.output_activation == "identity"
    x, y = np.random.default_rng(0).standard_normal((2, 50, 2))
    net.fit(x, y, epochs=2)
    net.save(tmp_path / "net.npz")
    again = fastnn.load(tmp_path / "net.npz")
    assert again.cost == net.cost
    assert np.array_equal(again.predict(x), net.predict(x))
    again.fit(x, y, epochs=1)
    net.fit(x, y, epochs=1)
    assert np.array_equal(again.weights[0], net.weights[0])
    assert fastnn.Network([2, 1], cost="pinball").cost == fastnn.Pinball(0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fastnn.Pinball(1.5), "Pinball: quantiles: expected"),
        (lambda: fastnn.Pinball([0.5, 0]), r"Pinball: quantiles\[1\]: expected"),
        (lambda: fastnn.Pinball([]), "Pinball: expected at least one quantile"),
        (
            lambda: fastnn.Network([2, 3], cost=fastnn.Pinball([0.1, 0.9])),
            "cost: expected one quantile, or one for each of the 3 outputs, got 2",
        ),
    ],
)
def test_what_is_no_quantile(make, message):
    with pytest.raises(ValueError, match=message):
        make()
