"""Costs that train on smoothed labels: `cost=fastnn.CrossEntropy(label_smoothing=0.1)`.

Label smoothing (Szegedy et al. 2016, section 7) trains on (1 - s) y + s / k instead of labels y. k
is the number of softmax outputs; for sigmoid outputs, each of which decides between two, k is 2.
Only what `fit` minimizes is smoothed: evaluation, validation and accuracy are of y itself.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from fastnn.arguments import checks

__all__ = ["CrossEntropy", "LogLikelihood", "SmoothedCost", "smoothed_cost", "smoothing_of"]


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
