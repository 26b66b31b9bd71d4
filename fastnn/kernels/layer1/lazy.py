"""Layer 1 on sparse rows by plain SGD with L1: a weight is regularized when it is next touched.

An input that is 0 in a mini-batch leaves its weights to the penalty alone, k times until the
input is next seen. With d = 1 - eta lambda2 / n and s = eta lambda1 / n, that is

    w <- d w - s sgn(w)              (sub-gradient)
    w <- max(d |w| - s, 0) sgn(w)    (proximal)

k times over. Both have closed forms, so it takes one step instead of k. As long as w keeps its
sign, k steps make D w - S sgn(w), with D = d^k and S = s (1 + d + ... + d^(k-1)). Proximal
weights that would change their sign stay 0 from then on. With the sub-gradient, a weight with
d |w| < s changes its sign in every step: k steps make D w - A sgn(w), where A has the terms of S
with alternating signs. Where neither form holds for all k steps, single steps are taken until one
does: that is once in a weight's way to 0. Of NaN neither ever does, but k steps are all there are.

D, S and A are differences of running totals, which are kept since the start; each input
remembers what they were when its weights were last up to date. eta must stay the same.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer1.scaled import scaled_update
from fastnn.kernels.layout import HALVES
from fastnn.kernels.optimizers import sign, soft_threshold
from fastnn.kernels.simd import (
    absolute,
    advance,
    item,
    lanes_at,
    load,
    pointer,
    set_item,
    store,
    sum_lanes,
    where_positive,
)

__all__ = ["Lazy", "TOTALS", "begin_anew", "bring_up_to_date", "lazy_at", "lazy_update", "touch"]

# The running totals over all updates t so far, with p_t = d^t:
# p itself, sum s / p_(t+1), and the same with the sign (-1)^t.
PRODUCT, SHRINKS, FLIPS, TOTALS = range(4)

# Far above the smallest float64. Then all weights are brought up to date, and totals begin anew.
SMALLEST_PRODUCT = 2.0**-40


class Lazy(NamedTuple):
    """How far each input's weights are: arrays, in kernels pointers.

    totals (TOTALS,) float64           the running totals
    then (inputs, TOTALS) float64      what they were when the input's weights were up to date
    when (inputs,) int64               and after how many updates that was
    seen (threads, inputs) int64       the last update for which a thread has touched the input
    touched (threads, inputs) int64    the inputs that a thread has touched for this one
    """

    totals: object
    then: object
    when: object
    seen: object
    touched: object
    inputs: int


@inline
def lazy_at(lazy):
    """The same with pointers; None, for trainings without, stays None."""
    if lazy is None:
        return None
    return Lazy(
        pointer(lazy.totals, 0),
        pointer(lazy.then, 0),
        pointer(lazy.when, 0),
        pointer(lazy.seen, 0),
        pointer(lazy.touched, 0),
        lazy.inputs,
    )


@inner
def _regularize(lazy, c, update, w, first_column, last_column, decay, shrink, proximal):
    """Bring some columns of w (inputs' row c) up to date, before update number `update`."""
    if item(lazy.when, c) == update:
        return
    then = advance(lazy.then, c * TOTALS)
    product = item(lazy.totals, PRODUCT)
    for j in range(first_column, last_column, lanes_at(w)):
        p, shrinks, flips = item(then, PRODUCT), item(then, SHRINKS), item(then, FLIPS)
        flip, steps = 1.0 - 2.0 * (item(lazy.when, c) & 1), update - item(lazy.when, c)
        v = load(w, j)
        while steps > 0:
            d = product / p
            s = product * (item(lazy.totals, SHRINKS) - shrinks)
            if proximal:
                v = soft_threshold(v * d, s)
                break
            a = product * (item(lazy.totals, FLIPS) - flips) * flip
            size = absolute(v)
            far, near = size * d - s, shrink - size * decay
            undecided = where_positive(far, 0.0, where_positive(near, 0.0, 1.0))
            if sum_lanes(undecided) == 0.0:
                v = sign(v) * where_positive(far, far, size * d - a)
                break
            v, steps = v * decay - sign(v) * shrink, steps - 1
            p *= decay
            shrinks, flips, flip = shrinks + shrink / p, flips + flip * shrink / p, -flip
        store(w, j, v)


@inner
def touch(lazy, rows, start, m, update, v, stride, first, last, decay, shrink, proximal, number):
    """Bring up to date what the rows order[start : start + m] will read; how many inputs it is.

    v (inputs, stride) in, out: their columns first to last - 1. Thread `number` lists the inputs.
    """
    seen = advance(lazy.seen, number * lazy.inputs)
    touched = advance(lazy.touched, number * lazy.inputs)
    count, everything = 0, item(lazy.totals, PRODUCT) < SMALLEST_PRODUCT
    if everything:
        bring_up_to_date(lazy, update, v, stride, first, last, decay, shrink, proximal)
    for i in range(m):
        row = item(rows.order, start + i)
        for q in range(item(rows.starts, row), item(rows.starts, row + 1)):
            c = np.int64(item(rows.columns, q))
            if item(seen, c) != update + 1:
                set_item(seen, c, update + 1)
                set_item(touched, count, c)
                count += 1
                if not everything:
                    w = advance(v, c * stride)
                    _regularize(lazy, c, update, w, first, last, decay, shrink, proximal)
    return count


@inner
def bring_up_to_date(lazy, update, v, stride, first, last, decay, shrink, proximal):
    """Bring some columns of all inputs' weights up to date; afterwards one thread begins anew."""
    for c in range(lazy.inputs):
        w = advance(v, c * stride)
        _regularize(lazy, c, update, w, first, last, decay, shrink, proximal)


@inner
def begin_anew(lazy, update):
    """The totals, when all weights are up to date."""
    set_item(lazy.totals, PRODUCT, 1.0)
    set_item(lazy.totals, SHRINKS, 0.0)
    set_item(lazy.totals, FLIPS, 0.0)
    for c in range(lazy.inputs):
        _remember(lazy, c, update)


@inline
def _remember(lazy, c, update):
    for k in range(TOTALS):
        set_item(lazy.then, c * TOTALS + k, item(lazy.totals, k))
    set_item(lazy.when, c, update)


@inner
def lazy_update(
    lazy,
    count,
    rows,
    start,
    m,
    update,
    v,
    stride,
    delta,
    rate,
    first,
    last,
    decay,
    shrink,
    proximal,
    number,
):
    """Update number `update` of the inputs that `touch` has listed: their penalty and gradient.

    v (inputs, stride) in, out: columns first to last - 1; delta (m, stride) in; rate is eta / m
    """
    touched = advance(lazy.touched, number * lazy.inputs)
    lanes = lanes_at(v)
    for k in range(count):
        w = advance(v, item(touched, k) * stride)
        for j in range(first, last, lanes):
            weights = load(w, j)
            rest = weights * decay
            store(w, j, rest if proximal else rest - sign(weights) * shrink)
    scaled_update(rows, 0, HALVES, start, m, v, first, last, stride, -rate, delta)
    if proximal:
        for k in range(count):
            w = advance(v, item(touched, k) * stride)
            for j in range(first, last, lanes):
                store(w, j, soft_threshold(load(w, j), shrink))
    if number == 0:  # the others don't look at these before all have met
        if item(lazy.totals, PRODUCT) < SMALLEST_PRODUCT:
            begin_anew(lazy, update)
        _add_to_totals(lazy.totals, update, decay, shrink)
        for k in range(count):
            _remember(lazy, item(touched, k), update + 1)


@inline
def _add_to_totals(totals, update, decay, shrink):
    product = item(totals, PRODUCT) * decay
    term = shrink / product
    set_item(totals, PRODUCT, product)
    set_item(totals, SHRINKS, item(totals, SHRINKS) + term)
    set_item(totals, FLIPS, item(totals, FLIPS) + term * (1 - 2 * (update & 1)))
