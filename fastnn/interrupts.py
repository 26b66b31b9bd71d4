"""Ctrl-C at a moment of our choosing.

Python raises KeyboardInterrupt between any two of its steps, also between two that belong together:
parameters and the count of their updates, a task that a thread was given and the note of it. While
they are `held`, signals wait. They act where `let_in` is called, during `allow`, and at the end.

Handlers of signals run in the main thread alone: in all others these functions do nothing.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, ParamSpec, TypeVar

__all__ = ["allow", "allowed", "held", "let_in"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Those whose handlers raise: Ctrl-C, a program's end, a time limit.
_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGBREAK", "SIGTERM", "SIGHUP", "SIGALRM")
    if hasattr(signal, name)
]


class held:
    """A context in which signals wait; within another one it has no effect, but in what is allowed.

    It should not last longer than a user would wait.
    """

    def __enter__(self) -> None:
        self._own, self._usually = False, False
        self._handler = _present()
        if self._handler is not None:
            self._usually, self._handler.holding = self._handler.holding, True
        elif threading.current_thread() is threading.main_thread():
            self._own, self._handler = True, _Handler()
            self._handler.install()

    def __exit__(self, *error: object) -> None:
        handler = self._handler
        if handler is None:
            return
        try:
            if self._own:
                handler.remove()
        finally:
            handler.holding = self._usually
            if not handler.holding:
                handler.act()


@contextmanager
def allowed() -> Iterator[None]:
    """A context in which signals act at once although they are held around it.

    To hold them now and then within it takes a microsecond; to take the place of handlers, twenty.
    """
    handler = _present()
    if handler is None:
        yield
        return
    usually = handler.holding
    try:
        handler.holding = False
        handler.act()
        yield
    finally:
        handler.holding = usually


def let_in() -> None:
    """Let those that wait act now, where everything is as it should be."""
    if (handler := _present()) is not None:
        handler.act()


def allow(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **keywords: Arguments.kwargs
) -> Result:
    """Call a function during which signals act at once: the user's own, or one that takes long."""
    handler = _present()
    if handler is None:
        return function(*arguments, **keywords)
    usually = handler.holding
    try:
        handler.holding = False
        handler.act()
        result = function(*arguments, **keywords)
    finally:
        handler.holding = usually  # before it Python looks for no signal, however this is left
    return result


class _Handler:
    """Takes the place of the usual handlers.

    holding  whether signals wait; else they are handed on to the usual handlers
    thread   the main one
    """

    def __init__(self) -> None:
        self.holding, self.thread = True, threading.get_ident()
        self._usual: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._waiting: dict[int, None] = {}  # in their order, and each once, as in the system

    def install(self) -> None:
        try:
            for number in _SIGNALS:
                usual = signal.getsignal(number)
                if callable(usual):  # it is written in Python
                    self._usual[number] = usual
                    signal.signal(number, self)
            _installed.append(self)
        except BaseException:
            self.holding = False
            self.remove()
            raise

    def remove(self) -> None:
        if self in _installed:
            _installed.remove(self)
        for number, usual in reversed(self._usual.items()):  # Ctrl-C, pressed once more, acts last
            if signal.getsignal(number) is self:  # not one that the user has set meanwhile
                signal.signal(number, usual)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.holding:
            self._waiting[number] = None
        else:
            self._usual[number](number, frame)

    def act(self) -> None:
        while self._waiting:
            number = next(iter(self._waiting))
            del self._waiting[number]
            self._usual[number](number, sys._getframe(1))


_installed: list[_Handler] = []  # the main thread's, one at most


def _present() -> _Handler | None:
    handler = _installed[-1] if _installed else None
    return handler if handler and handler.thread == threading.get_ident() else None


def _let_all_in() -> None:
    """In a forked child, which does not go on with what its parent was at."""
    for handler in _installed:
        handler.holding = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_all_in)
