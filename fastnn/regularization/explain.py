"""What the chosen eta, lambda, n and m do to the weights, worked out before any training.

An update of plain SGD (the book's eqs. 93 and 97) is

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - (eta / m) sum dC/dw

and an epoch has ceil(n / m) of them. Momentum adds up its steps, so that in the long run they
are those of eta / (1 - mu). AdamW decays beside its step, with eta. RMSProp and Adam divide the
gradient, and the penalty's part of it, by its own usual size: nothing fixed is left to work out.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fastnn.arguments import checks
from fastnn.regularization.effect import LayerEffect, RegularizationEffect
from fastnn.training.optimizers import Optimizer, as_optimizer
from fastnn.training.penalty import L1, Penalty, PerLayer, Proximal, as_l1, per_layer

__all__ = ["explain_regularization"]

_NORMAL_MEDIAN = 0.6744897501960817  # of |w|, for a standard normal distribution
_ENOUGH = 5_000  # weights for a median; that of all of a large layer takes long

_ADAPTIVE = ("adam", "rmsprop")


def explain_regularization(  # noqa: PLR0913  the user's own keywords
    eta: float,
    *,
    l2: PerLayer = 0.0,
    l1: L1 = 0.0,
    n: int,
    m: int,
    weights: Iterable[ArrayLike] | Sequence[int] | None = None,
    epochs: int = 1,
    optimizer: str | Optimizer = "sgd",
    data_cost: float | None = None,
) -> RegularizationEffect:
    """Work out what these settings do to the weights: `print` the result for a table.

    eta         learning rate
    l2, l1      the book's lmbda for either penalty, l1 as fastnn.Proximal if it is to be that; a
                sequence has one for each layer
    n, m        rows of the training set and of a mini-batch
    weights     `net.weights`, or sizes as [784, 30, 10] for a network as it begins by default,
                its weights drawn with standard deviation 1 / sqrt(inputs); None leaves out what
                depends on them
    epochs      of the training
    optimizer   as for `fit`
    data_cost   if known, the penalty's share of the cost is worked out

    `fit` does the same before its first update. Raises TypeError or ValueError.
    """
    eta = checks.number("eta", eta, positive=True)
    n, m = checks.count("n", n), checks.count("m", m)
    epochs = checks.count("epochs", epochs)
    optimizer = as_optimizer(optimizer)
    if data_cost is not None:
        data_cost = checks.number("data_cost", data_cost)
    looks = None if weights is None else _looks(weights)
    lmbda1 = l1.lmbda if isinstance(l1, Proximal) else l1
    count = max(1, np.size(lmbda1), np.size(l2)) if looks is None else len(looks)
    l1s, proximal = as_l1("l1", l1, count)
    l2s = per_layer("l2", l2, count)

    m = min(m, n)
    updates = -(-n // m)
    lasting = eta / (1 - getattr(optimizer, "mu", 0.0))
    decay_rate = None if optimizer.name in _ADAPTIVE else lasting
    shrink_rate = eta if proximal else decay_rate
    shown: Sequence[_Look | None] = looks or [None] * count
    course = _Course(n, m, updates, epochs, decay_rate, shrink_rate)
    layers = tuple(course.effect(*layer) for layer in zip(l1s, l2s, shown))
    penalty = None
    if looks is not None:
        squares, magnitudes = zip(*((look.squares, look.magnitudes) for look in looks))
        penalty = Penalty(l1s, l2s, n).of(squares, magnitudes)
    return RegularizationEffect(
        eta,
        n,
        m,
        epochs,
        optimizer,
        proximal,
        decay_rate,
        shrink_rate,
        updates,
        layers,
        penalty,
        data_cost,
    )


class _Look(NamedTuple):
    """What matters of a layer's weights: squares is sum w^2, magnitudes is sum |w|."""

    inputs: int
    typical: float
    largest: float
    squares: float
    magnitudes: float


def _looks(weights: Any) -> list[_Look]:
    items = list(weights)
    if all(isinstance(item, (int, np.integer)) for item in items):
        sizes = checks.layer_sizes("weights", items)
        return [_usual_look(j, k) for j, k in zip(sizes, sizes[1:])]
    return [_look(f"weights[{l}]", w) for l, w in enumerate(items)]


def _usual_look(inputs: int, outputs: int) -> _Look:
    """Of normally distributed weights with standard deviation 1 / sqrt(inputs)."""
    deviation, count = 1 / math.sqrt(inputs), inputs * outputs
    # The largest of so many lies near sqrt(2 ln count) standard deviations.
    largest = deviation * max(1.0, math.sqrt(2 * math.log(count)))
    magnitudes = count * deviation * math.sqrt(2 / math.pi)
    return _Look(inputs, _NORMAL_MEDIAN * deviation, largest, float(outputs), magnitudes)


def _look(argument: str, values: ArrayLike) -> _Look:
    w = checks.numeric(argument, values, np.float64)
    if w.ndim != 2 or w.size == 0:
        raise ValueError(f"{argument}: expected shape (outputs, inputs), got {w.shape}")
    sizes = np.abs(w).ravel(order="K")
    some = sizes[:: max(1, sizes.size // _ENOUGH)]
    squares = float(np.einsum("i,i", sizes, sizes))  # without BLAS, whose threads would spin on
    return _Look(
        w.shape[1], float(np.median(some)), float(sizes.max()), squares, float(sizes.sum())
    )


class _Course(NamedTuple):
    """What all layers' updates have in common; rates are those of RegularizationEffect."""

    n: int
    m: int
    updates: int
    epochs: int
    decay_rate: float | None
    shrink_rate: float | None

    def effect(self, l1: float, l2: float, look: _Look | None) -> LayerEffect:
        """Of the lambdas on a layer's weights."""
        inputs, typical, largest = (None, None, None) if look is None else look[:3]
        effect = LayerEffect(l1, l2, inputs, typical, largest, pull=l2 / self.n)
        if self.decay_rate is not None:
            lost, wrong = self.decay_rate * l2 / self.n, self.decay_rate * l2 / self.m
            effect = effect._replace(
                decay=1 - lost,
                epoch_decay=_power(lost, self.updates),
                training_decay=_power(lost, self.updates * self.epochs),
                half_life=_half_life(lost),
                mistaken_decay=1 - wrong,
                mistaken_epoch_decay=_power(wrong, self.updates),
            )
        if self.shrink_rate is not None:
            shrink, wrong = self.shrink_rate * l1 / self.n, self.shrink_rate * l1 / self.m
            effect = effect._replace(
                shrink=shrink,
                epoch_shrink=shrink * self.updates,
                mistaken_shrink=wrong,
                mistaken_epoch_shrink=wrong * self.updates,
            )
        return effect


def _power(lost: float, times: int) -> float:
    """(1 - lost)^times; a tiny loss isn't rounded away, and what is too large is infinite."""
    if lost < 1:
        return math.exp(times * math.log1p(-lost))
    try:
        return (1 - lost) ** times
    except OverflowError:
        return math.inf if times % 2 == 0 else -math.inf


def _half_life(lost: float) -> float:
    """Updates after which (1 - lost)^updates is 1/2."""
    if lost == 0:
        return math.inf
    return math.log(0.5) / math.log1p(-lost) if lost < 1 else 0.0
