"""Gradients of a mini-batch (BP3, BP4) and the fused regularized step.

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - (eta / m) sum_i dC_i/dw
    b <- b - (eta / m) sum_i dC_i/db

n is the size of the training set, m that of this mini-batch, sgn(0) = 0. A weight is read
and written once: its gradient is summed up in registers and never stored.
"""

from typing import NamedTuple

from fastnn.kernels.jit import inner
from fastnn.kernels.products import sum_of_outer_products
from fastnn.kernels.simd import (
    TILE_ROWS,
    advance,
    fma,
    lanes_at,
    load,
    load_tile,
    store,
    store_tile,
    where_positive,
    zero_tile,
    zeros,
)  # fmt: skip

__all__ = ["Step", "accumulate_gradients", "make_step", "update_parameters"]


class Step(NamedTuple):
    """What one update does to a parameter, ready to use."""

    decay: float  # 1 - eta lambda2 / n
    shrink: float  # eta lambda1 / n
    rate: float  # eta / m


@inner
def make_step(eta, l1, l2, n, m):
    """The step for a mini-batch of m rows out of a training set of n."""
    return Step(1.0 - eta * l2 / n, eta * l1 / n, eta / m)


@inner
def _regularized_step(w, nabla_w, step):
    """The update of a block of weights; nabla_w is the sum over the mini-batch."""
    stepped = fma(nabla_w, -step.rate, w * step.decay)
    if step.shrink != 0.0:
        sign = where_positive(w, 1.0, where_positive(-w, -1.0, 0.0))
        stepped = fma(sign, -step.shrink, stepped)
    return stepped


def _for_each_tile(vectors, finish):
    """The kernel for one panel of nabla_w = a^T delta (BP4), `vectors` wide, all rows.

    Each tile of it is summed in registers and handed to finish(w, nabla_w, step), whose
    result replaces the tile of w.
    """

    def tile_kernel(rows):
        add = sum_of_outer_products(rows, vectors)

        @inner
        def one_tile(w, stride, a, a_stride, delta, m, step):
            nabla_w = add(zero_tile(rows, vectors, w), a, 1, a_stride, delta, stride, m)
            store_tile(finish(load_tile(rows, vectors, w, stride), nabla_w, step), w, stride)

        return one_tile

    tall, pair = tile_kernel(TILE_ROWS), tile_kernel(2)

    @inner
    def panel(w, stride, a, a_stride, delta, n_rows, m, step):
        whole = n_rows - n_rows % TILE_ROWS
        for j in range(0, whole, TILE_ROWS):
            tall(advance(w, j * stride), stride, advance(a, j), a_stride, delta, m, step)
        for j in range(whole, n_rows, 2):
            pair(advance(w, j * stride), stride, advance(a, j), a_stride, delta, m, step)

    return panel


def _for_each_weight(finish):
    """The kernel that visits all weights of a layer, w (n_rows, stride), tile by tile."""
    wide, narrow = _for_each_tile(2, finish), _for_each_tile(1, finish)

    @inner
    def visit(w, stride, a, a_stride, delta, n_rows, m, step):
        lanes = lanes_at(w)
        whole = stride - stride % (2 * lanes)
        for k in range(0, whole, 2 * lanes):
            wide(advance(w, k), stride, a, a_stride, advance(delta, k), n_rows, m, step)
        if whole < stride:
            narrow(advance(w, whole), stride, a, a_stride, advance(delta, whole), n_rows, m, step)

    return visit


@inner
def _sum_of_errors(delta, stride, m, k):
    """nabla_b = sum over the mini-batch of delta (BP3), for the vector of neurons from k on."""
    total = zeros(delta)
    for i in range(m):
        total = total + load(delta, i * stride + k)
    return total


_update_weights = _for_each_weight(_regularized_step)


@inner
def update_parameters(layers, parameters, scratch, m, step):
    """One step of every weight and bias, from the activations and errors in scratch."""
    for l in range(layers.w.size):
        stride = layers.strides[l + 1]
        w, b = advance(parameters, layers.w[l]), advance(parameters, layers.b[l])
        a, delta = advance(scratch, layers.a[l]), advance(scratch, layers.delta[l + 1])
        _update_weights(w, stride, a, layers.strides[l], delta, layers.sizes[l], m, step)
        for k in range(0, stride, lanes_at(b)):
            nabla_b = _sum_of_errors(delta, stride, m, k)
            store(b, k, fma(nabla_b, -step.rate, load(b, k)))


@inner
def _add(total, nabla_w, step):
    return total + nabla_w


_add_gradients = _for_each_weight(_add)


@inner
def accumulate_gradients(layers, nabla, scratch, m):
    """nabla += sum over the mini-batch of dC/dw, dC/db; laid out as the parameters."""
    nothing = Step(1.0, 0.0, 0.0)
    for l in range(layers.w.size):
        stride = layers.strides[l + 1]
        nabla_w, nabla_b = advance(nabla, layers.w[l]), advance(nabla, layers.b[l])
        a, delta = advance(scratch, layers.a[l]), advance(scratch, layers.delta[l + 1])
        _add_gradients(nabla_w, stride, a, layers.strides[l], delta, layers.sizes[l], m, nothing)
        for k in range(0, stride, lanes_at(nabla_b)):
            store(nabla_b, k, load(nabla_b, k) + _sum_of_errors(delta, stride, m, k))
