"""A digest of the sources of kernels, by which stale machine code is told from fresh."""

import hashlib
from pathlib import Path

__all__ = ["sources_digest"]

_PACKAGE = Path(__file__).parent.parent
# What shapes machine code, and how it is called.
_FOLDERS = ("kernels", "layout", "machine/registers.py", "native/keys.py")


def sources_digest(package: Path = _PACKAGE) -> str:
    """Of every file that kernels are made from; empty where some are not there.

    So it is in a zip file, and in a package that is only bytecode.
    """
    digest = hashlib.sha256()
    for name in _FOLDERS:
        place = package / name
        paths = [place]
        if place.is_dir():  # editors and archives leave files whose names begin with a dot
            paths = [path for path in sorted(place.rglob("*.py")) if path.name[0] != "."]
        if not paths or not all(path.is_file() for path in paths):
            return ""
        for path in paths:
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
