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


def probe() -> ctypes.CDLL:
    """The library that tells the CPU's level. Raises RefusedError."""
    path = FOLDER / f"cpu{SUFFIX}"
    return _loaded(path, _read(path.with_suffix(".json")))


def load(level: str) -> Library:
    """The library of a level.

    Raises RefusedError if there is none, or one that is damaged, or of other sources.
    """
    path = FOLDER / f"fastnn-{level}{SUFFIX}"
    index = _read(path.with_suffix(".json"))
    functions = index.get("functions")
    if index.get("level") != level or not isinstance(functions, dict):
        raise RefusedError(f"{path.with_suffix('.json')} is damaged: it is not of {level}")
    sources = sources_digest()
    if not sources:
        raise RefusedError(
            "the kernels' sources are not there, so that nothing tells old machine code from new"
        )
    if index.get("sources") != sources:
        raise RefusedError(
            f"{path.stem} was built from other sources of the kernels than those beside it"
        )
    return Library(path, level, _loaded(path, index), functions)


def _read(index: Path) -> dict[str, Any]:
    """What is said of a library."""
    try:
        said = json.loads(index.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedError(f"there is no {index.stem}") from None
    except (OSError, ValueError) as error:
        raise RefusedError(f"{index} is damaged: {error!r}") from None
    if not isinstance(said, dict):
        raise RefusedError(f"{index} is damaged: it is no index")
    return said


def _loaded(library: Path, index: dict[str, Any]) -> ctypes.CDLL:
    """To load what was cut short, or of which a part was lost, could end the process."""
    try:
        if hashlib.sha256(library.read_bytes()).hexdigest() != index.get("sha256"):
            raise RefusedError(f"{library} is damaged: it is not what its index is of")
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise RefusedError(f"{library} can't be loaded: {error}") from None
