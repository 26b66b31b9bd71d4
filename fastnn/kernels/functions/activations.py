"""Activations sigma and their derivatives, chosen by a run-time code.

A code, not a function: every kernel compiles once for all activations. They work in
place on a layer's (m, stride) rows and leave the padding zero. Derivatives are written in
terms of a = sigma(z), so z need not be kept. The code CALLED_ACTIVATION stands for all others, see
rare_activations and user_functions: they are called through their address, and write
sigma'(z) to the layer's slope rows while they have z.
"""

import math

import numpy as np

from fastnn.kernels import elementary
from fastnn.kernels.functions.calls import call
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    keep_lanes,
    lanes_at,
    load,
    max_lanes,
    maximum,
    set_item,
    store,
    sum_lanes,
    where_positive,
    zeros,
)
from fastnn.layout.codes import CALLED_ACTIVATION, RELU, SIGMOID, SOFTMAX, TANH

__all__ = ["activate", "fill_padding", "largest_of", "multiply_by_derivative", "softmax_row"]


@inner
def activate(layer):
    """a = sigma(z) in place, and slope = sigma'(z) if the layer keeps it."""
    m, n, stride, a = layer.a.rows, layer.a.width, layer.a.stride, layer.a.start
    code, lanes = layer.activation, lanes_at(a)
    if code == SIGMOID:
        for i in range(0, m * stride, stride):
            for j in range(0, stride, lanes):  # sigma(0) is not 0
                store(a, i + j, keep_lanes(elementary.sigmoid(load(a, i + j)), n - j, 0.0))
    elif code == TANH:
        for i in range(0, m * stride, lanes):
            store(a, i, elementary.tanh(load(a, i)))
    elif code == RELU:
        for i in range(0, m * stride, lanes):
            z = load(a, i)
            store(a, i, where_positive(-z, 0.0, z))  # NaN stays NaN
    elif code == SOFTMAX:
        for i in range(m):
            row = advance(a, i * stride)
            softmax_row(row, n, stride, largest_of(row, n))
    elif code == CALLED_ACTIVATION:
        slope = layer.slope.start
        call(layer.function, m, n, stride, a, slope, slope, np.int64(0))


@inline
def largest_of(a, n):
    """The largest of n numbers, none of which is NaN."""
    lanes = lanes_at(a)
    largest = keep_lanes(load(a, 0), n, -math.inf)
    for j in range(lanes, n, lanes):
        largest = maximum(largest, keep_lanes(load(a, j), n - j, -math.inf))
    return max_lanes(largest)


@inner
def softmax_row(a, n, stride, largest):
    """One row: a_j = exp(z_j) / sum_k exp(z_k). Returns sum_k exp(z_k - max) - 1.

    Subtracting the largest z first keeps every exponential at most 1. The figure leaves the
    largest term out instead of subtracting 1, so that it is exact near 0:
    ln sum_k exp(z_k) = max z + log1p(it).
    """
    lanes = lanes_at(a)
    others, tops = zeros(a), zeros(a)
    for j in range(0, stride, lanes):
        below = largest - load(a, j)
        e = elementary.exp(-below)
        store(a, j, e)
        # Where z is the largest: 0, but NaN of NaN.
        others = others + keep_lanes(where_positive(below, e, below * 0.0), n - j, 0.0)
        tops = tops + keep_lanes(where_positive(below, 0.0 * e, 1.0), n - j, 0.0)
    rest = float(sum_lanes(others)) + (float(sum_lanes(tops)) - 1.0)
    for j in range(0, stride, lanes):
        store(a, j, keep_lanes(load(a, j) * (1.0 / (1.0 + rest)), n - j, 0.0))
    return rest


@inline
def fill_padding(a, m, n, stride, value):
    """Write `value` behind the n neurons of each of the m rows of a (m, stride)."""
    for i in range(m):
        for j in range(n, stride):
            set_item(a, i * stride + j, value)


@inner
def multiply_by_derivative(layer):
    """delta = delta * sigma'(z) in place (the second factor of BP1, BP2).

    a, slope in          sigma(z), and sigma'(z) if the layer keeps it
    delta    in and out  the cost's derivative by a, then by z
    """
    m, n, stride, a = layer.a.rows, layer.a.width, layer.a.stride, layer.a.start
    delta, code, lanes = layer.delta.start, layer.activation, lanes_at(a)
    if code == SIGMOID:
        for i in range(0, m * stride, lanes):
            s = load(a, i)
            store(delta, i, load(delta, i) * (s * (1.0 - s)))
    elif code == TANH:
        for i in range(0, m * stride, lanes):
            s = load(a, i)
            store(delta, i, load(delta, i) * fma(-s, s, 1.0))
    elif code == RELU:
        for i in range(0, m * stride, lanes):
            store(delta, i, where_positive(load(a, i), load(delta, i), 0.0))
    elif code == SOFTMAX:
        # every a_k depends on every z_j: da_k/dz_j = a_k (1[j=k] - a_j)
        for i in range(0, m * stride, stride):
            mean = 0.0
            for j in range(i, i + n):
                mean += item(a, j) * item(delta, j)
            for j in range(i, i + stride, lanes):
                store(delta, j, load(a, j) * (load(delta, j) - mean))
    elif code == CALLED_ACTIVATION:
        for i in range(0, m * stride, lanes):
            store(delta, i, load(delta, i) * load(layer.slope.start, i))
