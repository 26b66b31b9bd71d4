"""The check before the first update: settings that must fail, and suspicious ones.

What must fail, whatever the data:

    decay factor of an update below 0   weights change their sign at each update; below -1 they
                                        grow without bound. Not for RMSProp and Adam, which have
                                        no such factor.
    L1 shrink of an update larger than the layer's largest weight
                                        every weight only jumps around 0, or is 0 if proximal.
                                        A layer whose weights are smaller than initial ones
                                        usually are is measured by those: L1 may have made it so.

What is suspicious:

    decay factor of an update below 0.9     a weight forgets in some ten mini-batches what it has
                                            learned from one
    decay factor of an epoch below 0.1      less than a tenth of a weight outlasts the rest of the
                                            rows; the book has 0.78 (eta 0.5, lambda 5, n 50,000)
    shrink of an update above 0.1 |w|       for the layer's median |w|: ten updates erase it
    shrink of an epoch above 100 |w|        the book's lambda 5 has ten times the median |w|
    lambda / n of 0.1 or more               the gradient of the mean cost must be a tenth of a
                                            weight to hold it (L2), 0.1 for any weight (L1).
                                            Not for AdamW, whose steps are of about eta whatever
                                            the gradient's size, and whose weight decay of 0.1
                                            is usual
"""

from collections.abc import Iterable, Iterator
from typing import Any

from numpy.typing import NDArray

from fastnn.arguments.user_warnings import warn_user
from fastnn.engine import UpdateRule
from fastnn.regularization.effect import LayerEffect, RegularizationEffect, factor, figure, rate
from fastnn.regularization.explain import explain_regularization
from fastnn.training.optimizers import SGD, Optimizer
from fastnn.training.penalty import Proximal

__all__ = ["RegularizationError", "RegularizationWarning", "check_rule", "hopeless"]

_LEAST_DECAY, _LEAST_EPOCH_DECAY = 0.9, 0.1
_MOST_SHRINK, _MOST_EPOCH_SHRINK = 0.1, 100
_MOST_PULL = 0.1
_BESIDE = "adamw"  # whose penalty is beside the gradient, not in it
_BOOK_PULL = 5 / 50_000
_INSIST = "check_regularization=False trains nevertheless"


class RegularizationError(ValueError):
    """A penalty with which no training can succeed; the message shows the arithmetic."""


class RegularizationWarning(UserWarning):
    """A penalty that is hardly meant so; the message shows the arithmetic."""


def check_rule(weights: Iterable[NDArray], rule: UpdateRule, optimizer: Optimizer) -> None:
    """Raise RegularizationError for what must fail, warn of what is suspicious.

    What is well costs a look at the weights, and only with L1.
    """
    l1 = Proximal(rule.l1) if rule.proximal else rule.l1
    effect = _effect(weights, rule.eta, rule.l2, l1, rule.n, rule.mini_batch_size, optimizer)
    if effect is None:
        return
    if failures := list(_failures(effect)):
        raise RegularizationError(f"{'; '.join(failures)}. {_advice(effect)}{_INSIST}")
    if doubts := list(_doubts(effect)):
        warn_user(
            f"{'; '.join(doubts)}. {_advice(effect)}{_INSIST}, without this warning",
            RegularizationWarning,
        )


def hopeless(
    weights: Iterable[NDArray], eta: float, l2: float, l1: float, n: int, m: int
) -> str | None:
    """What must fail with plain SGD, in words; None if nothing must."""
    effect = _effect(weights, eta, l2, l1, n, m, SGD()) if eta else None
    return "; ".join(_failures(effect)) or None if effect else None


def _effect(
    weights: Iterable[NDArray], eta: float, l2: Any, l1: Any, n: int, m: int, optimizer: Optimizer
) -> RegularizationEffect | None:
    """None if there is no penalty. The weights, whose medians take time, only matter to L1."""
    effect = explain_regularization(eta, l2=l2, l1=l1, n=n, m=m, optimizer=optimizer)
    if not effect.l1:
        return effect if effect.l2 else None
    return explain_regularization(
        eta, l2=l2, l1=l1, n=n, m=m, optimizer=optimizer, weights=list(weights)
    )


def _failures(e: RegularizationEffect) -> Iterator[str]:
    l2 = max(of.l2 for of in e.layers)
    decay = 1 - e.eta * l2 / e.n  # momentum's first one
    if e.decay_rate is not None and decay < 0:
        end = "and grow without bound" if decay < -1 else "at each update"
        yield (
            f"l2: expected a decay factor of at least 0, got 1 - eta l2 / n = "
            f"1 - {figure(e.eta)} * {figure(l2)} / {e.n:,} = {factor(decay)}: "
            f"weights would change their sign {end}"
        )
    if e.shrink_rate is None:
        return
    for l, of in enumerate(e.layers):
        shrink, largest = e.eta * of.l1 / e.n, _largest(of)
        if shrink > largest:
            end = "be set to 0" if e.proximal else "only jump around 0"
            yield (
                f"l1: expected an update to shrink weights by less than they are, got "
                f"eta l1 / n = {figure(e.eta)} * {figure(of.l1)} / {e.n:,} = {figure(shrink)}: "
                f"the largest weight of layer {l + 1} is {largest:.3g}, so all would {end}"
            )
            return


def _largest(of: LayerEffect) -> float:
    """The layer's largest |w|, or a usual initial weight if that is larger."""
    return max(of.largest_weight or 0.0, (of.inputs or 1) ** -0.5)


def _doubts(e: RegularizationEffect) -> Iterator[str]:
    """One sentence a penalty at most: the first that fits."""
    worst = max(e.layers, key=lambda of: of.l2)
    arithmetic = f"1 - {rate(e)} * {figure(worst.l2)} / {e.n:,} = {factor(worst.decay or 0)}"
    if worst.decay is not None and worst.decay < _LEAST_DECAY:
        yield f"l2: each update multiplies weights by {arithmetic}"
    elif worst.epoch_decay is not None and worst.epoch_decay < _LEAST_EPOCH_DECAY:
        yield (
            f"l2: each update multiplies weights by {arithmetic}, and an epoch's "
            f"{e.updates_per_epoch:,} updates by {worst.epoch_decay:.2g}"
        )
    elif worst.pull >= _MOST_PULL and e.optimizer.name != _BESIDE:
        yield (
            f"l2: the penalty adds l2 / n w = {figure(worst.l2)} / {e.n:,} w = "
            f"{figure(worst.pull)} w to the gradient, which the data can hardly outweigh"
        )
    yield from list(_l1_doubts(e))[:1]


def _l1_doubts(e: RegularizationEffect) -> Iterator[str]:
    meets = e.optimizer.name != _BESIDE
    for l, of in enumerate(e.layers):
        typical = max(of.typical_weight or 0.0, 0.5 * (of.inputs or 1) ** -0.5)
        beside = f"beside a typical weight of {typical:.3g} in layer {l + 1}"
        arithmetic = f"{rate(e)} * {figure(of.l1)} / {e.n:,} = {figure(of.shrink or 0)}"
        if of.shrink is not None and of.shrink > _MOST_SHRINK * typical:
            yield f"l1: each update takes {arithmetic} off every weight, {beside}"
        elif of.epoch_shrink is not None and of.epoch_shrink > _MOST_EPOCH_SHRINK * typical:
            yield (
                f"l1: each update takes {arithmetic} off every weight, and an epoch's "
                f"{e.updates_per_epoch:,} updates {figure(of.epoch_shrink)}, {beside}"
            )
        elif of.l1 / e.n >= _MOST_PULL and meets:
            yield (
                f"l1: the penalty adds l1 / n sgn(w) = {figure(of.l1)} / {e.n:,} sgn(w) to the "
                "gradient, which the data can hardly outweigh"
            )


def _advice(e: RegularizationEffect) -> str:
    """What lambda may have been meant."""
    usual = _BOOK_PULL * e.n
    given = [(name, lmbda) for name, lmbda in (("l2", e.l2), ("l1", e.l1)) if lmbda]
    told = f"lambda is divided by n = {e.n:,} rows, not by the mini-batch's m = {e.m:,}"
    meant = [(name, lmbda * e.m / e.n) for name, lmbda in given]
    if e.m < e.n and all(usual / 100 <= lmbda <= usual * 100 for _, lmbda in meant):
        told += f": {_assigned(meant)} if it was scaled by n / m to make up for that"
    book = _assigned([(name, usual) for name, _ in given])
    return (
        f"{told}. The book's lambda / n = 5 / 50,000 is {book} here. "
        "fastnn.explain_regularization shows more; "
    )


def _assigned(values: Iterable[tuple[str, float]]) -> str:
    return " and ".join(f"{name}={value:.6g}" for name, value in values)
