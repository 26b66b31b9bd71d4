"""The loop over the mini-batches of an epoch: stochastic gradient descent, one call.

A call may take a part of an epoch, or several epochs one after the other.

Each mini-batch has two phases. First the threads share its rows: each takes some of them
through the whole network and back, which needs nothing of the others. Then they share the
parameters: each updates some of them, which needs all rows. Between the phases they wait.
Sparse rows, and few dense ones with many inputs, go through layer 1 in a phase before, see
sparse and dense. Clipping and max-norm have more phases, too.
"""

import numpy as np

from fastnn.kernels.extras import extras_at
from fastnn.kernels.figures import FIGURES, weight_figures
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer1.compressed import rows_at
from fastnn.kernels.layer1.dense import update_dense, weigh_dense
from fastnn.kernels.layer1.scaled import fold_scale
from fastnn.kernels.layer1.sorted import bins_at
from fastnn.kernels.layer1.sparse import (
    decayed,
    fold,
    meets_in_layer_1,
    prefetch_next,
    update_sparse,
    weigh_sparse,
)
from fastnn.kernels.layout import BUFFER_VECTORS, layers_of, row_unit
from fastnn.kernels.norms import clip_factor, limit_norms, step_gradient, sum_squares
from fastnn.kernels.optimizers import State, clipped, hyperparameters_at, make_step, only_adding
from fastnn.kernels.propagation import propagate
from fastnn.kernels.simd import advance, item, lanes_at, pointer, set_item
from fastnn.kernels.team import member_at, share, wait_for_all
from fastnn.kernels.update import renew_transposed, update_parameters
from fastnn.kernels.workspace import data_at, dense_at, memory_of

__all__ = ["CORRECT", "COST_SUM", "SCALE", "UPDATES", "epoch_figures", "finish", "train"]

# How far a training has come, in an array that each call goes on from: updates done so far, for
# Adam; of the epoch's rows so far the sum of data costs, and how many were classified
# correctly, each row before its own update; and the scale of the weights of sparse inputs, which
# are this times what is in memory until `finish`.
UPDATES, COST_SUM, CORRECT, SCALE = range(4)


def epoch_figures(layers: int) -> int:
    """How many figures each epoch that ends within a call has.

    They are COST_SUM and CORRECT of its rows, and all of figures.FIGURES of the weights.
    """
    return 2 + FIGURES * layers


@kernel
def train(
    table,
    cost,
    memory_,
    data_,
    dense_,
    rows_,
    bins_,
    extras_,
    mini_batch_size,
    hyperparameters_,
    progress,
    member_,
):
    """One update for each mini-batch of data.order, an epoch's last one possibly shorter.

    table, cost       see layout.Plan and costs.CODES
    memory_, data_    see workspace.Memory and workspace.Data
    dense_, rows_     the inputs: workspace.Dense, or else sparse.Nonzeros; the other one is None
    bins_             sorted.Bins, or None: a row's non-zeros as they are, by plain SGD
    extras_           extras.Extras, or None: neither clipping nor max-norm nor dropout
    mini_batch_size   rows of a mini-batch
    hyperparameters_  see optimizers.Hyperparameters
    progress (4,) float64 in, out: see UPDATES and the following; it is not returned, for an
                      interrupt that has come meanwhile would lose what is returned
    member_           this thread, see team.Member; all members make the same call

    What is None is left out when compiling: for each combination there is a compiled function.
    """
    layers, member = layers_of(table), member_at(member_)
    data = data_at(data_, item(layers.sizes, layers.last))
    memory, h = memory_of(memory_), hyperparameters_at(hyperparameters_)
    dense, rows, bins = dense_at(dense_), rows_at(rows_, data.order), bins_at(bins_)
    extras = extras_at(extras_)
    updates, scale = int(progress[UPDATES]), progress[SCALE]
    # What is correct is counted by those whose rows it is, and over all of the call.
    cost_sum, correct, counted = progress[COST_SUM], 0, 0
    in_buffer = member.number * BUFFER_VECTORS * lanes_at(memory.scratch)
    buffer = advance(memory.scratch, item(layers.buffer, 0) + in_buffer)
    renew_transposed(layers, memory.state.value, memory.scratch, member)
    if not wait_for_all(member):
        return
    start, end, etas, epochs = np.int64(0), data.epoch_rows, data.etas, memory.epochs
    while start < data.k:
        m = min(mini_batch_size, min(end, data.k) - start)
        first, last = share(member, m, row_unit(m))
        eta, etas = item(etas, 0), advance(etas, 1)
        step = make_step(h, eta, m, updates + 1)
        prefetch_next(layers, memory, rows, bins, start + m, data.k, mini_batch_size, member)
        if not weigh_sparse(layers, memory, rows, bins, extras, updates, start, m, scale, member):
            return
        if not weigh_dense(layers, memory, dense, data.order, start, m, member):
            return
        correct += propagate(
            layers, cost, memory, data, dense, extras, updates, start, first, last - first
        )
        if not wait_for_all(member):
            return
        if member.number == 0:
            for i in range(m):
                cost_sum += item(memory.costs, i)
        updates += 1
        scale = decayed(layers, memory, rows, bins, h, step, scale, member)
        if not _step(
            layers, memory, dense, rows, bins, extras, buffer, start, m, h, step, scale, member
        ):
            return
        renew_transposed(layers, memory.state.value, memory.scratch, member)
        met = meets_in_layer_1(rows, bins, extras)
        if not met and not wait_for_all(member):
            return
        if not _limit_norms(layers, memory, extras, buffer, scale, member):
            return
        start += m
        if start == end:
            set_item(memory.correct, member.number, correct)
            if not _complete(layers, memory, rows, scale, member):
                return
            if member.number == 0:  # the others go on, but change none of this before they meet
                right = _all_correct(memory, member) - counted
                counted += right
                set_item(epochs, 0, cost_sum)
                set_item(epochs, 1, float(right))
                weight_figures(layers, memory.state.value, advance(epochs, 2))
            epochs = advance(epochs, 2 + FIGURES * layers.last)
            scale, cost_sum, end = 1.0, 0.0, end + data.epoch_rows
    set_item(memory.correct, member.number, correct)
    if wait_for_all(member) and member.number == 0:
        progress[UPDATES], progress[SCALE], progress[COST_SUM] = updates, scale, cost_sum
        progress[CORRECT] += _all_correct(memory, member) - counted


@kernel
def finish(table, memory, progress):
    """Fold the scale of sparse weights back into them."""
    layers = layers_of(table)
    v = advance(pointer(memory.parameters, 0), item(layers.w, 0))
    inputs, width, stride = item(layers.sizes, 0), item(layers.widths, 1), item(layers.strides, 1)
    fold_scale(v, 0, inputs, stride, progress[SCALE], 0, width)
    progress[SCALE] = 1.0


@inline
def _step(layers, memory, dense, rows, bins, extras, buffer, start, m, h, step, scale, member):
    """One step of this member's share of all parameters; False if the team gives up."""
    state = memory.state
    if extras is not None and extras.clip_norm > 0.0:
        # The gradient is written down as a whole, and measured, before it is taken.
        gradient, adding = State(state.value, extras.gradient, state.second), only_adding(step)
        _update(
            layers, memory, dense, rows, bins, gradient, buffer, start, m, h, adding, scale, member
        )
        if not wait_for_all(member):  # who measures a weight's gradient may not have summed it up
            return False
        sum_squares(layers, extras.gradient, extras.squares, member)
        if not wait_for_all(member):
            return False
        factor = clip_factor(layers, extras.squares, step.mean, extras.clip_norm)
        step_gradient(layers, state, extras.gradient, h, clipped(step, factor), member)
        return True
    _update(layers, memory, dense, rows, bins, state, buffer, start, m, h, step, scale, member)
    return True


@inner
def _update(layers, memory, dense, rows, bins, state, buffer, start, m, h, step, scale, member):
    """Hand the gradient of this member's share to the optimizer; w[0]'s by the kind of rows."""
    update_sparse(layers, memory, rows, bins, state, buffer, start, m, h, step, scale, member)
    update_dense(layers, memory, dense, state, buffer, m, h, step, member)
    lowest = 0 if dense is not None and dense.middle == 0 else 1
    update_parameters(layers, state, memory.scratch, buffer, m, h, step, member, lowest)


@inline
def _complete(layers, memory, rows, scale, member):
    """Complete the weights at an epoch's end, as `finish` does; False if the team gives up."""
    if rows is None:
        return wait_for_all(member)
    if scale != 1.0:
        fold(layers, memory.state.value, rows, scale, member)
    return wait_for_all(member)


@inline
def _all_correct(memory, member):
    """How many rows all members have found to be classified correctly within this call."""
    total = 0
    for number in range(member.size):
        total += item(memory.correct, number)
    return total


@inline
def _limit_norms(layers, memory, extras, buffer, scale, member):
    """Max-norm, if asked for; False if the team gives up."""
    if extras is not None and extras.limited:
        limit_norms(
            layers, memory.state.value, memory.scratch, buffer, extras.max_norm, scale, member
        )
        return wait_for_all(member)
    return True
