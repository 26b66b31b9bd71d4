"""What `fit(verbose=...)` shows, on standard error; the only module that uses tqdm."""

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

from fastnn.training.history import Epoch

__all__ = ["SILENT", "LINES", "BAR", "CountBar", "ProgressBar", "Report", "in_turn", "verbosity"]

logger = logging.getLogger(__name__)

SILENT, BAR, LINES = range(3)


def verbosity(argument: str, value: Any) -> int:
    """SILENT, BAR (and lines) or LINES (for files); True is BAR. TypeError or ValueError."""
    from fastnn.arguments import (
        checks,  # imported here: the command line has bars, and no need of NumPy
    )

    level = int(value) if isinstance(value, bool) else checks.count(argument, value, least=0)
    if level > LINES:
        raise ValueError(
            f"{argument}: expected 0 (silent), 1 (a progress bar and a line an epoch) or "
            f"2 (a line an epoch), got {level}"
        )
    return level


class ProgressBar:
    """A bar over all epochs' rows that says which epoch is running; lines go above it.

    In a notebook it is one of the notebook's own.
    """

    def __init__(
        self,
        epochs: int,
        rows: int,
        unit: str = "rows",
        width: int | None = None,
        finished: int = 0,
    ):
        """`width` in characters; None takes the terminal's, or the notebook's."""
        from tqdm.auto import tqdm  # imported here: it takes longer than all of fastnn

        self._epochs, self._rows, self._finished = epochs, rows, finished
        self._bar = tqdm(
            total=epochs * rows,
            desc=self._title(),
            unit=f" {unit}",
            unit_scale=True,
            leave=False,
            ncols=width,
            initial=finished * rows,
            bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed} < {remaining}, {rate_fmt}",
        )

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def advance(self, done: int, total: int) -> None:
        """Show that `done` of this epoch's `total` rows are trained."""
        self._bar.update(self._finished * self._rows + done - self._bar.n)

    def end_epoch(self) -> None:
        """Go on to the next epoch."""
        self._finished += 1
        if self._finished < self._epochs:
            self._bar.set_description_str(self._title(), refresh=False)

    def say(self, line: str, file: TextIO | None = None) -> None:
        """Write a line above the bar, by default to where the bar is."""
        self._bar.write(line, file=self._bar.fp if file is None else file)

    def _title(self) -> str:
        return f"epoch {min(self._finished + 1, self._epochs)}/{self._epochs}"


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


class CountBar:
    """A bar over things that are done one by one, in whatever order."""

    def __init__(self, total: int, unit: str):
        from tqdm.auto import tqdm

        self._bar = tqdm(total=total, unit=f" {unit}", leave=False)

    def __enter__(self) -> "CountBar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self) -> None:
        """One more is done."""
        self._bar.update()
        self._bar.refresh()


def in_turn(*callbacks: Callable[[int, int], object] | None) -> Callable[[int, int], None] | None:
    """A callback that calls those that there are; None if there are none."""
    present = [callback for callback in callbacks if callback is not None]

    def call(done: int, total: int) -> None:
        for callback in present:
            callback(done, total)

    return call if present else None
