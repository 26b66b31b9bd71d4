"""Writing files so that nothing is ever lost, and reading only what is a file."""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_write", "check_writable", "open_file", "remove_leftovers"]

_LEFT_OVER = 600.0  # seconds after the last write to a temporary file: its writer was killed
# What follows a file's name in those of its temporary files; the first form is version 0.1's.
_TEMPORARY = re.compile(r"(\d+\.\d+|[0-9a-f]{16})\.tmp")

_PRIVATE, _USUAL = 0o600, 0o666  # the latter less the umask, as `open` makes files

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write to, which replaces `path` only when all of it is on disk.

    Whoever reads `path` meanwhile, or after a crash, finds the old content whole or the
    new one whole. A link stays a link. A file keeps its permissions, and its owner and group as
    far as this user may give them away; nobody reads of its new content who could not read the
    old one. Raises OSError as `open` does, with `path` as its `filename`; on any error `path`
    stays as it was.
    """
    target = _target(path)
    try:
        if target.exists() and not target.is_file():  # a device or a pipe: nothing to replace
            with open(target, "wb") as file:
                yield file
            return
        with _temporary(target) as file:
            yield file
    except OSError as error:
        if error.errno is None:  # it is no system call's, and a name would hide its text
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    _sync_folder(target.parent)


@contextmanager
def _temporary(target: Path) -> Iterator[BinaryIO]:
    """A new file, which becomes `target`, or on an error disappears."""
    old = _status(target)
    descriptor, temporary = _new_file(target, _USUAL if old is None else _PRIVATE)
    try:
        with open(descriptor, "wb") as file:
            yield file
            if old := _status(target):
                _take_over(file.fileno() if os.chmod in os.supports_fd else temporary, old)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _new_file(target: Path, mode: int) -> tuple[int, Path]:
    """The descriptor and name of a file beside `target` that nobody can have foreseen.

    It is a new one: a link that is there already is not followed.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        path = target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")
        with suppress(FileExistsError):
            return os.open(path, flags, mode), path


def _status(target: Path) -> os.stat_result | None:
    try:
        return os.stat(target)
    except FileNotFoundError:
        return None


def _take_over(file: int | Path, old: os.stat_result) -> None:
    """Give a private file the owner, the group and the permissions of the one that it replaces."""
    mode = stat.S_IMODE(old.st_mode)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(file, old.st_uid, -1)
        try:
            os.chown(file, -1, old.st_gid)
        except OSError:  # what was the old group's is not another one's
            mode &= ~stat.S_IRWXG
    os.chmod(file, mode)  # last: a new owner clears some of it


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
        descriptor, temporary = _new_file(target, _PRIVATE)
        os.close(descriptor)
        temporary.unlink()
    except OSError as error:
        raise type(error)(f"{argument}: can't write {name}: {error.strerror}") from None


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove what killed processes left of their writing to `path`."""
    target = _target(path)
    start, oldest = f".{target.name}.", time.time() - _LEFT_OVER
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            rest = entry.name.removeprefix(start)
            if rest != entry.name and _TEMPORARY.fullmatch(rest):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < oldest:
                        os.unlink(entry.path)


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """A file to read from; OSError as `open`, ValueError for a pipe, a socket or a device.

    Those have no end, or wait for somebody to write.
    """
    name = os.fsdecode(path)
    _check_kind(name, os.stat(name).st_mode)  # a device may act when it is opened
    file = open(name, "rb", opener=_without_waiting)  # noqa: SIM115
    try:
        _check_kind(name, os.fstat(file.fileno()).st_mode)
    except BaseException:
        file.close()
        raise
    return file


def _check_kind(name: str, mode: int) -> None:
    if kind := _KINDS.get(stat.S_IFMT(mode)):
        raise ValueError(f"{name}: expected a file, got {kind}")


def _without_waiting(path: str, flags: int) -> int:
    """Open what may have become a pipe since it was looked at."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


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
