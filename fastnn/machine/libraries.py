"""Libraries of machine code that come with the package, one a level, each with its index."""

import ctypes
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from fastnn.machine.sources import sources_digest

__all__ = ["FOLDER", "SUFFIX", "Library", "RefusedError", "load", "probe"]

FOLDER = Path(__file__).parent.parent / "native" / "libraries"
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


class RefusedError(Exception):
    """Why a library is not used, in words."""


class Library(NamedTuple):
    """A library that was loaded.

    functions  the symbols of the C functions by their keys, see fastnn.native.keys
    """

    path: Path
    level: str
    code: ctypes.CDLL
    functions: dict[str, str]


def probe() -> Path:
    """The library that tells the CPU's level; it may be missing."""
    return FOLDER / f"cpu{SUFFIX}"


def load(level: str) -> Library:
    """The library of a level.

    Raises RefusedError if there is none, or one that is damaged, or of other sources.
    """
    path = FOLDER / f"fastnn-{level}{SUFFIX}"
    index = _index(path.with_suffix(".json"), level)
    try:
        # To load what was cut short, or of which a part was lost, may end the process.
        if hashlib.sha256(path.read_bytes()).hexdigest() != index["sha256"]:
            raise RefusedError(f"{path} is damaged: it is not what its index is of")
        code = ctypes.CDLL(str(path))
    except FileNotFoundError:
        raise RefusedError(f"there is no {path.name}") from None
    except OSError as error:
        raise RefusedError(f"{path} can't be loaded: {error}") from None
    return Library(path, level, code, index["functions"])


def _index(path: Path, level: str) -> dict[str, Any]:
    """What the index says, if it is one for these sources."""
    try:
        index = json.loads(path.read_bytes())
        sources, functions = index["sources"], index["functions"]
        fits = index["level"] == level and isinstance(functions, dict)
        if not fits or not isinstance(index["sha256"], str):
            raise ValueError("it is no index of this level")
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedError(f"there is no library for {level}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"{path} is damaged: {error!r}") from None
    if sources != sources_digest():
        raise RefusedError(
            f"{path.stem} was built from other sources of the kernels than those beside it"
        )
    return index
