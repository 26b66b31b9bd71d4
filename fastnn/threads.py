"""Teams of threads that run one compiled kernel together.

Kernels release the interpreter's lock, so ordinary Python threads run them in parallel.
Threads are kept for the next call: a training makes one call an epoch. Each call borrows
the helpers it needs for itself alone, so calls from several threads don't meet; a forked
child, which has inherited no threads, starts its own.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from fastnn.kernels.team import Member, give_up, sync_size

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


class _Helper:
    """A long-lived thread that runs one function after the other."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._done = threading.Semaphore(0)
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="fastnn", daemon=True)
        self._thread.start()
        self._cores: set[int] = set()

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            try:
                task()
            except BaseException as error:
                self.error = error
            self._done.release()

    def move(self, cores: set[int]) -> None:
        """Run on these cores from now on."""
        own = self._thread.native_id
        assert own is not None  # it has started; and None would stand for whoever calls this
        if cores != self._cores:
            with suppress(OSError):  # they may just have been taken from this process
                os.sched_setaffinity(own, cores)
                self._cores = cores

    def start(self, task: Callable[[], object]) -> None:
        self.error = None
        self._tasks.put(task)

    def wait(self) -> None:
        self._done.acquire()


_idle: list[_Helper] = []
_lock = threading.Lock()


def _forget_helpers() -> None:
    """In a forked child: the parent's threads, and who held the lock, are gone."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_helpers)


def _borrow(count: int) -> list[_Helper]:
    with _lock:
        helpers = [_idle.pop() for _ in range(min(count, len(_idle)))]
    return helpers + [_Helper() for _ in range(count - len(helpers))]


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

    If a member fails, the others are told to give up, and the error is raised here.
    """
    sync = np.zeros(sync_size(size), np.int64)
    if size == 1:
        return kernel(Member(0, 1, sync))
    helpers = _borrow(size - 1)

    def part(index: int) -> Any:
        try:
            return kernel(Member(index, size, sync))
        except BaseException:
            give_up(sync)
            raise

    started = 0
    try:
        _keep_apart(helpers)
        for index, helper in enumerate(helpers, 1):
            helper.start(partial(part, index))
            started += 1
        result = part(0)
    except BaseException:
        give_up(sync)
        raise
    finally:
        # An interrupt must not leave while a helper still writes to the network.
        interrupt = _wait_for(helpers[:started])
        with _lock:
            _idle.extend(helpers)
    if interrupt is not None:
        raise interrupt
    for helper in helpers:
        if helper.error is not None:
            raise helper.error
    return result


def _wait_for(helpers: list[_Helper]) -> BaseException | None:
    """Wait for all; an interrupt that arrives meanwhile is returned, not raised."""
    interrupt = None
    for helper in helpers:
        while True:
            try:
                helper.wait()
                break
            except KeyboardInterrupt as error:
                interrupt = error
    return interrupt
