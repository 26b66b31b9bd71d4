"""Rarer costs, and their derivatives by a: kernels call them through their address, see calls.

The clipped ones are scikit-learn's: probabilities of log_loss are at least a unit in the last place
of 1, and at most 1 less that; the gradient is that of the cost without it.
"""

import math
from collections.abc import Callable

from fastnn.kernels import elementary
from fastnn.kernels.addresses import floats_at
from fastnn.kernels.functions.activations import fill_padding, largest_of
from fastnn.kernels.jit import inline
from fastnn.kernels.simd import (
    absolute,
    advance,
    fma,
    item,
    itemsize,
    keep_lanes,
    lanes_at,
    load,
    set_item,
    store,
    sum_lanes,
    where_positive,
    zeros,
)

__all__ = ["FUNCTIONS"]

# A weighted input so low that, with y = 0, it costs nothing: exp(-87) = 2e-38.
NO_COST = -87.0
# A unit in the last place of 1, and the cost of a probability as small as that.
UNIT_32, UNIT_64 = 2.0**-23, 2.0**-52
MOST_32, MOST_64 = 23 * math.log(2), 52 * math.log(2)


def mean_absolute_error(m, n, stride, a, y, _, numbers):
    """Sum |a - y|."""
    total = 0.0
    for i in range(0, m * stride, lanes_at(a)):
        total += sum_lanes(absolute(load(a, i) - load(y, i)))
    return total


def mean_absolute_error_derivative(m, n, stride, a, y, delta, numbers):
    """sgn(a - y), 0 at 0."""
    for i in range(0, m * stride, lanes_at(a)):
        d = load(a, i) - load(y, i)
        store(delta, i, where_positive(d, 1.0, where_positive(-d, -1.0, d)))  # NaN stays NaN
    return 0.0


def huber(m, n, stride, a, y, _, numbers):
    """Sum of d^2 / 2 where |d| = |a - y| <= 1, else of |d| - 1/2 (Huber 1964)."""
    total = 0.0
    for i in range(0, m * stride, lanes_at(a)):
        d = load(a, i) - load(y, i)
        clipped = elementary.clamp(d, 1.0)
        total += sum_lanes(clipped * fma(clipped, -0.5, d))
    return total


def huber_derivative(m, n, stride, a, y, delta, numbers):
    """a - y, kept within [-1, 1]."""
    for i in range(0, m * stride, lanes_at(a)):
        store(delta, i, elementary.clamp(load(a, i) - load(y, i), 1.0))
    return 0.0


def pinball(m, n, stride, a, y, _, numbers):
    """Sum of q d where d = y - a is positive, else of (q - 1) d (Koenker and Bassett 1978).

    Its mean is least where a share q of targets is below a. `numbers` has the q of each output.
    """
    total, quantiles = 0.0, floats_at(numbers, n)
    for i in range(0, m * stride, stride):
        for j in range(n):
            d, q = float(item(y, i + j) - item(a, i + j)), item(quantiles, j)
            total += q * d if d > 0.0 else (q - 1.0) * d
    return total


def pinball_derivative(m, n, stride, a, y, delta, numbers):
    """-q where the target is above a, 1 - q where it is below, 0 where they are equal."""
    quantiles = floats_at(numbers, n)
    for i in range(0, m * stride, stride):
        for j in range(n):
            d, q = float(item(y, i + j) - item(a, i + j)), item(quantiles, j)
            set_item(delta, i + j, -q if d > 0.0 else (1.0 - q if d < 0.0 else d))  # NaN stays NaN
    fill_padding(delta, m, n, stride, 0.0)
    return 0.0


def poisson(m, n, stride, z, y, _, numbers):
    """Sum exp(z) - y z: minus the log-likelihood of counts y, without ln y!, for a = exp(z)."""
    total = 0.0
    fill_padding(z, m, n, stride, NO_COST)
    for i in range(0, m * stride, lanes_at(z)):
        v = load(z, i)
        total += sum_lanes(fma(-v, load(y, i), elementary.exp(v)))
    return total


@inline
def _clipped(cost):
    """-ln p, for p between a unit in the last place and 1 less that; NaN stays NaN."""
    least, most = UNIT_64, MOST_64
    if itemsize(cost) == 4:
        least, most = UNIT_32, MOST_32
    cost = where_positive(cost - most, most, cost)
    return where_positive(least - cost, least, cost)


def clipped_cross_entropy(m, n, stride, z, y, _, numbers):
    """Sum -(y ln a + (1 - y) ln(1 - a)) for targets y of 0 and 1."""
    total = 0.0
    for i in range(0, m * stride, stride):
        for j in range(0, stride, lanes_at(z)):
            v = load(z, i + j)
            cost = _clipped(fma(-v, load(y, i + j), elementary.softplus(v)))
            total += sum_lanes(keep_lanes(cost, n - j, 0.0))
    return total


def clipped_log_likelihood(m, n, stride, z, y, _, numbers):
    """Sum -y ln a for a = softmax(z)."""
    total, lanes = 0.0, lanes_at(z)
    for i in range(m):
        row, targets = advance(z, i * stride), advance(y, i * stride)
        largest, powers, costs = largest_of(row, n), zeros(z), zeros(z)
        for j in range(0, stride, lanes):
            powers = powers + keep_lanes(elementary.exp(load(row, j) - largest), n - j, 0.0)
        rest = math.log(sum_lanes(powers))
        for j in range(0, stride, lanes):
            cost = _clipped((largest - load(row, j)) + rest)
            costs = fma(load(targets, j), keep_lanes(cost, n - j, 0.0), costs)
        total += sum_lanes(costs)
    return total


# A cost, and its derivative by a unless sigma' cancels.
FUNCTIONS: tuple[Callable, ...] = (
    mean_absolute_error,
    mean_absolute_error_derivative,
    huber,
    huber_derivative,
    pinball,
    pinball_derivative,
    poisson,
    clipped_cross_entropy,
    clipped_log_likelihood,
)
