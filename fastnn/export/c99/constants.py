"""An array of constants, as the header has it."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

from fastnn.export.c99.literals import table

__all__ = ["Constant"]


class Constant(NamedTuple):
    """`static const`, one after another: rows of numbers.

    name    without the prefix
    type    in C, of the size that values have
    values  (rows, columns)
    """

    name: str
    type: str
    values: NDArray

    def __str__(self) -> str:
        rows, columns = self.values.shape
        size = f"{rows} * {columns}" if rows > 1 else f"{columns}"
        return f"static const {self.type} nn_{self.name}[{size}] = {{\n{table(self.values)}\n}};\n"
