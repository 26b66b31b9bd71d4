"""What the user sees: results on standard output, progress on standard error."""

import io
import os
import shutil
import stat
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TextIO

from fastnn.cli.errors import CommandError
from fastnn.training.bars import ProgressBar

__all__ = [
    "Progress",
    "Results",
    "columns",
    "fail",
    "prepare_streams",
    "silence",
    "status",
    "warn",
    "warnings_as_lines",
]

_WIDTH = 80  # of the progress bar, at most
_PREPARING = "preparing the kernels, which takes some seconds where they must be compiled"
_ECHO = "^C"  # what a terminal shows of Ctrl-C, right behind the bar


class Results:
    """Lines on standard output, written at once and above a progress bar, if there is one.

    shown     False writes nothing
    keep_on   what to do when nobody reads them any more (`| head`), or the disk is full: True
              goes on without writing, for a run that also saves a file; False raises
              BrokenPipeError or a CommandError
    failure   what went wrong, if it is more than that nobody reads on
    """

    def __init__(self, *, shown: bool = True, keep_on: bool = False):
        self.bar: ProgressBar | None = None
        self.failure: str | None = None
        self._shown, self._keep_on = shown, keep_on

    def say(self, *lines: str) -> None:
        """Write lines, and whatever else waits to be written."""
        if not self._shown:
            return
        try:
            for line in lines:
                if self.bar is None:
                    print(line)
                else:
                    self.bar.say(line, sys.stdout)
            sys.stdout.flush()
        except OSError as error:
            silence(sys.stdout)
            if not isinstance(error, BrokenPipeError):
                self.failure = f"standard output: {error.strerror or error}"
            if not self._keep_on:
                raise (CommandError(self.failure) if self.failure else error) from None


class Progress:
    """The live display of a training run, and its clock.

    Until the first rows are trained it says that kernels are being prepared; then a bar appears.
    Both only on a terminal, and no bar if results go through a pipe: what is at its other end
    may write to the same terminal, across the bar.

    rows                how many were trained so far
    training, testing   the seconds that it took, by `clock`
    """

    def __init__(
        self,
        epochs: int,
        results: Results,
        *,
        shown: bool,
        resumed: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ):
        """`resumed`: the first epoch may have been begun before, by who knows how many rows."""
        self.rows, self.training, self.testing = 0, 0.0, 0.0
        self._epochs, self._results, self._shown, self._clock = epochs, results, shown, clock
        self._bar: ProgressBar | None = None
        self._done: int | None = None if resumed else 0  # of the present epoch's rows
        self._waiting = ExitStack()

    def __enter__(self) -> "Progress":
        self._waiting.enter_context(status(_PREPARING, shown=self._shown))
        self._mark = self._clock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.training += self._lap()
        self._waiting.close()
        self._results.bar = None
        if self._bar is not None:
            self._bar.__exit__(kind, error, traceback)
            if kind is KeyboardInterrupt:
                _blank(_WIDTH + len(_ECHO))

    def advance(self, done: int, total: int, finished: int) -> None:
        """`done` of the epoch's `total` rows are trained, and `finished` epochs before it."""
        self._waiting.close()
        self.rows += done - (done if self._done is None else self._done)
        self._done = done % total
        if self._shown and self._bar is None and sys.stderr.isatty() and not _is_pipe(sys.stdout):
            width = min(_WIDTH, shutil.get_terminal_size().columns - len(_ECHO) - 1)
            self._bar = ProgressBar(self._epochs, total, "images", width, finished)
            self._results.bar = self._bar
        if self._bar is not None:
            self._bar.advance(done, total)
        if done == total:
            self.training += self._lap()

    def end_epoch(self) -> None:
        """The epoch's test is done as well (for fit's callbacks)."""
        self.testing += self._lap()
        if self._bar is not None:
            self._bar.end_epoch()

    def _lap(self) -> float:
        """Seconds since the last lap."""
        last, self._mark = self._mark, self._clock()
        return self._mark - last


@contextmanager
def status(text: str, *, shown: bool = True) -> Iterator[None]:
    """Show on a terminal what is going on, until it is over."""
    shown = shown and sys.stderr.isatty()
    if shown:
        _tell(f"{text} ...", end="\r")
    try:
        yield
    finally:
        if shown:
            _blank(len(text) + len(" ...") + len(_ECHO))


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # no file at all
        return False


def _blank(width: int) -> None:
    """Wipe the line that the cursor is in; on a terminal only."""
    width = min(width, shutil.get_terminal_size().columns - 1)
    _tell("\r" + " " * width, end="\r")


def warn(text: str) -> None:
    """A line of warning on standard error."""
    _tell(f"fastnn: warning: {text}")


def fail(text: str) -> None:
    """A line of failure on standard error."""
    _tell(f"fastnn: error: {' '.join(text.splitlines())}")


def _tell(text: str, end: str = "\n") -> None:
    """Write to standard error, which stops nothing if its disk is full or its terminal gone."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


@contextmanager
def warnings_as_lines(say: Callable[[str], str] = str) -> Iterator[None]:
    """Show Python's warnings as `warn` does, in the words that `say` makes of them."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        if sys.stderr.isatty():
            _blank(_WIDTH + len(_ECHO))
        warn(say(str(message)))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def prepare_streams() -> None:
    """Make both standard streams ready for whatever is written."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # the caller closed it
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper) and (
            stream.errors == "strict" or "utf" not in stream.encoding.lower()
        ):
            stream.reconfigure(errors="backslashreplace")  # a file's name can be any bytes


def columns(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Lines of a name and a value each, the values aligned."""
    width = max(len(name) for name, _ in pairs)
    return [f"{name:{width}}   {value}".rstrip() for name, value in pairs]


def silence(stream: TextIO) -> None:
    """Send everything that is still written to a stream nowhere."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
