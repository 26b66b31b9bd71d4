"""Which functions a library has: keys such as `finish(i8*,f4*,f8*)`."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

__all__ = ["SETS", "in_parts", "read", "symbol"]

SETS = ("usual", "full")

_FILE = Path(__file__).parents[1] / "native" / "specializations.txt"


def read(wanted: str, file: Path = _FILE) -> list[str]:
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


def symbol(key: str) -> str:
    """The name of a key's function in a library."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"fastnn_{re.split('[^A-Za-z0-9_]', key, maxsplit=1)[0]}_{digest}"


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
