"""Data costs and their derivative at the output layer, chosen by a run-time code.

Costs with a logarithm are computed from z, not from a = sigma(z): a rounds to 0 or 1 long
before the cost stops growing, and ln 0 is infinite. Sums are float64.

Rarer costs and the user's are called through their address, see called_costs and
user_functions: CALLED ones with a, CALLED_WITH_Z ones with z.
"""

import math

from fastnn.kernels import elementary
from fastnn.kernels.activations import activate, fill_padding, multiply_by_derivative, softmax_row
from fastnn.kernels.calls import call
from fastnn.kernels.jit import inner
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    lanes_at,
    load,
    store,
    sum_lanes,
)

__all__ = [
    "CALLED", "CALLED_WITH_Z", "CODES", "NO_COST", "count_correct", "output_cost", "output_error",
]  # fmt: skip

QUADRATIC, CROSS_ENTROPY, LOG_LIKELIHOOD, CALLED, CALLED_WITH_Z = range(5)
CODES = {
    "quadratic": QUADRATIC,
    "cross-entropy": CROSS_ENTROPY,
    "log-likelihood": LOG_LIKELIHOOD,
}


# A weighted input so low that, with y = 0, it costs nothing: ln(1 + exp(-100)) = 4e-44.
NO_COST = -100.0


@inner
def output_cost(layers, cost, scratch, first, m):
    """Turn the output layer's z into a = sigma(z); return the sum of the data costs.

    For the rows first to first + m - 1 of
    a (m, stride) in z, out sigma(z)
    y (m, stride) in targets, padding zero
    """
    l = layers.last
    n, stride = item(layers.sizes, l), item(layers.strides, l)
    a = advance(scratch, item(layers.a, l) + first * stride)
    y = advance(scratch, item(layers.y, 0) + first * stride)
    total = 0.0
    if cost == CROSS_ENTROPY:
        total = _cross_entropy(a, y, m, n, stride)
    elif cost == CALLED_WITH_Z:
        total = call(item(layers.cost_functions, 0), m, n, stride, a, y, y)
    if cost == LOG_LIKELIHOOD:
        for i in range(0, m * stride, stride):
            total += _softmax_and_log_likelihood(advance(a, i), advance(y, i), n, stride)
    else:
        activate(layers, l, scratch, first, m)
    if cost == QUADRATIC:
        total = _quadratic(a, y, m, stride)
    elif cost == CALLED:
        total = call(item(layers.cost_functions, 0), m, n, stride, a, y, y)
    return total


@inner
def _quadratic(a, y, m, stride):
    """Sum |a - y|^2 / 2 (the book's eq. 6)."""
    total = 0.0
    for i in range(0, m * stride, lanes_at(a)):
        d = load(a, i) - load(y, i)
        total += sum_lanes(d * d)
    return 0.5 * total


@inner
def _cross_entropy(z, y, m, n, stride):
    """Sum -(y ln a + (1 - y) ln(1 - a)), a = sigmoid(z) (the book's eq. 63).

    For one output this is max(z, 0) - z y + ln(1 + exp(-|z|)).
    """
    total = 0.0
    fill_padding(z, m, n, stride, NO_COST)
    for i in range(0, m * stride, lanes_at(z)):
        v = load(z, i)
        total += sum_lanes(fma(-v, load(y, i), elementary.softplus(v)))
    return total


@inner
def _softmax_and_log_likelihood(a, y, n, stride):
    """One row: a = softmax(z); returns -sum_j y_j ln a_j (the book's eq. 80)."""
    weight, dot = 0.0, 0.0
    for j in range(n):
        weight += item(y, j)
        dot += float(item(y, j)) * float(item(a, j))
    largest, rest = softmax_row(a, n, stride)
    return weight * (largest + math.log1p(rest)) - dot


@inner
def output_error(layers, cost, scratch, first, m):
    """delta = dC/dz of the output layer (BP1), for the rows first to first + m - 1.

    a, y  (m, stride) in
    delta (m, stride) out
    """
    l = layers.last
    n, stride = item(layers.sizes, l), item(layers.strides, l)
    a = advance(scratch, item(layers.a, l) + first * stride)
    y = advance(scratch, item(layers.y, 0) + first * stride)
    delta = advance(scratch, item(layers.delta, l) + first * stride)
    if cost == CALLED:
        call(item(layers.cost_functions, 1), m, n, stride, a, y, delta)
    else:
        for i in range(0, m * stride, lanes_at(a)):
            store(delta, i, load(a, i) - load(y, i))
    # The others have the output layer for which sigma' cancels (the book's chapter 3).
    if cost in (QUADRATIC, CALLED):
        multiply_by_derivative(layers, l, scratch, first, m)


@inner
def count_correct(a, y, m, n, stride, each):
    """How many rows are right: have their largest output where the target's is.

    `each`: every output decides for itself, so a row is right if all of its outputs lie on
    their targets' side of 1/2 (a single output; several labels a row).
    """
    correct = 0
    for i in range(0, m * stride, stride):
        if each:
            same = 0
            for j in range(i, i + n):
                output = item(a, j)
                same += (output == output) & ((output > 0.5) == (item(y, j) > 0.5))  # NaN: wrong
            correct += same == n
        else:
            truth = i
            for j in range(i + 1, i + n):
                truth = j if item(y, j) > item(y, truth) else truth
            # Counting is quicker than branching. NaN beats nothing, so it is never correct;
            # among equals the first one counts, as for argmax.
            most, beaten = item(a, truth), 0
            for j in range(i, truth):
                beaten += most > item(a, j)
            for j in range(truth + 1, i + n):
                beaten += most >= item(a, j)
            correct += beaten == n - 1
    return correct
