"""What the chosen eta, lambda, n and m do to the weights, worked out before any training.

An update of plain SGD (the book's eqs. 93 and 97) is

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - (eta / m) sum dC/dw

and an epoch has ceil(n / m) of them. Momentum adds up its steps, so that in the long run they
are those of eta / (1 - mu). AdamW decays beside its step, with eta. RMSProp and Adam divide the
gradient, and the penalty's part of it, by its own usual size: nothing fixed is left to work out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fastnn.arguments import checks
from fastnn.regularization.conventions import (
    keras_l1,
    keras_l2,
    pytorch_weight_decay,
    sklearn_alpha,
)
from fastnn.training.optimizers import Optimizer, as_optimizer
from fastnn.training.penalty import PerLayer, per_layer

__all__ = ["LayerEffect", "RegularizationEffect", "explain_regularization"]

_NORMAL_MEDIAN = 0.6744897501960817  # of |w|, for a standard normal distribution
_ENOUGH = 5_000  # weights for a median; that of all of a large layer takes long

_ADAPTIVE = ("adam", "rmsprop")
_IN_SKLEARN = ("sgd", "momentum", "nesterov", "adam")


class LayerEffect(NamedTuple):
    """What the penalties do to one layer's weights.

    l1, l2           lambda1 and lambda2
    inputs           neurons that the layer reads; None if not known, as are the following then
    typical_weight   median |w|, in a large layer of some thousand weights all over it
    largest_weight   max |w|
    pull             lambda2 / n, the factor of w in the gradient
    decay            factor of an update, 1 - eta lambda2 / n; None for RMSProp and Adam
    epoch_decay      factor of an epoch, decay ^ ceil(n / m)
    training_decay   factor of all epochs
    half_life        updates until a weight has halved; inf without a decay
    shrink           what an update takes off |w|, eta lambda1 / n; None for RMSProp and Adam
    epoch_shrink     what an epoch takes off, where the data's gradient adds nothing
    mistaken_decay, mistaken_epoch_decay, mistaken_shrink, mistaken_epoch_shrink
                     the same with lambda divided by the mini-batch's size m instead of n
    """

    l1: float
    l2: float
    inputs: int | None
    typical_weight: float | None
    largest_weight: float | None
    pull: float
    decay: float | None = None
    epoch_decay: float | None = None
    training_decay: float | None = None
    half_life: float | None = None
    shrink: float | None = None
    epoch_shrink: float | None = None
    mistaken_decay: float | None = None
    mistaken_epoch_decay: float | None = None
    mistaken_shrink: float | None = None
    mistaken_epoch_shrink: float | None = None


@dataclass(frozen=True)
class RegularizationEffect:
    """What `explain_regularization` has worked out; str() is a table of it.

    eta, n, m, epochs   learning rate, training rows, rows of a mini-batch, epochs
    optimizer           as fit takes it
    l1_mode             "subgradient" or "proximal"
    decay_rate, shrink_rate
                        what lambda / n is multiplied by: eta, or eta / (1 - mu) for momentum;
                        None where the optimizer leaves nothing fixed
    updates_per_epoch   ceil(n / m)
    layers              a LayerEffect for each layer
    penalty             lambda2 / (2 n) sum w^2 + lambda1 / n sum |w|, as it is before training;
                        None if no weights or sizes are known
    data_cost           as given, or None

    decay, epoch_decay, shrink and all other names of LayerEffect's figures are those of the
    layer that they are strongest in.
    """

    eta: float
    n: int
    m: int
    epochs: int
    optimizer: Optimizer
    l1_mode: str
    decay_rate: float | None
    shrink_rate: float | None
    updates_per_epoch: int
    layers: tuple[LayerEffect, ...]
    penalty: float | None
    data_cost: float | None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in LayerEffect._fields:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        figures = [f for layer in self.layers if (f := getattr(layer, name)) is not None]
        smallest = "decay" in name or name in ("half_life", "typical_weight", "inputs")
        return (min if smallest else max)(figures, default=None)

    @property
    def penalty_share(self) -> float | None:
        """Share of the penalty in the whole cost; None without a data cost."""
        if self.penalty is None or self.data_cost is None:
            return None
        return self.penalty / max(self.penalty + self.data_cost, np.finfo(float).tiny)

    @property
    def conventions(self) -> dict[str, float]:
        """What other libraries would call the same lambda, see `fastnn.conventions`.

        Of the layer with the largest lambda, where they differ. Only what gives the same updates
        with the same optimizer: AdamW has no penalty in the loss, and is not in scikit-learn.
        """
        l1, l2, n, m = self.l1, self.l2, self.n, self.m
        in_gradient = self.optimizer.name != "adamw"
        found: dict[str, float] = {}
        if l2:
            found["lambda2 / m"] = l2 * m / n
            found["PyTorch weight_decay"] = pytorch_weight_decay(l2, n)
            if in_gradient:
                found["Keras regularizers.L2"] = keras_l2(l2, n)
            else:
                found["Keras weight_decay"] = pytorch_weight_decay(l2, n)
            if self.optimizer.name in _IN_SKLEARN:
                found["scikit-learn alpha"] = sklearn_alpha(l2, n, m)
        if l1:
            found["lambda1 / m"] = l1 * m / n
            if in_gradient:
                found["Keras regularizers.L1"] = keras_l1(l1, n)
                found["PyTorch, times w.abs().sum()"] = keras_l1(l1, n)
        return found

    def __str__(self) -> str:
        from fastnn.regularization.table import table  # which reads this class

        return table(self)


def explain_regularization(
    eta: float,
    *,
    l2: PerLayer = 0.0,
    l1: PerLayer = 0.0,
    n: int,
    m: int,
    weights: Iterable[ArrayLike] | Sequence[int] | None = None,
    epochs: int = 1,
    optimizer: str | Optimizer = "sgd",
    l1_mode: str = "subgradient",
    data_cost: float | None = None,
) -> RegularizationEffect:
    """Work out what these settings do to the weights: `print` the result for a table.

    eta         learning rate
    l2, l1      the book's lmbda for either penalty; a sequence has one for each layer
    n, m        rows of the training set and of a mini-batch
    weights     `net.weights`, or sizes as [784, 30, 10] for a network as it begins by default,
                its weights drawn with standard deviation 1 / sqrt(inputs); None leaves out what
                depends on them
    epochs      of the training
    optimizer   as for `fit`
    l1_mode     as for `fit`
    data_cost   if known, the penalty's share of the cost is worked out

    `fit` does the same before its first update. Raises TypeError or ValueError.
    """
    eta = checks.number("eta", eta, positive=True)
    n, m = checks.count("n", n), checks.count("m", m)
    epochs = checks.count("epochs", epochs)
    optimizer = as_optimizer(optimizer)
    checks.known("l1_mode", l1_mode, ("subgradient", "proximal"))
    if data_cost is not None:
        data_cost = checks.number("data_cost", data_cost)
    looks = None if weights is None else _looks(weights)
    count = max(1, np.size(l1), np.size(l2)) if looks is None else len(looks)
    l1s, l2s = per_layer("l1", l1, count), per_layer("l2", l2, count)

    m = min(m, n)
    updates = -(-n // m)
    proximal = l1_mode == "proximal"
    lasting = eta / (1 - getattr(optimizer, "mu", 0.0))
    decay_rate = None if optimizer.name in _ADAPTIVE else lasting
    shrink_rate = eta if proximal else decay_rate
    shown: Sequence[_Look | None] = looks or [None] * count
    layers = tuple(
        _layer_effect(one, two, look, n, m, updates, epochs, decay_rate, shrink_rate)
        for one, two, look in zip(l1s, l2s, shown)
    )
    penalty = None
    if looks is not None:
        penalty = sum(
            two / (2 * n) * look.squares + one / n * look.magnitudes
            for one, two, look in zip(l1s, l2s, looks)
        )
    return RegularizationEffect(
        eta,
        n,
        m,
        epochs,
        optimizer,
        l1_mode,
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


def _layer_effect(
    l1: float,
    l2: float,
    look: _Look | None,
    n: int,
    m: int,
    updates: int,
    epochs: int,
    decay_rate: float | None,
    shrink_rate: float | None,
) -> LayerEffect:
    inputs, typical, largest = (None, None, None) if look is None else look[:3]
    effect = LayerEffect(l1, l2, inputs, typical, largest, pull=l2 / n)
    if decay_rate is not None:
        lost, wrong = decay_rate * l2 / n, decay_rate * l2 / m
        effect = effect._replace(
            decay=1 - lost,
            epoch_decay=_power(lost, updates),
            training_decay=_power(lost, updates * epochs),
            half_life=_half_life(lost),
            mistaken_decay=1 - wrong,
            mistaken_epoch_decay=_power(wrong, updates),
        )
    if shrink_rate is not None:
        shrink, wrong = shrink_rate * l1 / n, shrink_rate * l1 / m
        effect = effect._replace(
            shrink=shrink,
            epoch_shrink=shrink * updates,
            mistaken_shrink=wrong,
            mistaken_epoch_shrink=wrong * updates,
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
