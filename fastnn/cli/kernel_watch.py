"""Where kernels came from and how long a command waited for them, as the library's log says."""

import logging
import time
from typing import Any

__all__ = ["KernelWatch"]


class KernelWatch(logging.Handler):
    """A clock that stands still while kernels are compiled or loaded; a context that listens.

    seconds   that compiling and loading took so far
    compiled  whether a kernel was compiled, and not all were in a library or in the cache
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds, self.compiled = 0.0, False
        self._logger = logging.getLogger("fastnn.kernels")

    def __enter__(self) -> "KernelWatch":
        self._level = self._logger.level
        self._logger.setLevel(logging.DEBUG)
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: Any) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level)

    def emit(self, record: logging.LogRecord) -> None:
        """Count each kernel that is told to be compiled or loaded."""
        if hasattr(record, "kernel"):
            self.seconds += vars(record)["seconds"]
            self.compiled |= not vars(record)["loaded"]

    def now(self) -> float:
        """Seconds, without those for kernels; only differences mean something."""
        return time.perf_counter() - self.seconds
