"""What optimizers remember of a gradient that is 0 for long becomes 0, and is never denormal."""

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from ways import Fixed

from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.engine.strategy import DENSE, SORTED

# Without care a moment would stop shrinking at the smallest denormal numbers, of which 0.7 is
# rounded to the number itself; 0.5 of the smallest one would be 0.
OPTIMIZERS = {
    "momentum": {"mu": 0.7},
    "nesterov": {"mu": 0.7},
    "rmsprop": {"beta2": 0.7, "epsilon": 1e-3},
    "adam": {"beta1": 0.7, "beta2": 0.7, "epsilon": 1e-3},
    "adamw": {"beta1": 0.7, "beta2": 0.7, "epsilon": 1e-3},
}
# Three rows: one to begin with, one without input 0 for which neuron 0 is dead, and the first
# one again with a target that is NaN.
X = np.float64([[1, 1, 1], [0, 1, 1], [1, 1, 1]])
Y = np.float64([[1, 0], [1, 0], [np.nan, np.nan]])
WEIGHTS = np.float64([[3, -1, -1], [1, 1, 2], [1, 2, 1]]), np.float64([[1, -1, 2], [2, 2, -1]])
ALL = [
    pytest.param(optimizer, dtype, way, id=f"{optimizer}-{dtype}-{way}")
    for optimizer in OPTIMIZERS
    for dtype in ("float32", "float64")
    for way in (DENSE, SORTED)
]


def trainer_of(optimizer, dtype, way):
    """A trainer by single rows, and what its optimizer remembers: a dictionary of arrays."""
    engine = Engine([3, 3, 2], ["relu", "identity"], "quadratic", dtype)
    for w, values in zip(engine.weights, WEIGHTS, strict=True):
        w[...] = values
    # So slow that its neurons stay as dead, and its gradients as large, as they are.
    rule = UpdateRule(1, 1e-8, 0.0, 0.0, 3, optimizer, **OPTIMIZERS[optimizer])
    trainer = Trainer(engine, X.astype(dtype), Y.astype(dtype), rule, strategy=Fixed(way))
    memory = {"first": trainer.memory.first, "second": trainer.memory.second}
    return trainer, {name: engine.matrices(m) for name, m in memory.items() if m.size}


def vanishing(moments):
    """Those of input 0, then all of neuron 0, where the second row's gradient is 0."""
    (w1, w2), (b1, _) = moments
    return np.concatenate([w1[1:, 0], w1[0], b1[0], w2[:, 0]])


def lasting(moments):
    """The others."""
    (w1, w2), (b1, b2) = moments
    return np.concatenate([w1[1:, 1:].ravel(), b1[1:, 0], w2[:, 1:].ravel(), b2[:, 0]])


@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="takes minutes without kernels")
@pytest.mark.parametrize(("optimizer", "dtype", "way"), ALL)
def test_after_3000_updates(optimizer, dtype, way):
    trainer, memory = trainer_of(optimizer, dtype, way)
    smallest, seen = np.finfo(dtype).tiny, {name: 1.0 for name in memory}
    trainer.run(np.int64([0]))
    for moments in memory.values():
        assert vanishing(moments).all()
    for _ in range(3000):
        trainer.run(np.int64([1]))
        for name, moments in memory.items():
            sizes = np.abs(vanishing(moments))
            assert ((sizes == 0) | (sizes >= smallest)).all()
            seen[name] = min(seen[name], sizes[sizes > 0].min(initial=1.0))
    for name, moments in memory.items():
        assert not vanishing(moments).any()
        assert lasting(moments).all()
        assert seen[name] < 2 * smallest  # no number is lost before it has to be


@pytest.mark.parametrize(("optimizer", "dtype", "way"), ALL)
def test_at_the_smallest_normal_number(optimizer, dtype, way):
    trainer, memory = trainer_of(optimizer, dtype, way)
    smallest = np.finfo(dtype).tiny
    for sign in (1, -1):
        for name, moments in memory.items():
            vanished = sign if name == "first" else 1
            for part in (*moments[0], *moments[1]):
                part[...] = vanished * 2 * smallest
        trainer.run(np.int64([1]))
        for name, moments in memory.items():
            kept = (sign if name == "first" else 1) * np.dtype(dtype).type(1.4) * smallest
            np.testing.assert_allclose(vanishing(moments), kept, rtol=1e-6, atol=0)
        trainer.run(np.int64([1]))
        for moments in memory.values():
            assert not vanishing(moments).any()
            assert lasting(moments).all()


@pytest.mark.parametrize(("optimizer", "dtype", "way"), ALL)
def test_nan_stays_nan(optimizer, dtype, way):
    trainer, memory = trainer_of(optimizer, dtype, way)
    trainer.run(np.int64([2]))
    for moments in memory.values():
        assert np.isnan(vanishing(moments)).all()
        assert np.isnan(lasting(moments)).all()
    trainer.run(np.int64([0]))
    for moments in memory.values():
        assert np.isnan(lasting(moments)).all()
