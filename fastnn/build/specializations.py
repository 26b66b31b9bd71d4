"""What the functions of a library are called there; which they are, fastnn.native says."""

import hashlib
import re

from fastnn.native.specializations import SETS, in_parts, read

__all__ = ["SETS", "in_parts", "read", "symbol"]


def symbol(key: str) -> str:
    """The name of a key's function in a library."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"fastnn_{re.split('[^A-Za-z0-9_]', key, maxsplit=1)[0]}_{digest}"
