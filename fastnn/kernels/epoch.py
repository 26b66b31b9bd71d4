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

from fastnn.kernels.figures import FIGURES, weight_figures
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer1.scaled import fold
from fastnn.kernels.layer1.ways import complete, update, weigh
from fastnn.kernels.layout import layers_of, row_unit
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.norms import clip_factor, limit_norms, step_gradient, sum_squares
from fastnn.kernels.optimizers import State, clipped, make_step, only_adding
from fastnn.kernels.propagation import propagate
from fastnn.kernels.simd import advance, item, pointer, pointers, set_item
from fastnn.kernels.team import share, wait_for_all
from fastnn.kernels.update import renew_transposed
from fastnn.kernels.workspace import Batch, thread_of, whole_batch

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
def train(table, memory, data, rows, extras, rule, progress, member):
    """One update for each mini-batch of data.order, an epoch's last one possibly shorter.

    table         see layout.Plan
    memory, data  see workspace.Memory and workspace.Data
    rows          the inputs, see layer1.ways.Rows
    extras        clipping, max-norm and dropout, see extras.Extras
    rule          see optimizers.Hyperparameters
    progress (4,) float64 in, out: see UPDATES and the following; it is not returned, for an
                  interrupt that has come meanwhile would lose what is returned
    member        this thread, see team.Member; all members make the same call
    """
    t, extras = thread_of(table, memory, data, rule, member), pointers(extras)
    way, so_far = pointers(rows), pointer(progress, 0)
    etas, figures, end = t.data.etas, t.memory.epochs, t.data.epoch_rows
    start, updates, scale = np.int64(0), int(item(so_far, UPDATES)), item(so_far, SCALE)
    # What is correct is counted by those whose rows it is, and over all of the call.
    cost_sum, correct, counted = item(so_far, COST_SUM), 0, 0
    renew_transposed(whole_batch(t, 0), t.member)
    while start < t.data.k:
        m = min(t.rule.mini_batch_size, min(end, t.data.k) - start)
        first, last = share(t.member, m, row_unit(m))
        batch = Batch(start, m, first, last, updates, scale)
        step = make_step(t.rule, item(etas, 0), m, updates + 1)
        if not weigh(way, t, batch, extras):
            return
        correct += propagate(t, batch, extras)
        if not wait_for_all(t.member):
            return
        cost_sum = _with_costs(t, m, cost_sum)
        together, scale = _update(way, t, batch, step, extras)
        if not together:
            return
        renew_transposed(whole_batch(t, 0), t.member)
        if not _limit_norms(t, scale, extras):
            return
        start, updates, etas = start + m, updates + 1, advance(etas, 1)
        if start == end:
            if not _end_epoch(way, t, scale, correct):
                return
            if t.member.number == 0:  # the others change none of this before they meet
                right = _all_correct(t) - counted
                counted += right
                _write_figures(t, cost_sum, right, figures)
            figures = advance(figures, 2 + FIGURES * t.layers.last)
            scale, cost_sum, end = 1.0, 0.0, end + t.data.epoch_rows
    set_item(t.memory.correct, t.member.number, correct)
    if wait_for_all(t.member) and t.member.number == 0:
        set_item(so_far, UPDATES, updates)
        set_item(so_far, SCALE, scale)
        set_item(so_far, COST_SUM, cost_sum)
        right = item(so_far, CORRECT) + (_all_correct(t) - counted)
        set_item(so_far, CORRECT, right)


@kernel
def finish(table, parameters, progress):
    """Fold the scale of sparse weights back into them."""
    layers, so_far = layers_of(pointer(table, 0)), pointer(progress, 0)
    w, stride = advance(pointer(parameters, 0), item(layers.w, 0)), item(layers.strides, 1)
    fold(Matrix(w, stride, item(layers.sizes, 0), item(layers.sizes, 1)), item(so_far, SCALE))
    set_item(so_far, SCALE, 1.0)


@inline
def _with_costs(t, m, cost_sum):
    """The sum of costs with those of a mini-batch's rows; it is thread 0's that counts."""
    if t.member.number == 0:
        for i in range(m):
            cost_sum += item(t.memory.costs, i)
    return cost_sum


@inline
def _update(way, t, batch, step, extras):
    """One step of this thread's share of all parameters.

    Returns whether the team goes on, and the scale of layer 1's weights.
    """
    state, taken = t.memory.state, step
    if extras.clip_norm > 0.0:
        # The gradient is written down as a whole, and measured, before it is taken.
        state, taken = State(state.value, extras.gradient, state.second), only_adding(step)
    scale = update(way, t, batch, state, taken)  # in one place: it is much to compile
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
def _end_epoch(way, t, scale, correct):
    """Complete the weights, as `finish` does; False if the team gives up."""
    set_item(t.memory.correct, t.member.number, correct)
    complete(way, t, scale)
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
