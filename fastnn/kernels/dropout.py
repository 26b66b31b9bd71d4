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
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.simd import item, lanes_at, load, store, uniforms, where_positive, zeros

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
def _multiply_by_mask(a, first, rate, keys):
    """a (m, n) = a * mask, for the rows of a mini-batch from `first` on."""
    p = a.start
    for i in range(a.rows):
        for j in range(0, a.stride, lanes_at(p)):
            u = uniforms(p, (first + i) * a.width + j, keys[0], keys[1])
            mask = where_positive(u - rate, 1.0 / (1.0 - rate), 0.0)
            store(p, i * a.stride + j, load(p, i * a.stride + j) * mask)


@inline
def _fill_with_ones(a):
    for i in range(0, a.rows * a.stride, lanes_at(a.start)):
        store(a.start, i, zeros(a.start) + 1.0)


@inner
def drop_inputs(p, extras, update, sparse):
    """Drop inputs of dense rows; for sparse rows, leave the mask where those would be."""
    rate = item(extras.drop, 0)
    if rate > 0.0:
        a = activations_of(p, 0)
        if sparse:
            _fill_with_ones(a)
        _multiply_by_mask(a, p.first, rate, layer_keys(extras.drop_seed, update, 0))


@inner
def _drop(p, l, extras, update):
    """Drop activations of layer l, and write sigma'(z) times the mask to its slope rows."""
    layer, rate = layer_of(p, l), item(extras.drop, l)
    # sigma'(z) is what multiply_by_derivative makes of an error of 1.
    _fill_with_ones(layer.delta)
    multiply_by_derivative(layer)
    for i in range(0, p.m * layer.a.stride, lanes_at(layer.b)):
        store(layer.slope.start, i, load(layer.delta.start, i))
    keys = layer_keys(extras.drop_seed, update, l)
    _multiply_by_mask(layer.a, p.first, rate, keys)
    _multiply_by_mask(layer.slope, p.first, rate, keys)


@inner
def multiply_by_slope(layer):
    """delta = delta * slope in place, for a layer with dropout (BP2)."""
    delta, slope = layer.delta.start, layer.slope.start
    for i in range(0, layer.delta.rows * layer.delta.stride, lanes_at(delta)):
        store(delta, i, load(delta, i) * load(slope, i))


@inner
def feedforward_with_dropout(p, extras, update):
    """As feedforward, with dropout after each hidden layer whose rate is not 0."""
    for l in range(1, p.layers.last):
        layer = layer_of(p, l)
        activate(layer)
        if item(extras.drop, l) > 0.0:
            _drop(p, l, extras, update)
        weighted_input(layer_of(p, l + 1), layer.a, p.buffer)
