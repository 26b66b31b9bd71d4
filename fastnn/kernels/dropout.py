"""Dropout: at each update, other activations are left out (Srivastava et al. 2014).

An activation is 0 with probability p and 1 / (1 - p) times itself otherwise, so that its mean
stays the same, and a network that is used needs no change.

Who is dropped follows from the network's seed, the number of the update, the layer, and the
activation's place in the mini-batch: a hash of these, not the next number of a generator. So it
does not matter which thread asks, nor in which order.
"""

from fastnn.kernels.feedforward import weighted_input
from fastnn.kernels.functions.activations import activate, multiply_by_derivative
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import (
    advance,
    item,
    lanes_at,
    load,
    store,
    uniforms,
    where_positive,
    zeros,
)

__all__ = ["drop_inputs", "feedforward_with_dropout", "multiply_by_slope"]

_WORD = 0xFFFFFFFF


@inline
def _mixed(x):
    """A hash of a 32-bit word, one to one (Wellons 2018, "lowbias32"); kept in an int64."""
    x ^= x >> 16
    x = (x * 0x7FEB352D) & _WORD
    x ^= x >> 15
    x = (x * 0x846CA68B) & _WORD
    return x ^ (x >> 16)


@inner
def layer_keys(seed, update, l):
    """Two words that tell the masks of this update and layer from all others."""
    key = _mixed(seed & _WORD)
    key = _mixed(key ^ ((seed >> 32) & _WORD))
    key = _mixed((key + update) & _WORD)
    key = _mixed((key + l) & _WORD)
    return key, _mixed(key ^ 0x9E3779B9)


@inner
def _multiply_by_mask(p, first, m, n, stride, rate, keys):
    """P (m, stride) = p * mask, for the rows first to first + m - 1 of a mini-batch."""
    for i in range(m):
        for j in range(0, stride, lanes_at(p)):
            u = uniforms(p, (first + i) * n + j, keys[0], keys[1])
            mask = where_positive(u - rate, 1.0 / (1.0 - rate), 0.0)
            store(p, i * stride + j, load(p, i * stride + j) * mask)


@inline
def _fill_with_ones(p, size):
    for i in range(0, size, lanes_at(p)):
        store(p, i, zeros(p) + 1.0)


@inner
def drop_inputs(layers, extras, update, sparse, scratch, first, m):
    """Drop inputs of m dense rows; for sparse rows, leave the mask where those would be."""
    n, stride, rate = item(layers.sizes, 0), item(layers.strides, 0), item(extras.drop, 0)
    if rate > 0.0:
        a = advance(scratch, item(layers.a, 0) + first * stride)
        if sparse:
            _fill_with_ones(a, m * stride)
        _multiply_by_mask(a, first, m, n, stride, rate, layer_keys(extras.drop_seed, update, 0))


@inner
def _drop(layers, l, extras, update, scratch, first, m):
    """Drop activations of layer l, and write sigma'(z) times the mask to its slope rows."""
    n, stride, rate = item(layers.sizes, l), item(layers.strides, l), item(extras.drop, l)
    a = advance(scratch, item(layers.a, l) + first * stride)
    delta = advance(scratch, item(layers.delta, l) + first * stride)
    slope = advance(scratch, item(layers.slope, l) + first * stride)
    # sigma'(z) is what multiply_by_derivative makes of an error of 1.
    _fill_with_ones(delta, m * stride)
    multiply_by_derivative(layers, l, scratch, first, m)
    for i in range(0, m * stride, lanes_at(a)):
        store(slope, i, load(delta, i))
    keys = layer_keys(extras.drop_seed, update, l)
    _multiply_by_mask(a, first, m, n, stride, rate, keys)
    _multiply_by_mask(slope, first, m, n, stride, rate, keys)


@inner
def multiply_by_slope(layers, l, scratch, first, m):
    """delta = delta * slope in place, for m rows of a layer with dropout (BP2)."""
    stride = item(layers.strides, l)
    delta = advance(scratch, item(layers.delta, l) + first * stride)
    slope = advance(scratch, item(layers.slope, l) + first * stride)
    for i in range(0, m * stride, lanes_at(delta)):
        store(delta, i, load(delta, i) * load(slope, i))


@inner
def feedforward_with_dropout(layers, extras, update, parameters, scratch, first, m, has_first_z):
    """As feedforward, with dropout after each hidden layer that has a rate."""
    for l in range(layers.last):
        if l > 0:
            activate(layers, l, scratch, first, m)
            if item(extras.drop, l) > 0.0:
                _drop(layers, l, extras, update, scratch, first, m)
        if l > 0 or not has_first_z:
            weighted_input(layers, l, parameters, scratch, first, m)
