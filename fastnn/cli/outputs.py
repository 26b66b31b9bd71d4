"""The files that a command leaves: checked before the work, written whole or not at all."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastnn import files
from fastnn.cli.display import Results
from fastnn.cli.errors import CommandError

__all__ = ["STDOUT", "as_json", "check_writable", "same_file", "uninterrupted", "write_json"]

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
    return json.dumps(_plain(figures), indent=2, allow_nan=False)


def write_json(name: str, figures: Any) -> None:
    """Write figures to a file, atomically, or to standard output."""
    if name == STDOUT:
        Results().say(as_json(figures))
        return
    with files.atomic_write(name) as file:
        file.write(as_json(figures).encode() + b"\n")


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
    if isinstance(figures, float) and not abs(figures) < float("inf"):
        return None
    return figures
