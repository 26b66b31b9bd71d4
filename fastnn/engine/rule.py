"""How a training changes parameters: the rule, and how kernels take it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import aligned_zeros
from fastnn.layout.codes import OPTIMIZERS
from fastnn.layout.layers import square_units
from fastnn.layout.training import Extras, Hyperparameters

__all__ = ["MOST_UPDATES", "OptimizerMemory", "UpdateRule", "extras_of", "hyperparameters"]

# Kernels count updates in a float64, which stops at 2^53: a training would never end.
MOST_UPDATES = 2**52


class UpdateRule(NamedTuple):
    """How a training changes parameters.

    mini_batch_size, eta   rows of a mini-batch, learning rate
    l1, l2                 the book's lmbda, twice: one for all weights, or one a layer
    n                      the training set's size, by which penalties are divided; 0: each
                           mini-batch's own divisor divides them
    optimizer              a name, see layout.codes, and its settings; rho is beta2
    proximal               whether L1 is a soft threshold instead of a sub-gradient
    max_norm               largest norm of a neuron's weights, for all or one a layer; 0: any
    clip_norm              largest norm of a mini-batch's mean gradient; 0: any
    drop                   rate of dropout: of all layers but the output, or one each, the input's
                           first; drop_seed decides who is dropped
    steady                 whether all mini-batches have the learning rate eta
    with_penalty           whether each mini-batch's penalty is counted, see Trainer.penalty_sum
    """

    mini_batch_size: int
    eta: float
    l1: float | Sequence[float]
    l2: float | Sequence[float]
    n: int
    optimizer: str = "sgd"
    mu: float = 0.0
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0
    epsilon_hat: bool = False
    proximal: bool = False
    max_norm: float | Sequence[float] = 0.0
    clip_norm: float = 0.0
    drop: float | Sequence[float] = 0.0
    drop_seed: int = 0
    steady: bool = True
    with_penalty: bool = False


class OptimizerMemory:
    """What an optimizer remembers between updates, laid out as the parameters.

    first    v of momentum, Adam's first moment
    second   Adam's second moment, RMSProp's mean square
    updates  how many updates were done
    """

    def __init__(self, optimizer: str, parameters: int, dtype: DTypeLike):
        """Zeros for the arrays that this optimizer has, empty arrays for the others."""
        first = 0 if optimizer in ("sgd", "rmsprop", "lbfgs") else parameters
        second = parameters if optimizer in ("rmsprop", "adam", "adamw") else 0
        self.first, self.second = aligned_zeros(first, dtype), aligned_zeros(second, dtype)
        self.updates = 0


def _of_each(values: float | Sequence[float], layers: int) -> NDArray:
    """One number for all layers, or one each, as an array."""
    return np.broadcast_to(np.asarray(values, np.float64), layers).copy()


def hyperparameters(rule: UpdateRule, mini_batch_size: int, layers: int) -> Hyperparameters:
    """The rule as kernels take it, for mini-batches of so many rows; `layers` have weights."""
    return Hyperparameters(
        OPTIMIZERS[rule.optimizer],
        mini_batch_size,
        int(rule.n),
        float(rule.mu),
        float(rule.beta1),
        float(rule.beta2),
        float(rule.epsilon),
        bool(rule.epsilon_hat),
        _of_each(rule.l1, layers),
        _of_each(rule.l2, layers),
        bool(rule.proximal),
    )


def extras_of(rule: UpdateRule, sizes: Sequence[int], parameters: int, dtype: DTypeLike) -> Extras:
    """What the rule asks for beyond the usual, with the memory for it."""
    layers = len(sizes) - 1
    max_norm, drop = _of_each(rule.max_norm, layers), _of_each(rule.drop, layers)
    clipping = parameters if rule.clip_norm else 0
    return Extras(
        float(rule.clip_norm),
        aligned_zeros(clipping, dtype),
        np.empty(square_units(sizes) if rule.clip_norm else 0),
        bool(max_norm.any()),
        max_norm,
        drop,
        int(rule.drop_seed),
        bool(rule.with_penalty),
        np.zeros(1 + square_units(sizes) if rule.with_penalty else 0),
    )
