"""What lambda does to a weight in an update: the L2 shrink, L1's step towards 0, the threshold.

Beside the gradient, as in plain SGD and AdamW, a weight shrinks by itself:

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - ...    (the book's eqs. 93 and 97)

For all other optimizers the penalty is part of the gradient: g gets (lambda2 / n) w and
(lambda1 / n) sgn(w), sgn(0) = 0. Biases have no penalty.

Proximal L1 leaves lambda1 out of both, and moves w by eta lambda1 / n towards 0 after the step,
never beyond: that gives exact zeros (Parikh and Boyd 2014, section 4.2).
"""

from typing import NamedTuple

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import absolute, item, where_positive

__all__ = ["Penalty", "no_penalty", "penalty_of", "sign", "soft_threshold"]


class Penalty(NamedTuple):
    """What regularization adds to a step of one layer's weights."""

    decay: float  # 1 - eta lambda2 / n where the penalty is beside the gradient, else 1
    shrink: float  # eta lambda1 / n there, else 0
    l2_over_n: float  # lambda2 / n where the penalty is part of the gradient, else 0
    l1_over_n: float  # lambda1 / n there, else 0
    threshold: float  # eta lambda1 / n if proximal, else 0


@inline
def no_penalty():
    """That of biases."""
    return Penalty(1.0, 0.0, 0.0, 0.0, 0.0)


@inline
def penalty_of(rule, l, n, eta, beside):
    """That of the weights w[l], divided by n; `beside` the gradient, or else a part of it."""
    l1_over_n, l2_over_n = item(rule.l1, l) / n, item(rule.l2, l) / n
    threshold, shrink, decay = 0.0, 0.0, 1.0
    if rule.proximal:
        threshold, l1_over_n = eta * l1_over_n, 0.0
    if beside:
        decay, shrink = 1.0 - eta * l2_over_n, eta * l1_over_n
        l1_over_n, l2_over_n = 0.0, 0.0
    return Penalty(decay, shrink, l2_over_n, l1_over_n, threshold)


@inline
def sign(w):
    """sgn(w) of a block, 0 where w is 0."""
    return where_positive(w, 1.0, where_positive(-w, -1.0, 0.0))


@inline
def soft_threshold(w, threshold):
    """W, moved towards 0 by `threshold`, and not beyond; NaN stays NaN."""
    rest = absolute(w) - threshold
    return where_positive(-rest, 0.0, where_positive(w, rest, -rest))
