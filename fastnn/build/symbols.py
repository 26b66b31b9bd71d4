"""What the functions of a library are called there."""

import hashlib
import re

__all__ = ["symbol"]


def symbol(key: str) -> str:
    """The name of a key's function in a library."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"fastnn_{re.split('[^A-Za-z0-9_]', key, maxsplit=1)[0]}_{digest}"
