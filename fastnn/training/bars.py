"""Progress bars, on standard error; the only module that uses tqdm, which takes long to import."""

import sys
from types import TracebackType
from typing import Any, TextIO

__all__ = ["CountBar", "ProgressBar"]

# Modules without which tqdm.auto sees no notebook: Jupyter's, and that of a browser's Python.
_NOTEBOOKS = {"ipykernel.zmqshell", "IPython.utils._process_emscripten"}


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
        self._epochs, self._rows, self._finished = epochs, rows, finished
        self._bar = _new(
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


class CountBar:
    """A bar over things that are done one by one, in whatever order."""

    def __init__(self, total: int, unit: str):
        self._bar = _new(total=total, unit=f" {unit}", leave=False)

    def __enter__(self) -> "CountBar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self) -> None:
        """One more is done."""
        self._bar.update()
        self._bar.refresh()


def _new(**settings: Any) -> Any:
    """A bar of tqdm's, in a notebook one of the notebook's own."""
    if _NOTEBOOKS & sys.modules.keys():
        from tqdm.auto import tqdm
    else:  # tqdm.auto would also import asyncio, which takes as long as all of tqdm
        from tqdm import tqdm
    return tqdm(**settings)
