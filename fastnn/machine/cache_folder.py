"""Where machine code that was compiled here is kept between processes; found without Numba.

The folder is named after the content of all kernel sources, Numba's version and the shape of the
registers: other sources, other folder. It is the one that NUMBA_CACHE_DIR names; else beside the
sources; else in the user's caches; else there is none. What is in it is run: unless the user names
a folder, it is beside the sources, or one that nobody else can write to.
"""

import hashlib
import os
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastnn.machine.registers import REGISTER_BYTES, TILE_ROWS
from fastnn.machine.sources import sources_digest

__all__ = ["SUFFIX", "cache_folder", "compilation_digest", "writable"]

SUFFIX = ".kernel"  # of a file that holds the machine code of one function

_KERNELS = Path(__file__).parents[1] / "kernels"


def compilation_digest() -> str:
    """A digest of the kernel sources and of what else shapes the code, except the CPU's level."""
    shape = f"{sources_digest()} {_compiler()} {REGISTER_BYTES} {TILE_ROWS}"
    return hashlib.sha256(shape.encode()).hexdigest()[:16]


def _compiler() -> str:
    """Numba's version, without half a second of importing it."""
    try:
        return version("numba")
    except PackageNotFoundError:
        return ""


def writable(folder: Path) -> bool:
    """Whether files can be put into a folder, which need not exist yet."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def _user_caches() -> Path | None:
    """The user's folder for caches; None if nobody knows it, as of users without a home."""
    variable = {"win32": "LOCALAPPDATA", "darwin": ""}.get(sys.platform, "XDG_CACHE_HOME")
    named = Path(os.environ.get(variable, ""))
    if named.is_absolute():
        return named
    try:
        home = Path.home()
    except RuntimeError:
        return None
    parts = {"win32": ("AppData", "Local"), "darwin": ("Library", "Caches")}
    return home.joinpath(*parts.get(sys.platform, (".cache",))) if os.path.isdir(home) else None


def _ours_alone(folder: Path) -> bool:
    """Whether nobody else can put files into a folder, which is made if need be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return False
    if not hasattr(os, "geteuid"):  # Windows: a user's folders are
        return True
    return state.st_uid == os.geteuid() and not state.st_mode & 0o022


def _choose_folder() -> Path | None:
    if not sources_digest():  # without sources nothing tells old code from new
        return None
    name = f"fastnn-{compilation_digest()}"
    if wanted := os.environ.get("NUMBA_CACHE_DIR"):
        named = Path(wanted)
        with suppress(OSError):  # relative to a folder that was removed
            named = named.absolute()
        return named / name
    beside, user = _KERNELS / "__pycache__", _user_caches()
    if writable(beside):
        return beside / name
    return user / name if user is not None and _ours_alone(user / name) else None


cache_folder: Path | None = _choose_folder()
