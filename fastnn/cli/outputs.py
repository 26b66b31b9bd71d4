"""The files that a command leaves: checked before the work, written whole or not at all."""

import math
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from fastnn import files
from fastnn.cli.display import Results
from fastnn.cli.errors import CommandError

__all__ = [
    "STDOUT",
    "as_json",
    "check_writable",
    "leave",
    "reason",
    "same_file",
    "uninterrupted",
    "write_json",
]

STDOUT = "-"


def check_writable(option: str, name: str) -> None:
    """Fail now rather than after the training, if a file can't be written later."""
    try:
        files.check_writable(option, name)
    except OSError as error:
        raise CommandError(str(error)) from None


def same_file(one: str, other: str) -> bool:
    """Whether two names are of one file, which need not exist."""
    return os.path.realpath(one) == os.path.realpath(other)


def as_json(figures: Any) -> str:
    """JSON text; what JSON has no number for, NaN and infinity, becomes null."""
    import json

    return json.dumps(_plain(figures), indent=2, allow_nan=False)


def write_json(name: str, figures: Any) -> None:
    """Write figures to a file, atomically, or to standard output."""
    if name == STDOUT:
        Results().say(as_json(figures))
        return
    with files.atomic_write(name) as file:
        file.write(as_json(figures).encode() + b"\n")


def reason(error: OSError) -> str:
    """What the system says, without the name of the file."""
    return error.strerror or str(error)


def leave(name: str, write: Callable[[str], object]) -> str | None:
    """Call write(name); what to tell the user if the system refuses that, else None.

    Raises BrokenPipeError where nobody reads standard output any more, which is no failure.
    The result of hours is then written to the folder for temporary files instead, if that can be.
    """
    try:
        write(name)
        return None
    except BrokenPipeError:
        raise
    except CommandError as error:  # of standard output
        return str(error)
    except OSError as error:
        failure = f"{name}: {reason(error)}"
    if name == STDOUT:
        return failure
    import tempfile

    with suppress(OSError):
        folder = tempfile.mkdtemp(prefix="fastnn-")
        place = os.path.join(folder, os.path.basename(name))
        try:
            write(place)
            return f"{failure}; it is in {place} instead"
        except OSError:
            os.rmdir(folder)
    return failure


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C for the moment that it takes to save what was learned."""
    try:
        usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not in the main thread, where there is no Ctrl-C either
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _plain(figures: Any) -> Any:
    if isinstance(figures, dict):
        return {key: _plain(value) for key, value in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [_plain(value) for value in figures]
    if hasattr(figures, "item"):  # a number of NumPy's
        figures = figures.item()
    if isinstance(figures, float) and not math.isfinite(figures):
        return None
    return figures
