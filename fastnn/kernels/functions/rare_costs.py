"""Rarer costs, and their derivatives by a: kernels call them through their address, see calls."""

from collections.abc import Callable

from fastnn.kernels import elementary
from fastnn.kernels.functions.activations import fill_padding
from fastnn.kernels.simd import absolute, fma, lanes_at, load, store, sum_lanes, where_positive

__all__ = ["FUNCTIONS"]

# A weighted input so low that, with y = 0, it costs nothing: exp(-87) = 2e-38.
NO_COST = -87.0


def mean_absolute_error(m, n, stride, a, y, _):
    """Sum |a - y|."""
    total = 0.0
    for i in range(0, m * stride, lanes_at(a)):
        total += sum_lanes(absolute(load(a, i) - load(y, i)))
    return total


def mean_absolute_error_derivative(m, n, stride, a, y, delta):
    """sgn(a - y), 0 at 0."""
    for i in range(0, m * stride, lanes_at(a)):
        d = load(a, i) - load(y, i)
        store(delta, i, where_positive(d, 1.0, where_positive(-d, -1.0, d)))  # NaN stays NaN
    return 0.0


def huber(m, n, stride, a, y, _):
    """Sum of d^2 / 2 where |d| = |a - y| <= 1, else of |d| - 1/2 (Huber 1964)."""
    total = 0.0
    for i in range(0, m * stride, lanes_at(a)):
        d = load(a, i) - load(y, i)
        clipped = elementary.clamp(d, 1.0)
        total += sum_lanes(clipped * fma(clipped, -0.5, d))
    return total


def huber_derivative(m, n, stride, a, y, delta):
    """a - y, kept within [-1, 1]."""
    for i in range(0, m * stride, lanes_at(a)):
        store(delta, i, elementary.clamp(load(a, i) - load(y, i), 1.0))
    return 0.0


def poisson(m, n, stride, z, y, _):
    """Sum exp(z) - y z: minus the log-likelihood of counts y, without ln y!, for a = exp(z)."""
    total = 0.0
    fill_padding(z, m, n, stride, NO_COST)
    for i in range(0, m * stride, lanes_at(z)):
        v = load(z, i)
        total += sum_lanes(fma(-v, load(y, i), elementary.exp(v)))
    return total


# A cost, and its derivative by a unless sigma' cancels.
FUNCTIONS: tuple[Callable, ...] = (
    mean_absolute_error,
    mean_absolute_error_derivative,
    huber,
    huber_derivative,
    poisson,
)
