"""The figure of an epoch that early stopping, or a schedule, goes by."""

from collections.abc import Sequence
from typing import get_type_hints

from fastnn.arguments import checks
from fastnn.data.targets import Targets
from fastnn.training.history import Epoch

__all__ = ["MODES", "Course", "check", "check_measured"]

MODES = ("min", "max")

# All of Epoch's figures that are numbers.
_NAMES = [
    "cost",
    *(name for name, hint in get_type_hints(Epoch).items() if hint in (float, float | None)),
]


def check(owner: str, monitor: str, mode: str | None, patience: int, min_delta: float) -> None:
    """TypeError or ValueError unless `owner` can go by this figure."""
    checks.known(f"{owner}: monitor", monitor, _NAMES)
    if mode is not None:
        checks.known(f"{owner}: mode", mode, MODES)
    checks.count(f"{owner}: patience", patience)
    checks.number(f"{owner}: min_delta", min_delta)


def check_measured(
    argument: str, monitor: str | None, targets: Targets, validation: Targets | None
) -> None:
    """ValueError unless fit, with these targets, is going to measure the figure; None is none."""
    if monitor is None:
        return
    of_validation = monitor.startswith("validation_")
    if of_validation and validation is None:
        raise ValueError(
            f"{argument}: expected validation_data or validation_split, as it goes by {monitor}; "
            "got neither"
        )
    measured = validation if of_validation else targets
    if monitor.endswith("accuracy") and measured is not None and not measured.classes:
        cost = "validation_data_cost" if of_validation else "data_cost"
        raise ValueError(
            f"{argument}: expected targets that name classes, as it goes by {monitor}; got "
            f"others, which have no accuracy: monitor={cost!r} goes by the cost"
        )


class Course:
    """What a figure does over the epochs of a fit, each of which is looked at once.

    best   the index of the first epoch with the best figure; None if all are NaN
    since  for each epoch how many have passed since the figure last rose above its best so far;
           it has to rise, or with mode "min" to fall, by more than min_delta
    """

    def __init__(self, monitor: str, mode: str | None, min_delta: float = 0.0):
        """Without a mode accuracies are best when large, all others when small."""
        mode = mode or ("max" if monitor.endswith("accuracy") else "min")
        self._monitor, self._sign = monitor, 1 if mode == "max" else -1
        self._min_delta = min_delta
        self._best = self._highest = -float("inf")  # by any difference, and by min_delta
        self.best: int | None = None
        self.since: list[int] = []

    def follow(self, epochs: Sequence[Epoch]) -> "Course":
        """Look at those of a fit's epochs so far that are new; returns itself."""
        for i in range(len(self.since), len(epochs)):
            figure = self._sign * getattr(epochs[i], self._monitor)
            if figure > self._best or (self.best is None and figure == self._best):
                self.best, self._best = i, figure
            improved = figure > self._highest + self._min_delta
            self.since.append(0 if improved else 1 + (self.since[-1] if self.since else 0))
            self._highest = figure if improved else self._highest
        return self
