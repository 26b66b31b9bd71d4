"""The table that `explain_regularization` prints, and how its numbers are written."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastnn.regularization.explain import LayerEffect, RegularizationEffect

__all__ = ["factor", "figure", "rate", "table"]


def table(effect: "RegularizationEffect") -> str:
    """All of it, a block a subject."""
    e = effect
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


def rate(e: "RegularizationEffect") -> str:
    """The rate that decays and shrinks go by, as arithmetic."""
    mu = getattr(e.optimizer, "mu", 0.0)
    return f"{figure(e.eta)} / (1 - {figure(mu)})" if mu else figure(e.eta)


def _l2(e: "RegularizationEffect") -> list[str]:
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


def _halving(e: "RegularizationEffect", of: "LayerEffect") -> str:
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


def _l1(e: "RegularizationEffect") -> list[str]:
    lines = []
    for layers, of in _groups(e, "l1"):
        lines.append(f"L1, lambda1 = {figure(of.l1)}{layers}, {e.l1_mode}")
        if of.shrink is None:
            lines += [
                f"    The gradient gets lambda1 / n sgn(w) = {figure(of.l1 / e.n)} sgn(w) before "
                f"{e.optimizer.name} divides it",
                '    by its usual size: there is no fixed shrink. l1_mode="proximal" has one.',
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


def _beside_weights(e: "RegularizationEffect") -> list[str]:
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


def _penalty(e: "RegularizationEffect") -> list[str]:
    line = f"The penalty is {e.penalty:.4g} before training"
    if e.penalty_share is not None:
        line += f", {e.penalty_share:.1%} of a cost whose data part is {figure(e.data_cost or 0)}"
    return [line + "."]


def _wrong_factor(value: float) -> str:
    return f"{factor(value)}, the usual mistake"


def _groups(e: "RegularizationEffect", name: str) -> list[tuple[str, "LayerEffect"]]:
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
