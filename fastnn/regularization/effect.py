"""What penalties do to weights: the figures, layer by layer, and the table of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from fastnn.regularization.conventions import (
    keras_l1,
    keras_l2,
    pytorch_weight_decay,
    sklearn_alpha,
)
from fastnn.training.optimizers import Optimizer

__all__ = ["LayerEffect", "RegularizationEffect", "factor", "figure", "rate"]

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


# Which of several layers' figures is that of the layer where the penalties are strongest.
_STRONGEST: dict[str, Callable[..., Any]] = {
    "l1": max,
    "l2": max,
    "inputs": min,
    "typical_weight": min,
    "largest_weight": max,
    "pull": max,
    "decay": min,
    "epoch_decay": min,
    "training_decay": min,
    "half_life": min,
    "shrink": max,
    "epoch_shrink": max,
    "mistaken_decay": min,
    "mistaken_epoch_decay": min,
    "mistaken_shrink": max,
    "mistaken_epoch_shrink": max,
}


@dataclass(frozen=True)
class RegularizationEffect:
    """What `explain_regularization` has worked out; str() is a table of it.

    eta, n, m, epochs   learning rate, training rows, rows of a mini-batch, epochs
    optimizer           as fit takes it
    proximal            whether L1 is a soft threshold instead of a sub-gradient
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
    proximal: bool
    decay_rate: float | None
    shrink_rate: float | None
    updates_per_epoch: int
    layers: tuple[LayerEffect, ...]
    penalty: float | None
    data_cost: float | None

    def __getattr__(self, name: str) -> Any:
        if name not in _STRONGEST:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        figures = [f for layer in self.layers if (f := getattr(layer, name)) is not None]
        return _STRONGEST[name](figures, default=None)

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
        return _table(self)


def _table(e: RegularizationEffect) -> str:
    """All of it, a block a subject."""
    updates = _count(e.updates_per_epoch, "update")
    blocks = [
        [
            f"eta {figure(e.eta)}, n = {e.n:,} rows, mini-batches of m = {e.m:,}, "
            f"{e.optimizer.name}: {updates} an epoch"
        ]
    ]
    if e.l2:
        blocks.append(_l2(e))
    if e.l1:
        blocks.append(_l1(e))
    if not e.l1 and not e.l2:
        blocks.append(["no penalty: lambda1 and lambda2 are 0"])
    if e.penalty:
        blocks.append(_penalty(e))
    if e.conventions:
        values = [(name, figure(value)) for name, value in e.conventions.items()]
        blocks.append(["The same lambda elsewhere", *_columns(values)])
    return "\n\n".join("\n".join(block) for block in blocks)


def figure(value: float) -> str:
    """A number with six digits, without an exponent where it can be read so."""
    if value == 0 or 1e-5 <= abs(value) < 1e-4:
        return f"{value:.10f}".rstrip("0").rstrip(".")
    if 1e6 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:,.6g}"


def factor(value: float) -> str:
    """A factor of weights; one that is nearly 1 as 1 - its difference."""
    return f"1 - {figure(1 - value)}" if 0 < 1 - value < 1e-5 else figure(value)


def rate(e: RegularizationEffect) -> str:
    """The rate that decays and shrinks go by, as arithmetic."""
    mu = getattr(e.optimizer, "mu", 0.0)
    return f"{figure(e.eta)} / (1 - {figure(mu)})" if mu else figure(e.eta)


def _l2(e: RegularizationEffect) -> list[str]:
    lines = []
    for layers, of in _groups(e, "l2"):
        lines.append(f"L2, lambda2 = {figure(of.l2)}{layers}")
        if of.decay is None:
            lines += [
                f"    The gradient gets lambda2 / n w = {figure(of.pull)} w before "
                f"{e.optimizer.name} divides it by its usual size:",
                "    there is no fixed decay. adamw decays beside the gradient.",
            ]
            continue
        name = "in the long run" if e.decay_rate != e.eta else "an update"
        rows = [
            (name, f"1 - {rate(e)} * {figure(of.l2)} / {e.n:,}", factor(of.decay)),
            ("an epoch", f"to the power of {e.updates_per_epoch:,}", factor(of.epoch_decay or 0)),
        ]
        if e.epochs > 1:
            power = f"to the power of {e.updates_per_epoch * e.epochs:,}"
            rows.append((f"{e.epochs:,} epochs", power, factor(of.training_decay or 0)))
        wrong = f"1 - {rate(e)} * {figure(of.l2)} / {e.m:,}"
        rows.append(("divided by m", wrong, _wrong_factor(of.mistaken_decay or 0)))
        lines += _columns(rows)
        lines.append(f"    {_halving(e, of)}")
    return lines


def _halving(e: RegularizationEffect, of: LayerEffect) -> str:
    if of.decay is not None and of.decay < 0:
        if e.decay_rate != e.eta:
            return "Momentum carries weights through 0 and back again."
        return "Weights change their sign at each update" + (
            " and grow without bound." if of.decay < -1 else "."
        )
    if not of.half_life or math.isinf(of.half_life):
        return "Nothing is left of a weight."
    time = f"{of.half_life:,.0f} updates" if of.half_life >= 1.5 else "one update or less"
    epochs = f"{_rounded(of.half_life / e.updates_per_epoch)} epochs"
    return f"Weights halve in {time} = {epochs}, where the data don't hold them."


def _l1(e: RegularizationEffect) -> list[str]:
    lines, mode = [], "proximal" if e.proximal else "subgradient"
    for layers, of in _groups(e, "l1"):
        lines.append(f"L1, lambda1 = {figure(of.l1)}{layers}, {mode}")
        if of.shrink is None:
            lines += [
                f"    The gradient gets lambda1 / n sgn(w) = {figure(of.l1 / e.n)} sgn(w) before "
                f"{e.optimizer.name} divides it",
                "    by its usual size: there is no fixed shrink. fastnn.Proximal has one.",
            ]
            continue
        eta = rate(e) if e.shrink_rate != e.eta else figure(e.eta)
        name = "in the long run" if e.shrink_rate != e.eta else "an update"
        lines += _columns(
            [
                (name, f"{eta} * {figure(of.l1)} / {e.n:,}", figure(of.shrink)),
                ("an epoch", f"times {e.updates_per_epoch:,}", figure(of.epoch_shrink or 0)),
                (
                    "divided by m",
                    f"{eta} * {figure(of.l1)} / {e.m:,}",
                    f"{figure(of.mistaken_shrink or 0)}, the usual mistake",
                ),
            ]
        )
    if e.layers[0].typical_weight is not None and e.shrink is not None:
        lines += _beside_weights(e)
    return lines


def _beside_weights(e: RegularizationEffect) -> list[str]:
    """How long the weights last without the data's gradient."""
    rows: list[tuple[str, ...]] = [
        ("layer", "median |w|", "largest |w|", "median is 0 after", "divided by m")
    ]
    for l, of in enumerate(e.layers, start=1):
        typical, largest = of.typical_weight or 0.0, of.largest_weight or 0.0
        lasts = [_lasting(typical, s or 0.0) for s in (of.shrink, of.mistaken_shrink)]
        rows.append((str(l), f"{typical:.4g}", f"{largest:.4g}", *lasts))
    return _columns(rows)


def _lasting(weight: float, shrink: float) -> str:
    if not shrink:
        return "never"
    return _count(max(1, math.ceil(weight / shrink)), "update")


def _penalty(e: RegularizationEffect) -> list[str]:
    line = f"The penalty is {e.penalty:.4g} before training"
    if e.penalty_share is not None:
        line += f", {e.penalty_share:.1%} of a cost whose data part is {figure(e.data_cost or 0)}"
    return [line + "."]


def _wrong_factor(value: float) -> str:
    return f"{factor(value)}, the usual mistake"


def _groups(e: RegularizationEffect, name: str) -> list[tuple[str, LayerEffect]]:
    """Layers with the same lambda above 0, described, and one of each."""
    found = []
    numbered = enumerate(e.layers, start=1)
    for lmbda, group in groupby(numbered, key=lambda item: getattr(item[1], name)):
        members = list(group)
        first, last = members[0][0], members[-1][0]
        where = f" for layer {first}" if first == last else f" for layers {first} to {last}"
        if lmbda:
            found.append(("" if len(members) == len(e.layers) else where, members[0][1]))
    return found


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "    " + "   ".join(f"{cell:{width}}" for cell, width in zip(row, widths)).rstrip()
        for row in rows
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rounded(value: float) -> str:
    return f"{value:,.1f}" if value >= 0.1 else f"{value:.2g}"
