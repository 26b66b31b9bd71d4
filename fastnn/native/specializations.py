"""The functions that are made ready before anybody needs them: a file of keys, one a line."""

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

__all__ = ["FILE", "SETS", "in_parts", "of_dtype", "read"]

SETS = ("usual", "full")

FILE = files("fastnn.native") / "specializations.txt"  # also in a zip file


def read(wanted: str, file: Any = FILE) -> list[str]:
    """The keys of a set, in the file's order; `full` is all there are."""
    keys: dict[str, list[str]] = {name: [] for name in SETS}
    section: list[str] | None = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            section = keys.get(text[1:-1])
        elif section is not None:
            section.append(text)
        if section is None:
            raise ValueError(f"{file}, line {number}: expected [usual] or [full], got {text!r}")
    found = keys["usual"] if wanted == "usual" else [*keys["usual"], *keys["full"]]
    if len(set(found)) != len(found):
        twice = sorted({key for key in found if found.count(key) > 1})
        raise ValueError(f"{file}: expected each key once, got {', '.join(twice)} again")
    return found


def of_dtype(keys: Sequence[str], dtype: str) -> list[str]:
    """Those that networks of a dtype, f4 or f8, call: keys that name it, or neither."""
    return [key for key in keys if (_dtype(key) or dtype) == dtype]


def _dtype(key: str) -> str:
    """Of the networks that call it; f8 in a key for float32 is what both count in."""
    if "f4" in key and "Unpacked" not in key:  # which float64 is, whatever the rows are
        return "f4"
    return "f8" if "f8*" in key else ""


def in_parts(keys: Sequence[str], processes: int) -> list[list[str]]:
    """The keys in parts that can be compiled side by side, those that take longest first.

    Functions of one dtype have most of their code in common, which a part compiles once: with
    few processes that is the only border. A training is larger than all else together.
    """
    parts: dict[tuple, list[str]] = {}
    for key in keys:
        double = re.search(r"\bf4\b", key) is None
        parts.setdefault((double, processes > 2 and key.startswith("train")), []).append(key)
    return sorted(parts.values(), key=lambda part: -sum(map(len, part)))
