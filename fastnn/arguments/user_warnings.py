"""Warnings that point to the user's line, however many of fastnn's own calls lie between."""

import sys
import warnings

__all__ = ["warn_user"]

_PACKAGE = __name__.partition(".")[0]


def warn_user(message: str, category: type[Warning], *libraries: str) -> None:
    """Warn of what the nearest caller outside the package, and those libraries, has asked for."""
    level, frame, inside = 1, sys._getframe(), (_PACKAGE, *libraries)
    while frame.f_back is not None and _is_in(inside, frame.f_globals.get("__name__")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_in(packages: tuple[str, ...], module: object) -> bool:
    return isinstance(module, str) and module.partition(".")[0] in packages
