"""One copy of the data for many trainings, in this process and in others."""

import os
import tempfile
import threading
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from multiprocessing import parent_process
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import SparseRows

__all__ = ["MappedArrays", "SharedArrays"]

_MARKER = "wanted"


class SharedArrays(AbstractContextManager["SharedArrays"]):
    """Arrays that tasks of any executor read without a copy of their own.

    Within this process they are handed on as they are. When this is pickled, for tasks of other
    processes, the arrays are first written to temporary files, once; whoever unpickles it maps
    them into memory, so that all processes of the machine read the same pages. Leaving the
    context removes the files, so tasks have to be done by then.
    """

    def __init__(self, arrays: dict[str, NDArray | SparseRows]):
        self.arrays = arrays
        self.stopped = False
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def stop(self) -> None:
        """Tell tasks, wherever they run, that nobody waits for them: their `stopped` is True."""
        with self._lock:
            self.stopped = True
            if self._folder is not None:
                with suppress(FileNotFoundError):
                    os.unlink(Path(self._folder.name, _MARKER))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def __reduce__(self) -> tuple:
        return MappedArrays, (self._written(), list(self.arrays))

    def _written(self) -> str:
        """The folder with the arrays."""
        with self._lock:
            if self.stopped:
                raise RuntimeError("the arrays are no longer shared")
            if self._folder is None:
                folder = tempfile.TemporaryDirectory(prefix="fastnn-", ignore_cleanup_errors=True)
                try:
                    for name, array in self.arrays.items():
                        _write(Path(folder.name), name, array)
                    Path(folder.name, _MARKER).touch()
                except BaseException as error:
                    folder.cleanup()
                    if isinstance(error, OSError) and error.errno is not None:  # a full disk, say
                        raise OSError(error.errno, error.strerror, folder.name) from error
                    raise
                self._folder = folder
            return self._folder.name


_PARTS = ("starts", "columns", "values", "inputs")  # of sparse rows, a file each


def _write(folder: Path, name: str, array: NDArray | SparseRows) -> None:
    if isinstance(array, SparseRows):
        values = (*array.parts(), np.array(array.shape[1]))
        parts = {f"{name}.{part}": value for part, value in zip(_PARTS, values, strict=True)}
    else:
        parts = {name: array}
    for file, value in parts.items():
        np.save(folder / f"{file}.npy", value, allow_pickle=False)


def _read(folder: Path, name: str) -> NDArray | SparseRows:
    def mapped(file: str) -> NDArray:
        return np.asarray(np.load(folder / f"{file}.npy", "r"))

    if (folder / f"{name}.npy").exists():
        return mapped(name)
    starts, columns, values, inputs = (mapped(f"{name}.{part}") for part in _PARTS)
    return SparseRows(starts, columns, values, int(inputs))


class MappedArrays:
    """What another process has of them.

    Files are opened at the first use and not when this is unpickled: an executor whose worker
    can't unpickle a task is broken for good.
    """

    def __init__(self, folder: str, names: list[str]):
        self._folder, self._names = Path(folder), names

    @cached_property
    def arrays(self) -> dict[str, NDArray | SparseRows]:
        """Read-only, mapped into memory."""
        return {name: _read(self._folder, name) for name in self._names}

    @property
    def stopped(self) -> bool:
        """Whether nobody waits for results any more: they said so, or were killed."""
        parent = parent_process()
        return (parent is not None and not parent.is_alive()) or not (
            self._folder / _MARKER
        ).exists()
