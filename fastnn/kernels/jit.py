"""How kernels are compiled, and where their machine code is kept: decided once, here.

`kernel` marks a function that Python calls: compiled at its first call and cached on disk.
`inner` marks a function that only kernels call: it becomes part of their machine code.

Numba's own cache notices a change in the file that defines a function, but not in the
files of what that function calls: someone who upgrades fastnn could run stale code. So the
cache's folder is named after the content of all kernel sources: other sources, other
folder.

No fast-math flags: vectors are explicit, so the compiler need not be allowed to reorder
sums, and NaN and infinity keep their meaning.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba
from numba.core import config

from fastnn.kernels.simd.registers import REGISTER_BYTES

__all__ = ["cache_folder", "inner", "kernel", "sources_digest"]

Function = TypeVar("Function", bound=Callable)

_SOURCES = Path(__file__).parent
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def sources_digest(folder: Path = _SOURCES) -> str:
    """A digest of every kernel source in `folder` and of what else shapes the code."""
    digest = hashlib.sha256(f"{numba.__version__} {REGISTER_BYTES}".encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _user_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _base_folder() -> Path:
    """NUMBA_CACHE_DIR if set; else beside the sources; else, read-only, the user's caches."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    beside = _SOURCES / "__pycache__"
    return beside if _writable(beside) else _user_folder()


cache_folder: Path = _base_folder() / f"fastnn-{sources_digest()}"


def inner(function: Function) -> Function:
    """Compile a function that kernels call; Python can't call it, which spares a wrapper."""
    return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function)


def kernel(function: Function) -> Function:
    """Compile, at its first call, a function that Python calls; cached on disk."""
    usual, config.CACHE_DIR = config.CACHE_DIR, str(cache_folder)
    try:
        return numba.njit(cache=True, **_OPTIONS)(function)
    finally:
        config.CACHE_DIR = usual
