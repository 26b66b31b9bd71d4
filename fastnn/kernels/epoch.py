"""The loop over the mini-batches of an epoch: stochastic gradient descent, one call.

A call may take a part of an epoch, or several epochs one after the other.

Threads share each mini-batch, and meet two to four times in it:

    thread 0        thread 1
    weigh           weigh        layer 1's z; by rows, or by parts that are added after a meeting
    propagate       propagate    own rows through the network and back, which needs nothing else
    ----- meet: all errors delta are there -----
    update          update       own weights, which needs all rows
    transpose       transpose    own weights, for the next errors
    ----- meet, before anyone reads what another has updated; see layer1 -----

Clipping and max-norm have meetings of their own.
"""

import numpy as np

from fastnn.kernels.counting import cost_of, count_of
from fastnn.kernels.figures import weight_figures
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer import layers_of
from fastnn.kernels.layer1.scaled import fold
from fastnn.kernels.layer1.ways import complete, update, weigh
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.norms import clip_factor, limit_norms, step_gradient, sum_squares
from fastnn.kernels.optimizers import clipped, make_step, only_adding
from fastnn.kernels.penalty_sum import add_penalty, measure_penalties
from fastnn.kernels.propagation import propagate
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.team import row_unit, share, wait_for_all
from fastnn.kernels.update import renew_transposed
from fastnn.kernels.workspace import Batch, thread_of, whole_batch
from fastnn.layout.figures import CORRECT, COST_SUM, FIGURES, SCALE, UPDATES
from fastnn.layout.training import State

__all__ = ["finish", "train"]


@kernel
def train(table, memory, data, rows, extras, rule, piece, member):
    """One update for each mini-batch of piece.order, an epoch's last one possibly shorter.

    table         see layout.layers.Plan; the others that are no arrays in layout.training and rows
    member        this thread, see layout.team; all members make the same call
    """
    t = thread_of(table, memory, data, rule, piece, member)
    etas, figures, end = piece.etas, piece.epochs, piece.epoch_rows
    progress = memory.progress
    start, updates, scale = np.int64(0), int(item(progress, UPDATES)), item(progress, SCALE)
    # What is correct is counted by those whose rows it is, and over all of the call.
    cost_sum, correct, counted = item(progress, COST_SUM), 0, 0
    renew_transposed(whole_batch(t, 0), t.member)
    while start < t.piece.k:
        m = min(t.rule.mini_batch_size, min(end, t.piece.k) - start)
        first, last = share(t.member, m, row_unit(m))
        batch = Batch(start, m, first, last, updates, scale)
        count = count_of(t, start, m)
        step = make_step(t.rule, item(etas, 0), count, updates + 1)
        if not weigh(rows, t, batch, extras):
            return
        if extras.with_penalty:
            measure_penalties(t, scale, extras.penalties)
        correct += propagate(t, batch, extras)
        if not wait_for_all(t.member):
            return
        if t.member.number == 0:  # the others change none of this before they meet
            cost_sum = cost_of(t, m, count, cost_sum)
            if extras.with_penalty:
                add_penalty(t.layers, extras.penalties, m / step.n)
        together, scale = _update(rows, t, batch, step, extras)
        if not together:
            return
        renew_transposed(whole_batch(t, 0), t.member)
        if not _limit_norms(t, scale, extras):
            return
        start, updates, etas = start + m, updates + 1, advance(etas, 1)
        if start == end:
            if not _end_epoch(rows, t, scale, correct):
                return
            if t.member.number == 0:  # likewise
                right = _all_correct(t) - counted
                counted += right
                _write_figures(t, cost_sum, right, figures)
            figures = advance(figures, 2 + FIGURES * t.layers.last)
            scale, cost_sum, end = 1.0, 0.0, end + t.piece.epoch_rows
    set_item(t.memory.correct, t.member.number, correct)
    if wait_for_all(t.member) and t.member.number == 0:
        set_item(progress, UPDATES, updates)
        set_item(progress, SCALE, scale)
        set_item(progress, COST_SUM, cost_sum)
        right = item(progress, CORRECT) + (_all_correct(t) - counted)
        set_item(progress, CORRECT, right)


@kernel
def finish(table, parameters, progress):
    """Fold the scale of sparse weights back into them."""
    layers = layers_of(table)
    w, stride = advance(parameters, item(layers.w, 0)), item(layers.strides, 1)
    fold(Matrix(w, stride, item(layers.sizes, 0), item(layers.sizes, 1)), item(progress, SCALE))
    set_item(progress, SCALE, 1.0)


@inline
def _update(rows, t, batch, step, extras):
    """One step of this thread's share of all parameters.

    Returns whether the team goes on, and the scale of layer 1's weights.
    """
    state, taken = t.memory.state, step
    if extras.clip_norm > 0.0:
        # The gradient is written down as a whole, and measured, before it is taken.
        state, taken = State(state.value, extras.gradient, state.second), only_adding(step)
    scale = update(rows, t, batch, state, taken)  # in one place: it is much to compile
    return extras.clip_norm == 0.0 or _step_clipped(t, step, extras), scale


@inner
def _step_clipped(t, step, extras):
    """The step itself, of a gradient that is summed up; False if the team gives up."""
    if not wait_for_all(t.member):  # who measures it may not have summed it up
        return False
    sum_squares(t.layers, extras.gradient, extras.squares, t.member)
    if not wait_for_all(t.member):
        return False
    factor = clip_factor(t.layers, extras.squares, step.mean, extras.clip_norm)
    shorter = clipped(step, factor)
    step_gradient(t.layers, t.memory.state, extras.gradient, t.rule, shorter, t.member)
    return True


@inline
def _limit_norms(t, scale, extras):
    """Max-norm, if asked for; False if the team gives up."""
    if extras.limited:
        if not wait_for_all(t.member):
            return False
        limit_norms(whole_batch(t, 0), extras.max_norm, scale, t.member, t.buffer)
        return wait_for_all(t.member)
    return True


@inline
def _end_epoch(rows, t, scale, correct):
    """Complete the weights, as `finish` does; False if the team gives up."""
    set_item(t.memory.correct, t.member.number, correct)
    complete(rows, t, scale)
    return wait_for_all(t.member)


@inline
def _all_correct(t):
    """How many rows all members have found to be classified correctly within this call."""
    total = 0
    for number in range(t.member.size):
        total += item(t.memory.correct, number)
    return total


@inline
def _write_figures(t, cost_sum, right, figures):
    """Those of an epoch that has ended."""
    set_item(figures, 0, cost_sum)
    set_item(figures, 1, float(right))
    weight_figures(t.layers, t.memory.state.value, advance(figures, 2))
