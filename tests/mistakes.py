"""Mistakes that the suite must catch: what `plant_mistakes.py` plants, one at a time."""

from typing import NamedTuple

__all__ = ["MISTAKES", "Mistake"]


class Mistake(NamedTuple):
    """In `file`, `new` instead of `old`, which is there once; `tests` (paths) catch it."""

    file: str
    old: str
    new: str
    tests: str

    def __str__(self) -> str:
        return f"{' '.join(self.old.split())!r} -> {' '.join(self.new.split())!r}"


MISTAKES: list[Mistake] = []
