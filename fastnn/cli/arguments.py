"""Reading the command line: one-line errors, and values within their range."""

import argparse
import math
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["Parser", "number", "share", "whole"]


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line, and which takes no abbreviations."""

    def __init__(self, **settings: Any):
        super().__init__(**settings, allow_abbrev=False)

    def parse_known_args(self, *arguments: Any, **settings: Any) -> Any:
        """Parse; what a command does not know is the command's error, with its own help."""
        namespace, unknown = super().parse_known_args(*arguments, **settings)
        if unknown:
            self.error(f"unknown: {' '.join(unknown)}")
        return namespace, unknown

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is; exit with 2."""
        message = " ".join(message.splitlines())
        self.exit(2, f"fastnn: error: {message}; see '{self.prog} --help'\n")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from `least` up, or from `least` to `most`."""
    expected = f"of at least {least}" if most is None else f"from {least} to {most}"

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"expected a whole number {expected}, got {text!r}")
        return value

    return read


def number(*, positive: bool = False) -> Callable[[str], float]:
    """A reader of finite numbers of at least 0 or, if `positive`, above it."""
    expected = "above 0" if positive else "of at least 0"

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0 or (positive and value == 0):
            raise argparse.ArgumentTypeError(f"expected a finite number {expected}, got {text!r}")
        return value

    return read


def share(text: str) -> float:
    """Read a number in [0, 1)."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"expected a number in [0, 1), got {text!r}")
    return value
