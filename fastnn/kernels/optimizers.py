"""What an update does to a parameter, given the gradient: the optimizers, by run-time code.

With g = (1/m) sum_i dC_i/dw + (lambda2 / n) w + (lambda1 / n) sgn(w), the gradient of the
mini-batch's mean cost and of the penalty (sgn(0) = 0; biases have no penalty):

    sgd       w <- w - eta g, grouped as (1 - eta lambda2 / n) w - ... (the book's eq. 93)
    momentum  v <- mu v - eta g;  w <- w + v   (the book's eqs. 107 and 108)
    adam      first  <- beta1 first + (1 - beta1) g
              second <- beta2 second + (1 - beta2) g^2
              w <- w - eta / (1 - beta1^t) first / (sqrt(second / (1 - beta2^t)) + epsilon)
              (Kingma and Ba 2015, algorithm 1)

A parameter, its state and its gradient are read and written once.
"""

import math
from typing import NamedTuple

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import fma, lanes_at, load, sqrt, store, where_positive

__all__ = ["CODES", "Hyperparameters", "State", "Step", "make_step", "step_rows"]

SGD, MOMENTUM, ADAM, ACCUMULATE = range(4)
CODES = {"sgd": SGD, "momentum": MOMENTUM, "adam": ADAM, "accumulate": ACCUMULATE}


class Hyperparameters(NamedTuple):
    """What stays the same for all updates of a training.

    optimizer  its code; ACCUMULATE only adds the gradient to State.first
    eta        learning rate
    l1, l2     the book's lmbda, twice
    n          size of the training set
    mu         momentum
    beta1, beta2, epsilon  Adam's
    """

    optimizer: int
    eta: float
    l1: float
    l2: float
    n: int
    mu: float
    beta1: float
    beta2: float
    epsilon: float


class Step(NamedTuple):
    """What one update does, ready to use."""

    optimizer: int
    mean: float  # 1 / m
    rate: float  # eta / m
    decay: float  # 1 - eta lambda2 / n
    shrink: float  # eta lambda1 / n
    l2: float  # lambda2 / n
    l1: float  # lambda1 / n
    eta: float
    mu: float
    beta1: float
    beta2: float
    epsilon: float
    size: float  # eta / (1 - beta1^t)
    root: float  # 1 / sqrt(1 - beta2^t)


class State(NamedTuple):
    """Pointers to all parameters and to the optimizer's memory, laid out alike.

    first   momentum's v, Adam's first moment
    second  Adam's second moment
    """

    value: object
    first: object
    second: object


@inline
def make_step(h, m, t):
    """The step for a mini-batch of m rows; t counts updates from 1, for Adam's correction."""
    size, root = h.eta, 1.0
    if h.optimizer == ADAM:
        size = h.eta / (1.0 - h.beta1**t)
        root = 1.0 / math.sqrt(1.0 - h.beta2**t)
    return Step(
        h.optimizer, 1.0 / m, h.eta / m, 1.0 - h.eta * h.l2 / h.n, h.eta * h.l1 / h.n,
        h.l2 / h.n, h.l1 / h.n, h.eta, h.mu, h.beta1, h.beta2, h.epsilon, size, root,
    )  # fmt: skip


@inline
def without_penalty(s):
    """The same step for biases."""
    return Step(
        s.optimizer, s.mean, s.rate, 1.0, 0.0, 0.0, 0.0,
        s.eta, s.mu, s.beta1, s.beta2, s.epsilon, s.size, s.root,
    )  # fmt: skip


@inline
def sign(w):
    """sgn(w) of a block, 0 where w is 0."""
    return where_positive(w, 1.0, where_positive(-w, -1.0, 0.0))


@inner
def step_rows(state, start, stride, nabla, rows, width, step):
    """Update rows of `width` parameters, `stride` apart, the first one from element `start` on.

    nabla (rows, width) in: their gradients, summed over the mini-batch
    """
    lanes = lanes_at(nabla)
    value, first, second = state
    for i in range(rows):
        k, q = start + i * stride, i * width
        for _ in range(0, width, lanes):
            if step.optimizer == SGD:
                w = load(value, k)
                stepped = fma(load(nabla, q), -step.rate, w * step.decay)
                if step.shrink != 0.0:
                    stepped = fma(sign(w), -step.shrink, stepped)
                store(value, k, stepped)
            elif step.optimizer == ACCUMULATE:
                store(first, k, load(first, k) + load(nabla, q))
            else:
                w = load(value, k)
                g = fma(w, step.l2, load(nabla, q) * step.mean)
                if step.l1 != 0.0:
                    g = fma(sign(w), step.l1, g)
                if step.optimizer == MOMENTUM:
                    v = fma(load(first, k), step.mu, g * -step.eta)
                    store(first, k, v)
                    store(value, k, w + v)
                else:
                    mean = fma(load(first, k), step.beta1, g * (1.0 - step.beta1))
                    square = fma(load(second, k), step.beta2, g * g * (1.0 - step.beta2))
                    store(first, k, mean)
                    store(second, k, square)
                    scale = fma(sqrt(square), step.root, step.epsilon)
                    store(value, k, w - mean * step.size / scale)
            k, q = k + lanes, q + lanes
