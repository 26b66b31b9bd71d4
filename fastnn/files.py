"""Writing files so that nothing is ever lost."""

import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_write", "check_writable", "remove_leftovers"]

_LEFT_OVER = 600.0  # seconds after the last write to a temporary file: its writer was killed


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write to, which replaces `path` only when all of it is on disk.

    Whoever reads `path` meanwhile, or after a crash, finds the old content whole or the
    new one whole. A link stays a link, and a file keeps its permissions. Raises OSError as
    `open` does; on any error `path` stays as it was.
    """
    target = _target(path)
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
        with suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and str(error.filename) == str(temporary):
            error.filename = os.fspath(path)  # the only name that the caller knows
        raise
    _sync_folder(target.parent)


def check_writable(argument: str, path: str | os.PathLike[str]) -> None:
    """OSError, beginning with `argument`, if atomic_write could not write `path` now.

    For whoever would rather know before an hour's work than after it.
    """
    name, target = os.fsdecode(path), _target(path)
    if target.is_dir():
        raise IsADirectoryError(f"{argument}: expected a file's name, {name} is a folder")
    if target.exists() and not target.is_file():
        raise OSError(f"{argument}: expected a file, {name} is none that can be replaced")
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"{argument}: expected an existing folder, found none at {target.parent}"
        )
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}."):
            pass
    except OSError as error:
        raise type(error)(f"{argument}: can't write {name}: {error.strerror}") from None


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove what killed processes left of their writing to `path`."""
    target = _target(path)
    oldest = time.time() - _LEFT_OVER
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if entry.name.startswith(f".{target.name}.") and entry.name.endswith(".tmp"):
                with suppress(OSError):
                    if entry.stat().st_mtime < oldest:
                        os.unlink(entry.path)


def _target(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(os.fsdecode(path)))  # a link stays a link


def _sync_folder(folder: Path) -> None:
    """Put a file's new name on disk; its content is there already."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows can't, and needs not
        return
    with suppress(OSError):  # some file systems can't
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
