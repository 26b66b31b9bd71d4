"""What an update does to a parameter, given the gradient: the optimizers, by run-time code.

With g = (1/m) sum_i dC_i/dw + (lambda2 / n) w + (lambda1 / n) sgn(w), the gradient of the
mini-batch's mean cost and of the penalty (sgn(0) = 0; biases have no penalty):

    sgd       w <- w - eta g, grouped as (1 - eta lambda2 / n) w - ... (the book's eq. 93)
    momentum  v <- mu v - eta g;  w <- w + v   (the book's eqs. 107 and 108)
    nesterov  v <- mu v - eta g;  w <- w + mu v - eta g   (Sutskever et al. 2013, in the form
              that keeps w where the gradient is taken)
    rmsprop   second <- rho second + (1 - rho) g^2;  w <- w - eta g / (sqrt(second) + epsilon)
              (Hinton 2012, lecture 6e)
    adam      first  <- beta1 first + (1 - beta1) g
              second <- beta2 second + (1 - beta2) g^2
              w <- w - eta / (1 - beta1^t) first / (sqrt(second / (1 - beta2^t)) + epsilon)
              (Kingma and Ba 2015, algorithm 1). With epsilon_hat, as at the end of its section 2:
              w <- w - eta sqrt(1 - beta2^t) / (1 - beta1^t) first / (sqrt(second) + epsilon)
    adamw     adam with the penalty beside the gradient instead of in it:
              w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - adam's step
              (Loshchilov and Hutter 2019, algorithm 2)

What lambda does in them is in penalty.

A parameter, its state and its gradient are read and written once.
"""

import math
from typing import NamedTuple

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.penalty import Penalty, no_penalty, penalty_of, sign, soft_threshold
from fastnn.kernels.simd import (
    absolute,
    advance,
    fma,
    itemsize,
    lanes_at,
    load,
    prefetch,
    sqrt,
    store,
    where_positive,
)
from fastnn.layout.codes import ACCUMULATE, ADAM, ADAMW, MOMENTUM, NESTEROV, RMSPROP, SGD
from fastnn.layout.training import State

__all__ = [
    "Rate",
    "Step",
    "clipped",
    "make_step",
    "only_adding",
    "penalized",
    "prefetch_step",
    "state_from",
    "step_rows",
]

SMALLEST_NORMAL_32, SMALLEST_NORMAL_64 = 2.0**-126, 2.0**-1022


class Rate(NamedTuple):
    """How far an update goes: the optimizer's part of a step."""

    eta: float
    mu: float
    beta1: float
    beta2: float
    epsilon: float
    size: float  # eta / (1 - beta1^t)
    root: float  # 1 / sqrt(1 - beta2^t)


class Step(NamedTuple):
    """What one update does, ready to use."""

    optimizer: int
    mean: float  # 1 / m: of gradients there is the sum
    n: float  # what penalties are divided by
    rate: Rate
    penalty: Penalty


@inline
def state_from(state, place):
    """The state of the parameters from element `place` on."""
    value, first, second = state
    return State(advance(value, place), advance(first, place), advance(second, place))


@inline
def make_step(rule, eta, count, t):
    """The step of biases, which have no penalty.

    count: what the mini-batch's sums are divided by, see counting
    t: counts updates from 1, for Adam's correction
    """
    size, root, epsilon = eta, 1.0, rule.epsilon
    if rule.optimizer == ADAM or rule.optimizer == ADAMW:
        size = eta / (1.0 - rule.beta1**t)
        root = 1.0 / math.sqrt(1.0 - rule.beta2**t)
        if rule.epsilon_hat:
            epsilon *= root
    rate = Rate(eta, rule.mu, rule.beta1, rule.beta2, epsilon, size, root)
    n = float(rule.n) if rule.n > 0 else count
    return Step(rule.optimizer, 1.0 / count, n, rate, no_penalty())


@inline
def penalized(rule, l, step):
    """The step for the weights w[l]."""
    beside = step.optimizer == SGD or step.optimizer == ADAMW
    penalty = penalty_of(rule, l, step.n, step.rate.eta, beside)
    return Step(step.optimizer, step.mean, step.n, step.rate, penalty)


@inline
def only_adding(step):
    """A step that adds the gradient to State.first, and does nothing else."""
    return Step(ACCUMULATE, step.mean, step.n, step.rate, step.penalty)


@inline
def clipped(step, factor):
    """The step with the gradient made shorter by a factor."""
    return Step(step.optimizer, step.mean * factor, step.n, step.rate, step.penalty)


@inline
def _flushed(x):
    """X, with 0 in place of numbers so small that they have lost digits; NaN stays NaN.

    Where a gradient is 0 for long, as behind a dead neuron, what remembers it halves and halves.
    CPUs reckon many times slower with such denormal numbers, and they would stay for ever.
    """
    smallest = SMALLEST_NORMAL_32 if itemsize(x) == 4 else SMALLEST_NORMAL_64
    return where_positive(smallest - absolute(x), 0.0, x)


@inline
def prefetch_step(state, stride, rows, vectors, step):
    """Ask for what step_rows will read and write, while its gradient is still being summed.

    In a wide network parameters and their state don't stay in the L2 cache from one mini-batch
    to the next; without this, an epoch of 800-800-800-10 takes a third longer.
    """
    lanes = lanes_at(state.value)
    for i in range(rows):
        for j in range(vectors):
            k = i * stride + j * lanes
            prefetch(state.value, k)
            if step.optimizer != SGD:
                prefetch(state.first, k)
                prefetch(state.second, k)


@inner
def step_rows(state, stride, gradient, by_column, step):
    """Update rows of parameters, which begin `stride` apart.

    gradient (rows, width) in: theirs, summed over the mini-batch; whole vectors
    by_column: a vector of each row, then the next vector of each. The CPU then expects the next
        rows, and not more of the same ones, to be wanted soon.
    """
    nabla = gradient.start
    lanes = lanes_at(nabla)
    value, first, second = state
    rate, penalty = step.rate, step.penalty
    lines, length = gradient.rows, gradient.width // lanes
    k_line, k_step, q_line, q_step = stride, lanes, gradient.stride, lanes
    if by_column:
        lines, length = length, lines
        k_line, k_step, q_line, q_step = k_step, k_line, q_step, q_line
    for i in range(lines):
        k, q = i * k_line, i * q_line
        for _ in range(length):
            if step.optimizer == ACCUMULATE:
                store(first, k, load(first, k) + load(nabla, q))
                k, q = k + k_step, q + q_step
                continue
            w = load(value, k)
            g = fma(w, penalty.l2_over_n, load(nabla, q) * step.mean)
            rest = w * penalty.decay
            if penalty.l1_over_n != 0.0 or penalty.shrink != 0.0:
                s = sign(w)
                g, rest = fma(s, penalty.l1_over_n, g), fma(s, -penalty.shrink, rest)
            if step.optimizer == SGD:
                w = fma(g, -rate.eta, rest)
            elif step.optimizer == MOMENTUM or step.optimizer == NESTEROV:
                v = _flushed(fma(load(first, k), rate.mu, g * -rate.eta))
                store(first, k, v)
                if step.optimizer == NESTEROV:
                    v = fma(v, rate.mu, g * -rate.eta)
                w = rest + v
            elif step.optimizer == RMSPROP:
                square = _flushed(fma(load(second, k), rate.beta2, g * g * (1.0 - rate.beta2)))
                store(second, k, square)
                w = rest - g * rate.eta / (sqrt(square) + rate.epsilon)
            else:
                mean = _flushed(fma(load(first, k), rate.beta1, g * (1.0 - rate.beta1)))
                square = _flushed(fma(load(second, k), rate.beta2, g * g * (1.0 - rate.beta2)))
                store(first, k, mean)
                store(second, k, square)
                w = rest - mean * rate.size / fma(sqrt(square), rate.root, rate.epsilon)
            if penalty.threshold != 0.0:
                w = soft_threshold(w, penalty.threshold)
            store(value, k, w)
            k, q = k + k_step, q + q_step
