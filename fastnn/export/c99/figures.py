"""What a header takes of memory and work, and how accurate it is on rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fastnn.data.targets import Targets, labels_of
from fastnn.export.c99.constants import Constant
from fastnn.export.c99.floats import Floats
from fastnn.export.c99.int8 import Int8
from fastnn.network import Network

__all__ = ["Measured", "Written", "measure", "written"]

_FLOAT = 4  # bytes
_PIECE = 1000  # rows that are computed at once


class Measured(NamedTuple):
    """How good a network and its header are on rows.

    accuracy    whether that is measured: the share of rows that are right. Else it is the root
                mean square error of outputs
    rows        how many
    network     what fastnn reaches
    header      what the C program reaches
    difference  the largest, of an output
    """

    accuracy: bool
    rows: int
    network: float
    header: float
    difference: float

    @property
    def figures(self) -> tuple[tuple[str, str], ...]:
        """Pairs of what and how much, the number 11 wide."""
        rows, lost = f"{self.rows:,} row{'s' * (self.rows > 1)}", self.network - self.header
        kind, text = "error", f"{self.header:11.4g} is the root mean square on {rows}"
        before = f"{self.network:.4g}"
        if self.accuracy:
            kind, text = "accuracy", f"{100 * self.header:11.2f} % of {rows}"
            change = f"{100 * abs(lost):.2f} points are {'gained' if lost < 0 else 'lost'}"
            before = f"{100 * self.network:.2f} %: {change}"
        return (
            (kind, f"{text}; in fastnn it is {before}"),
            ("difference", f"{self.difference:11.2g} of an output at most, to fastnn's"),
        )


class Written(NamedTuple):
    """What a header takes; `print` it for a table.

    flash          bytes of constants, besides machine code
    self_test      bytes more of them, in a program that calls the self test
    scratch        bytes of memory that the caller lends for a prediction
    ram            bytes with inputs and outputs, which are the caller's as well
    multiply_adds  multiplications, each with an addition, for a row
    measured       how accurate it is, if rows were given
    """

    flash: int
    self_test: int
    scratch: int
    ram: int
    multiply_adds: int
    measured: Measured | None

    def __str__(self) -> str:
        lines: list[tuple[str, str]] = [
            ("flash", f"{self.flash:11,} bytes of constants, besides code"),
            ("self test", f"{self.self_test:11,} bytes more, in a program that calls it"),
            ("RAM", f"{self.ram:11,} bytes: input, output, and {self.scratch:,} of scratch"),
            ("work", f"{self.multiply_adds:11,} multiply-adds a row"),
            *(self.measured.figures if self.measured else ()),
        ]
        return "\n".join(f"{name:10} {text}" for name, text in lines)


def written(
    arithmetic: Floats | Int8, test: Sequence[Constant], names: int, measured: Measured | None
) -> Written:
    """That of a header: with a self test's constants, and `names` bytes of classes' names."""
    sizes, scratch = arithmetic.network.sizes, _FLOAT * arithmetic.scratch
    return Written(
        sum(constant.values.nbytes for constant in arithmetic.constants) + names,
        sum(constant.values.nbytes for constant in test),
        scratch,
        scratch + _FLOAT * (sizes[0] + sizes[-1]),
        sum(w.size for w in arithmetic.network.weights),
        measured,
    )


def measure(net: Network, arithmetic: Floats | Int8, x: NDArray, targets: Targets) -> Measured:
    """Both on the same rows x (rows, inputs)."""
    labels = labels_of(targets)
    truth = cast(NDArray, targets.values) if labels is None else labels
    differences, figures = [], []
    for first in range(0, len(x), _PIECE):
        piece = slice(first, first + _PIECE)
        both = net.feedforward(x[piece]), arithmetic.outputs(x[piece])
        differences.append(np.abs(both[0] - both[1]).max())
        figures.append([_figures(outputs, truth[piece], targets.classes) for outputs in both])
    of_network, of_header = np.concatenate(figures, axis=1).mean(axis=1)
    if not targets.classes:
        of_network, of_header = np.sqrt([of_network, of_header])
    return Measured(
        targets.classes, len(x), float(of_network), float(of_header), float(max(differences))
    )


def _figures(outputs: NDArray, truth: NDArray, classes: bool) -> NDArray:
    """Of each row (rows,): whether it is right, or if it names no class, the mean square error.

    outputs  (rows, outputs)
    truth    labels (rows,), or values (rows, outputs)
    """
    if not classes:
        return ((outputs - truth) ** 2).mean(axis=1)
    if truth.ndim == 2:  # several labels
        return ((outputs > 0.5) == (truth > 0.5)).all(axis=1)
    return (outputs[:, 0] > 0.5 if outputs.shape[1] == 1 else outputs.argmax(axis=1)) == truth
