"""Teams of threads that run one compiled kernel together.

Kernels release the interpreter's lock, so ordinary Python threads run them in parallel.
Threads are kept for the next call: a training makes one call an epoch. Each call borrows
the helpers it needs for itself alone, so calls from several threads don't meet; a forked
child, which has inherited no threads, starts its own.

Interrupts wait until a call is done. But an exception can come from elsewhere, between any two
steps, and must neither leave a thread behind that still writes to a network, nor a mistaken count
of what has been done: all that a call and its helpers tell each other is new in each call, and
after any exception the helpers are not used again.
"""

import ctypes
import os
import sys
import threading
import weakref
from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from fastnn.interrupts import held
from fastnn.layout.team import Member, give_up, sync_size

__all__ = ["available_cores", "run_team"]


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# The core that a thread runs on, where the system tells and threads can be moved.
_present_core: Callable[[], int] | None = (
    getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None
)


class _Task:
    """A function that another thread runs once; `over` when it has, and from then on.

    That is a flag, which stays, and not a permit, which somebody takes: an interrupt may come
    between any two steps of `wait`, and then one waits again. The lock does no more than wake.
    """

    def __init__(self, function: Callable[[], Any]):
        self.over = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._function = function
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def run(self) -> None:
        try:
            self.result = self._function()
        except BaseException as error:
            self.error = error
        finally:
            self.over = True
            self._asleep.release()

    def wait(self) -> None:
        while not self.over:
            self._asleep.acquire()


def _run_all(tasks: SimpleQueue[_Task], last: _Task, dropped: weakref.ref["_Helper"]) -> None:
    """What a helper's thread does.

    It has no more than a weak reference to the helper, which ends it when that is dropped.
    """
    while (task := tasks.get()) is not last:
        task.run()
        del task  # and with it what it has worked on, which is nothing to keep until the next one
    last.run()


class _Helper:
    """A long-lived thread that runs one function after the other.

    It ends when this object is dropped, wherever an interrupt did that. Its thread is started by a
    single call: threading.Thread.start is many steps, and one of them waits.
    """

    def __init__(self) -> None:
        self._last, self._task = _Task(lambda: None), _Task(threading.get_native_id)
        self._cores: set[int] = set()
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        self._tasks.put(self._task)
        # What a weak reference calls is no step of Python's, which an interrupt could leave out.
        dropped = weakref.ref(self, partial(self._tasks.put, self._last))
        start_new_thread(_run_all, (self._tasks, self._last, dropped))
        self._task.wait()
        self._thread: int = self._task.result

    def move(self, cores: set[int]) -> None:
        """Run on these cores from now on."""
        if cores != self._cores:
            with suppress(OSError):  # they may just have been taken from this process
                os.sched_setaffinity(self._thread, cores)
                self._cores = cores

    def start(self, function: Callable[[], object]) -> None:
        self._task = _Task(function)
        self._tasks.put(self._task)

    def wait(self) -> None:
        """Until the function has run. Raises its error."""
        task = self._task
        task.wait()
        if task.error is not None:
            raise task.error
        self._task = self._last  # the function is nothing to keep

    def end(self) -> None:
        """Have the thread end, and wait until it has done all that it was given."""
        self._tasks.put(self._last)
        self._last.wait()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done."""
        return self._last.over


# Whose threads wait for work. To take one out of a list is a single step, which needs no lock.
_idle: list[_Helper] = []

if hasattr(os, "register_at_fork"):  # a forked child has none of its parent's threads
    os.register_at_fork(after_in_child=_idle.clear)


def _borrow(helpers: list[_Helper], count: int) -> None:
    """Add so many to the list, idle ones or new ones."""
    while len(helpers) < count:
        try:
            helpers.append(_idle.pop())
        except IndexError:
            helpers.append(_Helper())


def _keep_apart(helpers: list[_Helper]) -> None:
    """Have helpers run elsewhere than this thread, if there are cores enough.

    Else the system may wake a helper on the core of whoever calls it although another one is
    idle, and leave both there for some 20 milliseconds, in which two threads are slower than one:
    Linux in a virtual machine does, when cores were idle before.
    """
    if _present_core is not None:
        cores = os.sched_getaffinity(0)
        if len(cores) > len(helpers):
            cores.discard(_present_core())
        for helper in helpers:
            helper.move(cores)


def run_team(kernel: Callable[[Member], Any], size: int) -> Any:
    """Call kernel(member) on `size` threads at once, this one among them; its result.

    If a member fails, the others are told to give up, and the error is raised here. Interrupts wait
    until all are done. Whatever exception comes, no thread is at work any more when it leaves.
    """
    sync = np.zeros(sync_size(size), np.int64)
    if size == 1:
        return kernel(Member(0, 1, sync))

    def part(index: int) -> Any:
        try:
            return kernel(Member(index, size, sync))
        except BaseException:
            give_up(sync)
            raise

    helpers: list[_Helper] = []
    with held():
        try:
            _borrow(helpers, size - 1)
            _keep_apart(helpers)
            for index, helper in enumerate(helpers, 1):
                helper.start(partial(part, index))
            result = part(0)
            for helper in helpers:
                helper.wait()
        except BaseException:  # nobody knows how far it came: these helpers serve no more
            give_up(sync)
            _end_all(helpers)
            raise
        _idle.extend(helpers)
    return result


def _end_all(helpers: list[_Helper]) -> None:
    """End their threads. What else is raised meanwhile is raised when all have ended."""
    raised = None
    for helper in helpers:
        while not helper.ended:
            try:
                helper.end()
            except BaseException as error:
                raised = error
    if raised is not None:
        raise raised
