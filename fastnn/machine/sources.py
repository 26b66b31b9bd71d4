"""A digest of the sources of kernels, by which stale machine code is told from fresh."""

import hashlib
from pathlib import Path

__all__ = ["sources_digest"]

_PACKAGE = Path(__file__).parent.parent
_FOLDERS = ("kernels", "layout", "machine/registers.py")  # what shapes machine code


def sources_digest(package: Path = _PACKAGE) -> str:
    """Of every file that kernels are made from; empty where the sources are not there."""
    digest, found = hashlib.sha256(), False
    for name in _FOLDERS:
        place = package / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if path.is_file():  # and not in a zip file, or only compiled
                found = True
                digest.update(path.relative_to(package).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16] if found else ""
