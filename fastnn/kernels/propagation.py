"""Forward and backward pass of some rows of a mini-batch, from layer 1's z to the errors delta."""

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.dropout import feedforward_with_dropout
from fastnn.kernels.functions.costs import count_correct, output_costs
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import activations_of, targets_of
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.targets import target_rows
from fastnn.kernels.workspace import own_rows

__all__ = ["propagate"]


@inline
def propagate(t, batch, extras):
    """Forward and backward pass of the thread's rows, whose z of layer 1 is there.

    Leaves activations and errors in scratch, and each row's data cost in memory.costs; returns how
    many are classified correctly, 0 if rows name no class.
    """
    p, order = own_rows(t, batch), advance(t.piece.order, batch.start + batch.first)
    target_rows(t.data.y, order, targets_of(p))
    feedforward_with_dropout(p, extras, batch.update)
    correct = _measure(p, t.data, order, advance(t.memory.costs, batch.first))
    backpropagate(p, t.data, order, extras)
    return correct


@inner
def _measure(p, data, order, costs):
    """Activate the output layer, write down what each row costs; how many are correct."""
    output_costs(p, costs)
    if data.weighted:
        for i in range(p.m):
            weight = float(item(data.row_weights, item(order, i)))
            set_item(costs, i, weight * item(costs, i))
    if not data.classes:
        return 0
    return count_correct(activations_of(p, p.layers.last), targets_of(p), data.each)
