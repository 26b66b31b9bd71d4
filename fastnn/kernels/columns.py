"""One sample at a time, or a few, on weights where their owner keeps them.

A network of sigmoid neurons whose weights are the book's: (y, x) arrays of their own, float64 and
C-contiguous. Nothing is packed, so a change of theirs is seen at once. For many rows it is quicker
to pack the weights first, see evaluation and epoch.

Where all is, layout.Unpacked says. Rows of activations and errors are padded to whole vectors, the
caller's x and y are not. All sums include every number, so that NaN and infinity go where NumPy's
products take them.
"""

import numpy as np

from fastnn.kernels import elementary
from fastnn.kernels.addresses import floats_at
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    lanes_at,
    load,
    load_as,
    load_first_as,
    set_item,
    splat,
    store,
    sum_lanes,
    where_positive,
    zeros,
)
from fastnn.layout.codes import QUADRATIC

__all__ = ["column_gradients", "column_outputs"]

_LARGEST_EXPONENT = 709.782712893384  # ln of the largest float64


@kernel
def column_outputs(net, x, m, scratch, result):
    """result (m, sizes[L]) = the output layer's activations for x (m, sizes[0]), also float32.

    scratch (s,)  room for m rows of padded activations of all layers but the input

    Returns whether one of the outputs is NaN.
    """
    a = _feedforward(net, x, m, scratch)
    n = item(net.sizes, net.last)
    stride, has_nan = _padded(a, n), False
    for i in range(m):
        for j in range(n):
            output = item(a, i * stride + j)
            has_nan |= output != output
            set_item(result, i * n + j, output)
    return has_nan


@kernel
def column_gradients(net, cost, x, y, m, scratch, nabla):
    """nabla (p,) = the sums over m rows of dC/db of each layer, then of dC/dw of each layer.

    cost          QUADRATIC, or else the cross-entropy
    x (m, sizes[0]), y (m, sizes[L]) in
    scratch (s,)  room for activations as in `column_outputs`, and for as many errors

    Returns whether one of the outputs is NaN.
    """
    final, activations = net.last, scratch
    a = _feedforward(net, x, m, activations)
    deltas = advance(activations, _room(net, a, m))
    n, delta = item(net.sizes, final), advance(deltas, _place(net, a, m, final))
    stride, has_nan = _padded(a, n), False
    for i in range(m):
        for j in range(n):  # BP1
            output = item(a, i * stride + j)
            has_nan |= output != output
            error = output - item(y, i * n + j)
            if cost == QUADRATIC:
                error *= output * (1.0 - output)
            set_item(delta, i * stride + j, error)
    for l in range(final - 1, 0, -1):
        below = _place(net, a, m, l)
        _hidden_error(net, l, advance(activations, below), advance(deltas, below), delta, m)
        delta = advance(deltas, below)
    nabla_b = nabla
    nabla_w = advance(nabla_b, _neurons(net))
    for l in range(1, final + 1):
        n, n_below = item(net.sizes, l), item(net.sizes, l - 1)
        delta = advance(deltas, _place(net, a, m, l))
        a_below, stride_below = x, n_below
        if l > 1:
            a_below = advance(activations, _place(net, a, m, l - 1))
            stride_below = _padded(a, n_below)
        _sum_errors(delta, m, n, nabla_b)
        _sum_products(delta, m, n, a_below, stride_below, n_below, nabla_w)
        nabla_b, nabla_w = advance(nabla_b, n), advance(nabla_w, n * n_below)
    return has_nan


@inline
def _padded(p, n):
    """N, as whole vectors."""
    lanes = lanes_at(p)
    return (n + lanes - 1) // lanes * lanes


@inline
def _place(net, p, m, layer):
    """Where a layer's m rows begin in scratch."""
    place = np.int64(0)
    for l in range(1, layer):
        place += m * _padded(p, item(net.sizes, l))
    return place


@inline
def _room(net, p, m):
    """What m rows of all layers take."""
    return _place(net, p, m, net.last + 1)


@inline
def _neurons(net):
    total = np.int64(0)
    for l in range(1, net.last + 1):
        total += item(net.sizes, l)
    return total


@inner
def _feedforward(net, x, m, activations):
    """Fill the activations of all layers (eq. 25); returns where the output layer's are.

    x may be float32: its numbers are converted as they are read.
    """
    z = activations
    _weighted_input(net, 1, x, item(net.sizes, 0), m, z)
    _activate(net, 1, m, z)
    for l in range(2, net.last + 1):
        a, z = z, advance(activations, _place(net, activations, m, l))
        _weighted_input(net, l, a, _padded(a, item(net.sizes, l - 1)), m, z)
        _activate(net, l, m, z)
    return z


@inner
def _activate(net, l, m, z):
    """a = sigma(z) in place, for m rows of layer l."""
    for j in range(0, m * _padded(z, item(net.sizes, l)), lanes_at(z)):
        store(z, j, _sigmoid(load(z, j)))


@inline
def _sigmoid(z):
    """The book's 1 / (1 + exp(-z)) is 0 where exp(-z) is infinite, and 0 times infinity is NaN."""
    return where_positive(-z - _LARGEST_EXPONENT, 0.0, elementary.sigmoid(z))


@inner
def _weighted_input(net, l, a, a_stride, m, z):
    """z = w a + b of layer l for m rows, rows of a being a_stride apart.

    Four neurons at a time: so many sums that don't wait for each other. Where fewer are left, the
    last one is done again.
    """
    n_below, n = item(net.sizes, l - 1), item(net.sizes, l)
    w, b = floats_at(item(net.weights, l), n * n_below), floats_at(item(net.biases, l), n)
    lanes, stride, last = lanes_at(w), _padded(w, n), n - 1
    whole = n_below - n_below % lanes
    for j in range(0, n, 4):
        j1, j2, j3 = min(j + 1, last), min(j + 2, last), min(j + 3, last)
        w0, w1 = advance(w, j * n_below), advance(w, j1 * n_below)
        w2, w3 = advance(w, j2 * n_below), advance(w, j3 * n_below)
        for i in range(m):
            row, zi = advance(a, i * a_stride), advance(z, i * stride)
            sum0, sum1, sum2, sum3 = zeros(w), zeros(w), zeros(w), zeros(w)
            for k in range(0, whole, lanes):
                numbers = load_as(w, row, k)
                sum0, sum1 = fma(load(w0, k), numbers, sum0), fma(load(w1, k), numbers, sum1)
                sum2, sum3 = fma(load(w2, k), numbers, sum2), fma(load(w3, k), numbers, sum3)
            if whole < n_below:
                rest = n_below - whole
                numbers = load_first_as(w, row, whole, rest)
                sum0 = fma(load_first_as(w, w0, whole, rest), numbers, sum0)
                sum1 = fma(load_first_as(w, w1, whole, rest), numbers, sum1)
                sum2 = fma(load_first_as(w, w2, whole, rest), numbers, sum2)
                sum3 = fma(load_first_as(w, w3, whole, rest), numbers, sum3)
            set_item(zi, j, sum_lanes(sum0) + item(b, j))
            set_item(zi, j1, sum_lanes(sum1) + item(b, j1))
            set_item(zi, j2, sum_lanes(sum2) + item(b, j2))
            set_item(zi, j3, sum_lanes(sum3) + item(b, j3))


@inner
def _hidden_error(net, l, a, delta, delta_next, m):
    """Pull the error back one layer (BP2): delta = (w^T delta_next) * a (1 - a).

    a, delta (m, sizes[l]), delta_next (m, sizes[l + 1]); w (sizes[l + 1], sizes[l])
    """
    n, n_next, lanes = item(net.sizes, l), item(net.sizes, l + 1), lanes_at(a)
    stride, stride_next = _padded(a, n), _padded(a, n_next)
    w = floats_at(item(net.weights, l + 1), n * n_next)
    for i in range(m):
        row, errors = advance(a, i * stride), advance(delta_next, i * stride_next)
        for k in range(0, n, lanes):
            total = zeros(a)
            for j in range(n_next):
                weights = load_first_as(a, w, j * n + k, n - k)
                total = fma(splat(item(errors, j)), weights, total)
            sigma = load(row, k)
            store(delta, i * stride + k, total * (sigma * (1.0 - sigma)))


@inner
def _sum_errors(delta, m, n, nabla_b):
    """nabla_b (n,) = the sum of the rows of delta (m, n) (BP3)."""
    stride = _padded(delta, n)
    for j in range(n):
        total = 0.0
        for i in range(m):
            total += item(delta, i * stride + j)
        set_item(nabla_b, j, total)


@inner
def _sum_products(delta, m, n, a, a_stride, n_below, nabla_w):
    """nabla_w (n, n_below) = delta^T a, from delta (m, n) and a (m, n_below) (BP4)."""
    lanes, stride = lanes_at(delta), _padded(delta, n)
    wide, whole = n_below - n_below % (2 * lanes), n_below - n_below % lanes
    for j in range(n):
        errors, row = advance(delta, j), advance(nabla_w, j * n_below)
        for k in range(0, wide, 2 * lanes):  # two sums that don't wait for each other
            error = splat(item(errors, 0))
            total, next_total = error * load(a, k), error * load(a, k + lanes)
            for i in range(1, m):
                error, place = splat(item(errors, i * stride)), i * a_stride + k
                total = fma(error, load(a, place), total)
                next_total = fma(error, load(a, place + lanes), next_total)
            store(row, k, total)
            store(row, k + lanes, next_total)
        for k in range(wide, whole, lanes):
            total = splat(item(errors, 0)) * load(a, k)
            for i in range(1, m):
                total = fma(splat(item(errors, i * stride)), load(a, i * a_stride + k), total)
            store(row, k, total)
        for k in range(whole, n_below):
            number = 0.0
            for i in range(m):
                number += item(errors, i * stride) * item(a, i * a_stride + k)
            set_item(row, k, number)
