"""Data costs and their derivative at the output layer, chosen by a run-time code.

Costs with a logarithm are computed from z, not from a = sigma(z): a rounds to 0 or 1 long
before the cost stops growing, and ln 0 is infinite. Sums are float64.
"""

import math

from fastnn.kernels import elementary
from fastnn.kernels.activations import activate, fill_padding, multiply_by_derivative, softmax_row
from fastnn.kernels.jit import inner
from fastnn.kernels.simd import (
    absolute,
    advance,
    fma,
    item,
    lanes_at,
    load,
    store,
    sum_lanes,
    where_positive,
)

__all__ = ["CODES", "count_correct", "output_cost", "output_error"]

QUADRATIC, CROSS_ENTROPY, LOG_LIKELIHOOD = range(3)
CODES = {
    "quadratic": QUADRATIC,
    "cross-entropy": CROSS_ENTROPY,
    "log-likelihood": LOG_LIKELIHOOD,
}


# A weighted input so low that, with y = 0, it costs nothing: ln(1 + exp(-100)) = 4e-44.
NO_COST = -100.0


@inner
def output_cost(cost, activation, a, y, m, n, stride):
    """Turn the output layer's z into a = sigma(z); return the sum of the rows' data costs.

    a (m, stride) in z, out sigma(z)
    y (m, stride) in targets, padding zero
    """
    if cost == CROSS_ENTROPY:
        total = _cross_entropy(a, y, m, n, stride)
        activate(activation, a, m, n, stride)
    elif cost == LOG_LIKELIHOOD:
        total = 0.0
        for i in range(0, m * stride, stride):
            total += _softmax_and_log_likelihood(advance(a, i), advance(y, i), n, stride)
    else:
        activate(activation, a, m, n, stride)
        total = _quadratic(a, y, m, stride)
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
        softplus = where_positive(v, v, 0.0) + elementary.log1p_of_fraction(
            elementary.exp(-absolute(v))
        )
        total += sum_lanes(fma(-v, load(y, i), softplus))
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
def output_error(cost, activation, a, y, delta, m, n, stride):
    """delta = dC/dz of the output layer (BP1).

    a, y  (m, stride) in
    delta (m, stride) out
    """
    for i in range(0, m * stride, lanes_at(a)):
        store(delta, i, load(a, i) - load(y, i))
    if cost == QUADRATIC:  # for the other two, sigma' cancels (the book's eq. 68)
        multiply_by_derivative(activation, a, delta, m, n, stride)


@inner
def count_correct(a, y, m, n, stride):
    """How many rows have their largest output where the target's is.

    With a single output: how many lie on the target's side of 1/2.
    """
    correct = 0
    for i in range(0, m * stride, stride):
        if n == 1:
            correct += (item(a, i) > 0.5) == (item(y, i) > 0.5)
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
