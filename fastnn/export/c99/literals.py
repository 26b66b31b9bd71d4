"""Names, numbers and texts as every C and C++ compiler reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks

__all__ = ["as_prefix", "number", "table", "text"]

# Of C up to C23 and C++ up to C++20.
_KEYWORDS = """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t
char32_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
constinit continue decltype default delete do double dynamic_cast else enum explicit export extern
false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr
operator or or_eq private protected public register reinterpret_cast requires restrict return short
signed sizeof static static_assert static_cast struct switch template this thread_local throw true
try typedef typeid typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t
while xor xor_eq
"""
_LONGEST_NAME = 31  # significant characters of a C99 identifier, which the rest is added to
_LONGEST_TEXT = 4095  # bytes of a string that a C99 compiler must take

_WIDTH = 96  # columns of a line of numbers


def as_prefix(argument: str, value: Any) -> str:
    """What all names begin with; TypeError, or ValueError for what C or C++ reserve."""
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected a text, got {checks.shown(value)}")
    if (
        not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", value, re.ASCII)
        or value in _KEYWORDS.split()
        or len(value) > _LONGEST_NAME
    ):
        raise ValueError(
            f"{argument}: expected a name for C, of at most {_LONGEST_NAME} letters, digits and "
            "single underscores between them, a letter first, and no keyword of C or C++; "
            f"got {checks.shown(value)}"
        )
    return value


def number(value: float | np.float32) -> str:
    """The shortest decimal that reads back as the same float, to the bit: "0.1f"."""
    return f"{np.float32(value)!s}f"


def text(argument: str, value: str) -> str:
    r"""A string in ASCII that stands for the text in UTF-8: "caf\303\251".

    Octal escapes end after three digits, whatever follows; a question mark has one, or `??/` would
    be a trigraph. Raises ValueError for what UTF-8 can't write, or no compiler need take.
    """
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{argument}: expected a text, got {value!a} ({error.reason})") from None
    if len(encoded) > _LONGEST_TEXT:
        raise ValueError(
            f"{argument}: expected at most {_LONGEST_TEXT:,} bytes, got {len(encoded):,}"
        )
    return '"' + "".join(map(_escaped, encoded)) + '"'


def _escaped(byte: int) -> str:
    if byte == ord("\n"):
        return r"\n"
    if not ord(" ") <= byte <= ord("~"):
        return f"\\{byte:03o}"
    return ("\\" if chr(byte) in '"\\?' else "") + chr(byte)


def table(values: NDArray) -> str:
    """The numbers of an array (rows, columns), in columns; each row begins a line.

    A row that takes several lines is told by its number.
    """
    rows = [list(map(_as_literal(values.dtype), row)) for row in values]
    width = max(len(cell) for row in rows for cell in row)
    per_line = max(1, (_WIDTH - 4) // (width + 2))
    lines: list[str] = []
    for i, row in enumerate(rows):
        if len(row) > per_line and len(rows) > 1:
            lines.append(f"    /* {i} */")
        lines += _lines(row, width, per_line)
    return "\n".join(lines)


def _as_literal(dtype: np.dtype) -> Any:
    return number if dtype.kind == "f" else str


def _lines(row: Sequence[str], width: int, per_line: int) -> Iterable[str]:
    for j in range(0, len(row), per_line):
        yield "   " + "".join(f" {cell:>{width}}," for cell in row[j : j + per_line])
