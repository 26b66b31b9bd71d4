"""Costs that train on smoothed labels: `cost=fastnn.CrossEntropy(label_smoothing=0.1)`.

Label smoothing (Szegedy et al. 2016, section 7) trains on (1 - s) y + s / k instead of labels y. k
is the number of softmax outputs; for sigmoid outputs, each of which decides between two, k is 2.
Only what `fit` minimizes is smoothed: evaluation, validation and accuracy are of y itself.

And the cost that has numbers: `cost=fastnn.Pinball([0.1, 0.5, 0.9])`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from fastnn.arguments import checks

__all__ = [
    "CrossEntropy",
    "LogLikelihood",
    "Pinball",
    "SmoothedCost",
    "pinball_of",
    "smoothed_cost",
    "smoothing_of",
]


@dataclass(frozen=True)
class SmoothedCost:
    """A cost and how much of a label is given to all outputs alike: s, in [0, 1)."""

    label_smoothing: float = 0.0

    name: ClassVar[str]

    def __post_init__(self) -> None:
        argument = f"{type(self).__name__}: label_smoothing"
        object.__setattr__(self, "label_smoothing", checks.share(argument, self.label_smoothing))


class CrossEntropy(SmoothedCost):
    """The cost "cross_entropy", of sigmoid outputs; needs y that holds labels, or rows of them."""

    name = "cross_entropy"


class LogLikelihood(SmoothedCost):
    """The cost "log_likelihood", of softmax outputs; needs y that holds labels."""

    name = "log_likelihood"


@dataclass(frozen=True)
class Pinball:
    """The cost of quantiles: `cost=fastnn.Pinball(0.9)` (Koenker and Bassett 1978).

    An output's cost is q (y - a) where the target y is above it, else (1 - q) (a - y): it learns
    what a share q of targets is below.

    quantiles  in (0, 1): one for all outputs, or one for each
    """

    quantiles: tuple[float, ...]

    def __init__(self, quantiles: float | Sequence[float] = 0.5):
        several = checks.several(quantiles)
        given: tuple[Any, ...] = tuple(quantiles) if several else (quantiles,)  # type: ignore[arg-type]
        if not given:
            raise ValueError("Pinball: expected at least one quantile, got none")
        checked = []
        for i, quantile in enumerate(given):
            name = f"Pinball: quantiles[{i}]" if several else "Pinball: quantiles"
            checked.append(checks.share(name, checks.number(name, quantile, positive=True)))
        object.__setattr__(self, "quantiles", tuple(checked))

    def check(self, outputs: int) -> None:
        """ValueError unless there is one quantile, or one for each of so many outputs."""
        count = len(self.quantiles)
        if count not in (1, outputs):
            raise ValueError(
                f"cost: expected one quantile, or one for each of the {outputs} outputs, "
                f"got {count}"
            )

    @property
    def name(self) -> str:
        """By which a network is saved, and which `cost` takes as well: "pinball(0.1, 0.9)"."""
        return f"pinball({', '.join(map(repr, self.quantiles))})"


def pinball_of(name: Any) -> Any:
    """The Pinball that has this name, "pinball" for the median; whatever else as it is."""
    if name == "pinball":
        return Pinball()
    if not isinstance(name, str) or not (name.startswith("pinball(") and name.endswith(")")):
        return name
    try:
        return Pinball([float(number) for number in name[len("pinball(") : -1].split(",")])
    except ValueError:
        return name


_BY_NAME = {kind.name: kind for kind in (CrossEntropy, LogLikelihood)}


def smoothing_of(cost: Any) -> float:
    """A cost's label smoothing; 0 for those that have none."""
    return cost.label_smoothing if isinstance(cost, SmoothedCost) else 0.0


def smoothed_cost(cost: Any, label_smoothing: Any) -> Any:
    """A cost by its name and its label smoothing; ValueError for one that takes none."""
    if checks.share("label_smoothing", label_smoothing) == 0:
        return cost
    if cost not in _BY_NAME:
        raise ValueError(f"label_smoothing: expected 0 for the cost {cost!r}")
    return _BY_NAME[cost](label_smoothing)
