"""Which kernel sources these are: a digest, which machine code is kept with."""

import hashlib
from pathlib import Path

__all__ = ["sources_digest"]

_PACKAGE = Path(__file__).parents[1]


def sources_digest(package: Path = _PACKAGE) -> str:
    """A digest of every source that shapes a kernel's machine code or how it is called."""
    digest = hashlib.sha256()
    for room in ("kernels", "layout"):
        for path in sorted((package / room).rglob("*.py")):
            name = path.relative_to(package).as_posix()
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
