"""The layers as some rows see them on their way through the network, forward and back."""

from typing import TYPE_CHECKING, NamedTuple

from numba import types
from numba.extending import intrinsic

from fastnn.kernels.jit import inline
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import advance, item
from fastnn.kernels.simd.types import I64
from fastnn.layout.layers import Layers
from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["Layer", "Pass", "activations_of", "layer_of", "layers_of", "targets_of"]


class Pass(NamedTuple):
    """Rows that lie in scratch memory.

    layers      their places in memory
    parameters  pointer to the network's
    scratch     pointer to the memory of a mini-batch
    buffer      pointer to the own room of the thread whose pass it is, see layout.layers
    first, m    the rows first to first + m - 1 of it
    """

    layers: Layers
    parameters: object
    scratch: object
    buffer: object
    first: int
    m: int


class Layer(NamedTuple):
    """Layer l, which has n neurons, and k neurons or inputs below it; for the m rows of a pass.

    a      (m, n)  activations sigma(z); before that z
    delta  (m, n)  errors dC/dz
    slope  (m, n)  sigma'(z), if the layer keeps it
    w      (k, n)  the weights that lead to it
    w_t    (n, k)  the same transposed; layer 1 has none
    b      (n,)    pointer to its biases
    activation, function  the code of sigma, and the address of what CALLED calls
    """

    a: Matrix
    delta: Matrix
    slope: Matrix
    w: Matrix
    w_t: Matrix
    b: object
    activation: int
    function: int


@inline
def _rows_at(p, place, l):
    stride = item(p.layers.strides, l)
    start = advance(p.scratch, place + p.first * stride)
    return Matrix(start, stride, p.m, item(p.layers.sizes, l))


@intrinsic
def layers_of(typingctx, table):
    """The layers that a plan's table describes, with a pointer to each of its rows."""
    rows = range(1, len(Layers._fields))
    result = types.NamedTuple([types.intp, *[table] * len(rows)], Layers)

    def codegen(context, builder, sig, args):
        last = builder.load(args[0])
        columns = builder.add(last, I64(1))
        starts = [builder.gep(args[0], [builder.mul(columns, I64(k))]) for k in rows]
        return context.make_tuple(builder, sig.return_type, [last, *starts])

    return result(table), codegen


if CHOICE.mode == INTERPRETED and not TYPE_CHECKING:

    def layers_of(table):
        """The layers that a plan's table describes."""
        columns = int(table[0]) + 1
        return Layers(columns - 1, *table.reshape(-1, columns)[1:])


@inline
def activations_of(p, l):
    """The activations of layer l, of which 0 is the input: (m, sizes[l])."""
    return _rows_at(p, item(p.layers.a, l), l)


@inline
def targets_of(p):
    """What the outputs ought to be, (m, sizes[L])."""
    return _rows_at(p, item(p.layers.y, 0), p.layers.last)


@inline
def layer_of(p, l):
    """Layer l, from 1 to L."""
    layers = p.layers
    stride, stride_below = item(layers.strides, l), item(layers.strides, l - 1)
    n, k = item(layers.sizes, l), item(layers.sizes, l - 1)
    return Layer(
        activations_of(p, l),
        _rows_at(p, item(layers.delta, l), l),
        _rows_at(p, item(layers.slope, l), l),
        Matrix(advance(p.parameters, item(layers.w, l - 1)), stride, k, n),
        Matrix(advance(p.scratch, item(layers.w_t, l - 1)), stride_below, n, k),
        advance(p.parameters, item(layers.b, l - 1)),
        item(layers.activations, l),
        item(layers.functions, l),
    )
