"""A pause of Python's search for cycles among objects that nobody uses any more."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused"]


@contextmanager
def paused() -> Iterator[None]:
    """While this lasts, nothing is looked for; for what makes many objects that are to stay.

    Each few hundred new objects start a small search, and enough of these one of all objects that
    there are: a tenth of a second where Numba has made its own.
    """
    collecting = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if collecting:
            gc.enable()
