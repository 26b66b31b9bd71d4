"""Where machine code is kept between processes, and what happens when that fails.

Numba's own cache notices a change in the file that defines a function, but not in the files of
what that function calls: someone who upgrades fastnn could run stale code. And it believes what
it finds: a file that was cut short, a full disk or a folder that can't be written to ends each
program that starts. So compiled functions get a `KernelCache` in its stead:

- its folder is named after the content of all kernel sources, see fastnn.machine.cache_folder;
- a file holds the machine code of one function for one signature and one level of CPU (see
  `target`: a cluster of many models shares it), behind a digest of it and of what it is for,
  without which nothing in it is looked at;
- whatever is wrong with folder or file is told in one warning a process, what can't be loaded is
  compiled, and its file replaced where that can be done.

A file is a pickle, so whoever can write it can run what they like; hence the choice of the folder.
"""

import hashlib
import logging
import os
import pickle
import sys
import uuid
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

from fastnn.machine.cache_folder import SUFFIX, cache_folder

__all__ = ["KernelCache", "cached"]

logger = logging.getLogger(__name__)


class _DamagedError(Exception):
    """A file is not what was once written."""


class KernelCache:
    """The machine code of one function, a file for each signature; what Numba asks of a cache.

    Never raises: without a result Numba compiles, and what can't be kept is not.
    """

    def __init__(self, key: str):
        """For the function of this key, see fastnn.native.keys."""
        self._name = key

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """The function compiled for `signature`, or None."""
        if cache_folder is None:
            _warn("no folder that only you can write to; NUMBA_CACHE_DIR names one")
            return None
        path = cache_folder
        try:
            target_context.refresh()
            key = self._key(signature, target_context.codegen())
            path = self._path(cache_folder, key)
            return _unpacked(path.read_bytes(), key, target_context)
        except FileNotFoundError:
            return None
        except Exception as error:
            _warn(_described(error, path))
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled for `signature`."""
        if cache_folder is None or result.library.has_dynamic_globals:  # addresses of today's
            return
        path = cache_folder
        try:
            key = self._key(signature, result.codegen)
            path = self._path(cache_folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, _packed(result, key))
        except Exception as error:
            _warn(_described(error, path))

    def _key(self, signature: Any, codegen: Any) -> bytes:
        """All that the machine code depends on beside the kernel sources."""
        return repr(
            (
                self._name,
                str(signature),
                codegen.magic_tuple(),
                sys.version_info[:2],
                getattr(sys, "abiflags", ""),
            )
        ).encode()

    def _path(self, folder: Path, key: bytes) -> Path:
        digest = hashlib.sha256(key).hexdigest()[:16]
        return folder / f"{self._name.partition('(')[0]}-{digest}{SUFFIX}"


def cached(function: Any, key: str) -> None:
    """Give a CFunc of Numba's, before it is compiled, a KernelCache."""
    if hasattr(function, "_cache"):
        function._cache = KernelCache(key)
    else:
        _warn(f"Numba {numba.__version__} has no place for it")


# What is imported within the next two is no public part of Numba: without it, kernels are compiled.


def _packed(result: Any, key: bytes) -> bytes:
    from numba.core.serialize import dumps

    code = dumps(result._reduce())
    return hashlib.sha256(key + code).digest() + code


def _unpacked(content: bytes, key: bytes, target_context: Any) -> Any:
    from numba.core.compiler import CompileResult

    digest, code = content[:32], content[32:]
    if hashlib.sha256(key + code).digest() != digest:
        raise _DamagedError
    return CompileResult._rebuild(target_context, *pickle.loads(code))


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; several processes may do so at once."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _described(error: Exception, path: Path) -> str:
    if isinstance(error, _DamagedError):
        return f"{path}: damaged"
    if isinstance(error, OSError):
        return f"{path}: {error.strerror or error}"
    return f"{path}: {type(error).__name__}: {error}"


_warned = False


def _warn(trouble: str) -> None:
    """Tell of the first trouble; further ones, which tend to be of the same kind, go to the log."""
    global _warned
    first, _warned = not _warned, True
    text = f"kernel cache: {trouble}; kernels are compiled instead, which takes some seconds"
    if first:
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    else:
        logger.debug("%s", text)
