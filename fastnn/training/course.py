"""What every call of fit has, however it trains: the figures of its epochs, and when it ends."""

from fastnn.engine import Engine
from fastnn.training.early_stopping import BestParameters, EarlyStopping
from fastnn.training.history import Epoch

__all__ = ["Course"]


class Course:
    """The epochs of a fit so far.

    epochs  the figures of those that are complete
    best    with early stopping, the parameters to end with
    """

    def __init__(self, engine: Engine, stopping: EarlyStopping | None):
        self.epochs: list[Epoch] = []
        self.best = BestParameters(stopping, engine.parameters) if stopping else None
        self._ended = False

    @property
    def best_epoch(self) -> int | None:
        """The number of the best epoch so far; None without early stopping."""
        return self.best.epoch if self.best is not None else None

    def end(self) -> None:
        """Let the epoch that was last handed out be the last one."""
        self._ended = True

    @property
    def complete(self) -> bool:
        """Whether somebody, or early stopping, has ended it."""
        return self._ended or (self.best is not None and self.best.stops)

    def record(self, epoch: Epoch) -> None:
        """Add an epoch that has ended, and keep its parameters if it is the best."""
        self.epochs.append(epoch)
        if self.best is not None:
            self.best.update(self.epochs)

    def restore_best(self) -> None:
        """With early stopping, give the network the parameters of its best epoch."""
        if self.best is not None:
            self.best.restore()
