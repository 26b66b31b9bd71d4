"""A word of warning where the book's code runs, and surely does not do what was meant."""

import sys
import warnings

__all__ = ["MistakeWarning", "warn_of"]


class MistakeWarning(UserWarning):
    """The book's code runs with this, and so does ours, with the same result: surely a mistake.

    Given once for each network object and each kind of mistake.
    """


def warn_of(net: object, kind: str, message: str) -> None:
    """Warn of a mistake, at the line outside of the book's modules, unless it is known already."""
    warned = vars(net).setdefault("_fastnn_warned", set())
    if kind not in warned:
        warned.add(kind)
        warnings.warn(message, MistakeWarning, stacklevel=_level_of_caller())


def _level_of_caller() -> int:
    """The stacklevel, from the function that calls this, of the first line that isn't ours."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("fastnn.book"):
        level, frame = level + 1, frame.f_back
    return level
