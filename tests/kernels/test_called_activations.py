"""Activations that are called through their address: largest errors, limits, padding."""

import math

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from jitted import kernel

from fastnn.engine import ACTIVATIONS
from fastnn.kernels.functions.calls import call
from fastnn.kernels.simd import pointer
from fastnn.machine.registers import FUSES
from fastnn.native.functions import Called, activation

POINTS = 2_000 if KERNELS_ARE_INTERPRETED else 100_000
DTYPES = ["float32", "float64"]


@kernel
def apply(address, m, n, stride, a, slope):
    p = pointer(slope, 0)
    call(address, m, n, stride, pointer(a, 0), p, p, np.int64(0))


def applied(name, z):
    """(a, slope) for every element of z, which is one row."""
    n, stride = z.size, -(-z.size // 16) * 16
    a, slope = np.full(stride, 0, z.dtype), np.full(stride, np.nan, z.dtype)
    a[:n] = z
    _, called = activation(name, z.dtype)
    apply(called.address, 1, n, stride, a, slope)
    assert not a[n:].any()
    assert not slope[n:].any()
    return a[:n], slope[:n]


def normal(z):
    """Phi(z) for long doubles, from math.erfc of the nearest double and its derivative."""
    x = -z / np.sqrt(np.longdouble(2))
    near = x.astype("float64")
    erfc = np.array([math.erfc(number) for number in near]).astype(np.longdouble)
    return (erfc - 2 / np.sqrt(np.longdouble(math.pi)) * np.exp(-(x**2)) * (x - near)) / 2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.longdouble(math.pi))


def mish_slope(z):
    t = np.tanh(np.log1p(np.exp(z)))
    return t + z * (1 - t**2) * sigmoid(z)


ONE = np.longdouble(1)
SELU_SCALE, SELU_ALPHA = map(np.longdouble, (1.0507009873554805, 1.6732632423543772))
EXACT = {
    "leaky_relu": (
        lambda z: np.where(z > 0, z, z / 100),
        lambda z: np.where(z > 0, ONE, ONE / 100),
    ),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, ONE, np.exp(z))),
    "gelu": (lambda z: z * normal(z), lambda z: normal(z) + z * density(z)),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    "softplus": (lambda z: np.log1p(np.exp(z)), sigmoid),
    "exponential": (np.exp, np.exp),
    "selu": (
        lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(z)),
        lambda z: SELU_SCALE * np.where(z > 0, ONE, SELU_ALPHA * np.exp(z)),
    ),
    "mish": (lambda z: z * np.tanh(np.log1p(np.exp(z))), lambda z: mish_slope(z)),
}

# name, from, to, units in the last place of a, and of slope relative to a number of at least 1:
# slopes of gelu, silu and mish go through 0, where they can have no relative accuracy
CASES = [
    ("leaky_relu", -50, 50, 1, 1),
    ("elu", -30, 30, 3, 2),
    ("gelu", -5, 5, 8, 3),
    ("silu", -30, 30, 4, 3),
    ("softplus", -30, 30, 4, 3),
    ("exponential", -80, 80, 2, 2),
    ("selu", -30, 30, 4, 3),
    ("mish", -30, 30, 5, 4),
]


def units(got, expected, least):
    size = np.maximum(np.abs(expected), least).astype(got.dtype)
    return float((np.abs(got - expected) / np.spacing(size)).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "low", "high", "bound", "slope_bound"), CASES)
def test_largest_error(name, low, high, bound, slope_bound, dtype):
    z = np.linspace(low, high, POINTS).astype(dtype)
    exact_a, exact_slope = (function(z.astype(np.longdouble)) for function in EXACT[name])
    a, slope = applied(name, z)
    least = 1.0 if name in ("gelu", "silu", "mish") else 0.0
    if KERNELS_ARE_INTERPRETED or not FUSES:  # fma rounds twice there
        bound += 30 if name == "gelu" else 3
    assert 0 < units(a, exact_a, 0.0) <= bound  # 0: compared with itself
    assert units(slope, exact_slope, least) <= slope_bound


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_limits(name, dtype):
    """Far out nothing overflows to NaN; NaN stays NaN."""
    a, slope = applied(name, np.array([np.nan, -1e4, -50, 0, 1e4], dtype))
    assert np.isnan(a[0])
    assert np.isfinite(a[1:]).all()
    assert np.isfinite(slope[1:]).all()
    if name == "exponential":
        np.testing.assert_allclose(a[1:4], [0, 0, 1], atol=1e-20)
        return
    lowest = {"leaky_relu": -100, "elu": -1, "selu": -SELU_SCALE * SELU_ALPHA}.get(name, 0)
    steepest = SELU_SCALE if name == "selu" else 1
    least = 0.01 if name == "leaky_relu" else 0
    np.testing.assert_allclose(a[[1, 4]], [lowest, 1e4 * steepest], rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(slope[[1, 4]], [least, steepest], rtol=1e-6, atol=1e-30)


def test_every_called_activation_is_tested():
    assert set(EXACT) == {name for name in ACTIVATIONS if activation(name, np.dtype("f4"))[1]}


def test_called_functions_are_compiled_once():
    first, again = (activation("elu", np.dtype("float32"))[1] for _ in range(2))
    assert isinstance(first, Called)
    assert first is again
