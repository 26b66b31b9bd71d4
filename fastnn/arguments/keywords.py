"""Keywords that a function doesn't take: Python's TypeError, with a hint at what was meant."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from fastnn.arguments.hints import hint

__all__ = ["hinting"]

P = ParamSpec("P")
R = TypeVar("R")

_TAKEN: dict[str, list[str]] = {}  # the keywords of each function that is decorated


def hinting(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: an unknown keyword of the function `name` leads to the one that is meant.

    That may be one of another function which is decorated so.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        taken = [each for each in inspect.signature(function).parameters if each != "self"]
        _TAKEN[name], names = taken, frozenset(taken)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not kwargs.keys() <= names:
                unknown = next(keyword for keyword in kwargs if keyword not in names)
                raise TypeError(
                    f"{name}() got an unexpected keyword argument {unknown!r}{_hint(name, unknown)}"
                )
            return function(*args, **kwargs)

        return checked

    return decorate


def _hint(name: str, unknown: str) -> str:
    others = [other for other in _TAKEN if other != name]
    for other in others:
        if unknown in _TAKEN[other]:
            return f"; {other}() takes it"
    for own in (name, *others):
        if told := hint(unknown, _TAKEN[own]):
            return told if own == name else f"{told} {own}() takes it"
    return ""
