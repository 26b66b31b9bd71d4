"""Stopping when a figure no longer improves: `fit(callbacks=[fastnn.EarlyStopping(...)])`."""

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.training import monitoring
from fastnn.training.callbacks import Behaviour
from fastnn.training.history import Epoch

__all__ = ["BestParameters", "EarlyStopping"]


@dataclass(frozen=True)
class EarlyStopping(Behaviour):
    """End a fit after `patience` epochs in which a figure hasn't improved (the book, chapter 3).

    monitor       the figure, any number in `Epoch`
    patience      epochs
    min_delta     less than this above (or below) the best figure so far is no improvement
    restore_best  whether fit, however many epochs it took, ends with the parameters of the
                  epoch with the best figure, the first of several; else with the last ones.
                  The optimizer's memory stays the last epoch's
    mode          "max" or "min" is better; None: "max" for accuracies, "min" for all others

    Only epochs of the same call of fit count. `history.best_epoch` has the best one's number.
    """

    monitor: str = "validation_accuracy"
    patience: int = 10
    min_delta: float = 0.0
    restore_best: bool = True
    mode: str | None = None

    def __post_init__(self) -> None:
        name = "EarlyStopping"
        monitoring.check(name, self.monitor, self.mode, self.patience, self.min_delta)
        checks.flag(f"{name}: restore_best", self.restore_best)

    def stops(self, epochs: Sequence[Epoch]) -> bool:
        """Whether a fit ends after these epochs."""
        return self.stops_after(self.course().follow(epochs))

    def best(self, epochs: Sequence[Epoch]) -> int | None:
        """The index of the best epoch; None if all figures are NaN."""
        return self.course().follow(epochs).best

    def course(self) -> monitoring.Course:
        """That of the figure, before the first epoch."""
        return monitoring.Course(self.monitor, self.mode, self.min_delta)

    def stops_after(self, course: monitoring.Course) -> bool:
        """Whether a fit ends after these epochs."""
        return bool(course.since) and course.since[-1] >= self.patience


class BestParameters:
    """The parameters of a fit's best epoch so far.

    epoch   its number; None: there is none yet
    values  its packed parameters, a copy
    """

    def __init__(self, stopping: EarlyStopping, parameters: NDArray):
        """`parameters` are the network's, as they change."""
        self._stopping, self._parameters = stopping, parameters
        self._course = stopping.course()
        self.epoch: int | None = None
        self.values: NDArray | None = None

    def update(self, epochs: Sequence[Epoch]) -> None:
        """The last of these epochs has just ended: remember it if it's the best."""
        self._follow(epochs)
        if self._stopping.restore_best and self._course.best == len(epochs) - 1:
            self.values = self._parameters.copy()

    def resume(self, epochs: Sequence[Epoch], values: NDArray | None) -> None:
        """Go on from where another one stood after these epochs, with its values."""
        self._follow(epochs)
        self.values = values

    @property
    def stops(self) -> bool:
        """Whether the fit ends after the epochs so far."""
        return self._stopping.stops_after(self._course)

    def _follow(self, epochs: Sequence[Epoch]) -> None:
        best = self._course.follow(epochs).best
        self.epoch = None if best is None else epochs[best].epoch

    def restore(self) -> None:
        """Give the network the best epoch's parameters, if there are any."""
        if self.values is not None:
            self._parameters[...] = self.values
