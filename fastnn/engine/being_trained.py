"""A network is trained by one call at a time, and nobody else writes down what it is halfway."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Mark", "Markable", "alone", "check_whole"]

_lock = threading.Lock()


def _new_lock() -> None:
    """In a forked child, where nobody is left who could release the parent's."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)


class Mark:
    """One call that trains a network.

    thread  the one that it is called in
    process its process: a forked child goes on without its parent's other threads
    ended   True from its end on, whatever ends it
    """

    def __init__(self) -> None:
        self.thread, self.process, self.ended = threading.get_ident(), os.getpid(), False


class Markable:
    """What a mark is put on. It is no part of what is saved, pickled or copied."""

    _fastnn_trained_by: Mark | None = None


@contextmanager
def alone(owner: Markable, method: str) -> Iterator[None]:
    """While this lasts, its owner is trained, by this call of `method`.

    RuntimeError if it is being trained already: by another thread, or by the very call whose
    callback calls this.
    """
    mark = Mark()
    try:
        with _lock:
            _check_free(owner._fastnn_trained_by, method)
            owner._fastnn_trained_by = mark
        yield
    finally:
        mark.ended = True


def check_whole(owner: Markable, what: str) -> None:
    """RuntimeError, which begins with `what`, if another thread is training it.

    Its parameters, memory and history belong to different moments then. The callbacks of a fit
    are called when it is whole, in the fit's own thread.
    """
    mark = owner._fastnn_trained_by
    if mark is None or mark.ended or mark.thread == threading.get_ident():
        return
    if mark.process != os.getpid():
        raise RuntimeError(
            f"{what}: expected a whole network, got one whose training was going on when this "
            "process was forked; a fit of its own ends with a whole one"
        )
    raise RuntimeError(
        f"{what}: expected a network that no other thread is training, got one whose training "
        "is going on; a callback of that fit can do this after each epoch"
    )


def _check_free(mark: Mark | None, method: str) -> None:
    if mark is None or mark.ended or mark.process != os.getpid():
        return
    where = "by this thread" if mark.thread == threading.get_ident() else "by another thread"
    raise RuntimeError(
        f"{method}: expected a network that is not being trained, got one that is, {where}; "
        "call this when that has ended, or for a copy of the network"
    )
