"""Data costs and their derivative at the output layer, chosen by a run-time code.

Costs with a logarithm are computed from z, not from a = sigma(z): a rounds to 0 or 1 long
before the cost stops growing, and ln 0 is infinite. Sums are float64.

Rarer costs and the user's are called through their address, see rare_costs and
user_functions: CALLED_COST ones with a, CALLED_COST_WITH_Z ones with z.
"""

import math

import numpy as np

from fastnn.kernels import elementary
from fastnn.kernels.functions.activations import (
    activate,
    largest_of,
    multiply_by_derivative,
    softmax_row,
)
from fastnn.kernels.functions.calls import call
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import layer_of, targets_of
from fastnn.kernels.matrix import row_of
from fastnn.kernels.simd import (
    above_bits,
    advance,
    at_least_bits,
    first_bit,
    fma,
    item,
    keep_lanes,
    lanes_at,
    load,
    set_item,
    store,
    sum_lanes,
    zeros,
)
from fastnn.layout.codes import (
    CALLED_COST,
    CALLED_COST_WITH_Z,
    CROSS_ENTROPY,
    LOG_LIKELIHOOD,
    QUADRATIC,
)

__all__ = ["count_correct", "output_costs", "output_error"]


@inner
def output_costs(p, costs):
    """Turn the output layer's z into a = sigma(z), and write down what each row costs.

    costs (m,)  pointer to float64, out: of the rows of the pass
    """
    layer, y, cost = layer_of(p, p.layers.last), targets_of(p), item(p.layers.cost, 0)
    if cost == CROSS_ENTROPY:
        _sigmoid_and_cross_entropy(layer.a, y.start, costs)
    elif cost == LOG_LIKELIHOOD:
        for i in range(p.m):
            zi, yi = row_of(layer.a, i), row_of(y, i)
            set_item(costs, i, _softmax_and_log_likelihood(zi, yi, y.width, y.stride))
    else:
        if cost == CALLED_COST_WITH_Z:
            _call_cost(p.layers, layer.a, y, costs)
        activate(layer)
        if cost == QUADRATIC:
            _quadratic(layer.a, y.start, costs)
        elif cost == CALLED_COST:
            _call_cost(p.layers, layer.a, y, costs)


@inner
def _call_cost(layers, a, y, costs):
    function, numbers = item(layers.cost_functions, 0), item(layers.cost_numbers, 0)
    one = np.int64(1)
    for i in range(a.rows):
        ai, yi = row_of(a, i), row_of(y, i)
        set_item(costs, i, call(function, one, a.width, a.stride, ai, yi, yi, numbers))


@inner
def _quadratic(outputs, y, costs):
    """|a - y|^2 / 2 (the book's eq. 6)."""
    a, stride = outputs.start, outputs.stride
    for i in range(outputs.rows):
        total = 0.0
        for j in range(i * stride, (i + 1) * stride, lanes_at(a)):
            d = load(a, j) - load(y, j)
            total += sum_lanes(d * d)
        set_item(costs, i, 0.5 * total)


@inner
def _sigmoid_and_cross_entropy(outputs, y, costs):
    """a = sigmoid(z); costs sum -(y ln a + (1 - y) ln(1 - a)) (the book's eq. 63).

    For one output that is max(z, 0) - z y + ln(1 + exp(-|z|)).
    """
    a, n, stride = outputs.start, outputs.width, outputs.stride
    lanes = lanes_at(a)
    for i in range(outputs.rows):
        total, row = 0.0, i * stride
        for j in range(0, stride, lanes):
            z = load(a, row + j)
            sigmoid, softplus = elementary.sigmoid_and_softplus(z)
            store(a, row + j, keep_lanes(sigmoid, n - j, 0.0))
            costs_of_lanes = fma(-z, load(y, row + j), softplus)
            total += sum_lanes(keep_lanes(costs_of_lanes, n - j, 0.0))
        set_item(costs, i, total)


@inner
def _softmax_and_log_likelihood(a, y, n, stride):
    """One row: a = softmax(z); returns -sum_j y_j ln a_j (the book's eq. 80).

    That is sum_j y_j (max z - z_j + log1p(softmax_row's figure)), without a term below 0.
    """
    largest = largest_of(a, n)
    weights, distances = zeros(a), zeros(a)
    for j in range(0, stride, lanes_at(a)):  # y's padding is 0
        weights, distances = weights + load(y, j), fma(load(y, j), largest - load(a, j), distances)
    rest = softmax_row(a, n, stride, largest)
    return float(sum_lanes(weights)) * math.log1p(rest) + float(sum_lanes(distances))


@inner
def output_error(p):
    """delta = dC/dz of the output layer (BP1)."""
    layer, y, cost = layer_of(p, p.layers.last), targets_of(p), item(p.layers.cost, 0)
    a, delta, n, stride = layer.a.start, layer.delta.start, y.width, y.stride
    if cost == CALLED_COST:
        function, numbers = item(p.layers.cost_functions, 1), item(p.layers.cost_numbers, 0)
        call(function, p.m, n, stride, a, y.start, delta, numbers)
    else:
        for i in range(0, p.m * stride, lanes_at(a)):
            store(delta, i, load(a, i) - load(y.start, i))
    # The others have the output layer for which sigma' cancels (the book's chapter 3).
    if cost in (QUADRATIC, CALLED_COST):
        multiply_by_derivative(layer)


@inner
def count_correct(outputs, targets, each):
    """How many rows are right: have their largest output where the target's is.

    outputs, targets (m, n) in
    `each`: every output decides for itself, so a row is right if all of its outputs lie on
    their targets' side of 1/2 (a single output; several labels a row).
    """
    a, y, m, n = outputs.start, targets.start, outputs.rows, outputs.width
    stride, correct = outputs.stride, 0
    for i in range(0, m * stride, stride):
        if each:
            same = 0
            for j in range(i, i + n):
                output = item(a, j)
                same += (output == output) & ((output > 0.5) == (item(y, j) > 0.5))  # NaN: wrong
            correct += same == n
        else:
            correct += _largest_is_right(advance(a, i), advance(y, i), n)
    return correct


@inline
def _largest_is_right(a, y, n):
    """Whether one row's first largest output is where its first largest target is."""
    lanes = lanes_at(a)
    largest, truth = largest_of(y, n), np.int64(0)  # it remains 0 if y is NaN
    for j in range((n - 1) // lanes * lanes, -1, -lanes):
        bits = at_least_bits(keep_lanes(load(y, j), n - j, -math.inf), largest)
        if bits != 0:
            truth = j + first_bit(bits)
    most, right = item(a, truth), True
    for j in range(0, n, lanes):
        everywhere = (1 << min(n - j, lanes)) - 1
        before = (1 << max(0, min(truth - j, lanes))) - 1
        # NaN is neither above nor equal to anything, so it is never correct.
        beaten = above_bits(most, load(a, j)) & before | at_least_bits(most, load(a, j)) & ~before
        right &= beaten & everywhere == everywhere
    return right
