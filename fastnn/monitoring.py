"""The figure of an epoch that early stopping, or a schedule, goes by."""

from collections.abc import Sequence
from typing import get_type_hints

from fastnn import checks
from fastnn.history import Epoch
from fastnn.targets import Targets

__all__ = ["MODES", "best", "check", "check_measured", "since_improvement"]

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


def best(epochs: Sequence[Epoch], monitor: str, mode: str | None) -> int | None:
    """The index of the first epoch with the best figure; None if all are NaN."""
    found, highest = None, -float("inf")
    for i, figure in enumerate(_figures(epochs, monitor, mode)):
        if figure > highest or (found is None and figure == highest):
            found, highest = i, figure
    return found


def since_improvement(
    epochs: Sequence[Epoch], monitor: str, mode: str | None, min_delta: float
) -> list[int]:
    """For each epoch how many have passed since the figure last rose above its best so far.

    It has to rise, or with mode "min" to fall, by more than min_delta.
    """
    counts: list[int] = []
    highest = -float("inf")
    for figure in _figures(epochs, monitor, mode):
        improved = figure > highest + min_delta
        counts.append(0 if improved else 1 + (counts[-1] if counts else 0))
        highest = figure if improved else highest
    return counts


def _figures(epochs: Sequence[Epoch], monitor: str, mode: str | None) -> list[float]:
    """The figures, so signed that larger is better; by default an accuracy's "max", else "min"."""
    mode = mode or ("max" if monitor.endswith("accuracy") else "min")
    sign = 1 if mode == "max" else -1
    return [sign * getattr(epoch, monitor) for epoch in epochs]
