"""Writing files so that nothing is ever lost."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_write"]


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write to, which replaces `path` only when all of it is on disk.

    Whoever reads `path` meanwhile, or after a crash, finds the old content whole or the
    new one whole. Raises OSError as `open` does; on any error `path` stays as it was.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    if target.exists() and not target.is_file():  # a device or a pipe: nothing to replace
        with open(target, "wb") as file:
            yield file
        return
    writer = f"{os.getpid()}.{threading.get_native_id()}"
    temporary = target.with_name(f".{target.name}.{writer}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and str(error.filename) == str(temporary):
            error.filename = os.fspath(path)  # the only name that the caller knows
        raise
