"""What `fit(verbose=...)` shows, on standard error, and what it logs."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from fastnn.arguments import checks
from fastnn.training.bars import ProgressBar
from fastnn.training.history import Epoch

__all__ = ["BAR", "LINES", "SILENT", "Report", "in_turn", "verbosity"]

logger = logging.getLogger(__name__)

SILENT, BAR, LINES = range(3)


def verbosity(argument: str, value: Any) -> int:
    """SILENT, BAR (and lines) or LINES (for files); True is BAR. TypeError or ValueError."""
    level = int(value) if isinstance(value, bool) else checks.count(argument, value, least=0)
    if level > LINES:
        raise ValueError(
            f"{argument}: expected 0 (silent), 1 (a progress bar and a line an epoch) or "
            f"2 (a line an epoch), got {level}"
        )
    return level


class Report:
    """A training's live report, see `verbosity`; its lines go to the log in any case."""

    def __init__(self, verbose: int, epochs: int, rows: int, finished: int = 0):
        """`finished` of the epochs are behind us."""
        self._verbose = verbose
        self._bar = ProgressBar(epochs, rows, finished=finished) if verbose == BAR else None

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *error: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)

    @property
    def progress(self) -> Callable[[int, int], object] | None:
        """To be called with (rows done, rows of this epoch), if that is to be seen."""
        return None if self._bar is None else self._bar.advance

    @property
    def speaks(self) -> bool:
        """Whether anybody is told of an epoch."""
        return self._verbose != SILENT or logger.isEnabledFor(logging.INFO)

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is over."""
        if self.speaks:
            line = describe(epoch)
            logger.info("%s", line)
            if self._bar is not None:
                self._bar.say(line)
            elif self._verbose == LINES:
                print(line, file=sys.stderr, flush=True)
        if self._bar is not None:
            self._bar.end_epoch()


def describe(epoch: Epoch) -> str:
    """An epoch's figures in one line."""
    parts = [f"epoch {epoch.epoch:3d}", f"{epoch.seconds:7.3f} s"]
    parts.append(f"data cost {epoch.data_cost:.5f}")
    parts.append(f"penalty {epoch.penalty:.5f}")
    if epoch.accuracy is not None:
        parts.append(f"accuracy {epoch.accuracy:.2%}")
    if epoch.validation_data_cost is not None:
        parts.append(f"validation cost {epoch.validation_data_cost:.5f}")
    if epoch.validation_accuracy is not None:
        parts.append(f"validation accuracy {epoch.validation_accuracy:.2%}")
    return "  ".join(parts)


def in_turn(*callbacks: Callable[[int, int], object] | None) -> Callable[[int, int], None] | None:
    """A callback that calls those that there are; None if there are none."""
    present = [callback for callback in callbacks if callback is not None]

    def call(done: int, total: int) -> None:
        for callback in present:
            callback(done, total)

    return call if present else None
