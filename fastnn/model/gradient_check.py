"""Backpropagation against central differences, entry by entry (the book, chapter 2, eq. 46)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Engine, OneHot, SparseRows, gradients

__all__ = ["GradientCheck", "LayerCheck", "compare_gradients"]

# The error of a central difference is about step^2 from its cut-off terms, and about epsilon
# times the cost over the step from rounding: this makes both small.
_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
_SHORTER = (1.0, 1 / 30, 1 / 900)  # steps that are tried where a kink may lie within
_ROUNDING = 30 * float(np.finfo(np.float64).eps)  # of a cost of 1; several units in the last place


@dataclass(frozen=True)
class LayerCheck:
    """The entry of a layer at which the two differ most.

    layer           counted from 1
    name            "weights[0]" or "biases[0]", as in net.weights[0]
    index           of the entry in that array
    backprop        dC/dw by backpropagation
    numeric         by central differences
    relative_error  |backprop - numeric| / the larger magnitude; see `GradientCheck`
    entries         how many entries of the layer were compared
    """

    layer: int
    name: str
    index: tuple[int, ...]
    backprop: float
    numeric: float
    relative_error: float
    entries: int


class GradientCheck(NamedTuple):
    """What `Network.check_gradients` found; str() is a table of it.

    layers     a LayerCheck for each layer: its worst entry
    tolerance  the largest relative error that passes

    Gradients so small that the difference is mostly rounding are measured by that rounding
    instead: their relative error reaches the tolerance where the rounding is exceeded.
    """

    layers: tuple[LayerCheck, ...]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether all that were compared agree."""
        return all(layer.relative_error <= self.tolerance for layer in self.layers)

    def __str__(self) -> str:
        rows = [("layer", "entries", "worst", "backpropagation", "differences", "relative error")]
        for layer in self.layers:
            index = ", ".join(map(str, layer.index))
            rows.append(
                (
                    str(layer.layer),
                    f"{layer.entries:,}",
                    f"{layer.name}[{index}]",
                    f"{layer.backprop:.9g}",
                    f"{layer.numeric:.9g}",
                    f"{layer.relative_error:.1e}",
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["   ".join(cell.rjust(w) for cell, w in zip(row, widths)) for row in rows]
        verdict = "agree" if self.ok else "DIFFER"
        lines.append(f"Gradients {verdict}; relative errors up to {self.tolerance:g} pass.")
        return "\n".join(lines)


def compare_gradients(
    engine: Engine,
    x: NDArray | SparseRows,
    y: NDArray | OneHot,
    entries: int,
    tolerance: float,
    seed: int,
) -> GradientCheck:
    """Compare `entries` random entries of each layer, or all if it has no more.

    The engine is of float64; its parameters are changed meanwhile, and left as they were.
    """
    n, rng = len(x), np.random.default_rng(seed)

    def cost() -> float:
        return engine.evaluate(x, y)[0] / n

    rounding = _ROUNDING * max(1.0, abs(cost()))
    nabla_w, nabla_b = gradients(engine, x, y)
    checks = []
    for l in range(len(nabla_w)):
        parts = [
            (f"weights[{l}]", engine.weights[l], nabla_w[l]),
            (f"biases[{l}]", engine.biases[l], nabla_b[l]),
        ]
        size = sum(array.size for _, array, _ in parts)
        chosen = np.sort(rng.choice(size, min(entries, size), replace=False))
        worst = None
        for k in chosen.tolist():
            part = int(k >= parts[0][1].size)
            name, array, nabla = parts[part]
            index = np.unravel_index(k - part * parts[0][1].size, array.shape)
            where = tuple(int(i) for i in index)
            numeric, error = _compare(
                cost, array, where, float(nabla[where]) / n, rounding, tolerance
            )
            if worst is None or error > worst.relative_error:
                worst = LayerCheck(
                    l + 1, name, where, float(nabla[where]) / n, numeric, error, len(chosen)
                )
        assert worst is not None
        checks.append(worst)
    return GradientCheck(tuple(checks), tolerance)


def _compare(
    cost: Callable[[], float],
    array: NDArray,
    where: tuple[int, ...],
    backprop: float,
    rounding: float,
    tolerance: float,
) -> tuple[float, float]:
    """The slope of the cost, and how far from it backpropagation's is, relatively.

    Where the two differ, a shorter step is tried: a kink (of ReLU) within the step bends the
    slope, a wrong gradient stays wrong.
    """
    found = []
    for shorter in _SHORTER:
        step = _STEP * shorter * max(1.0, abs(float(array[where])))
        numeric = _slope(cost, array, where, step)
        # The size below which an error of the rounding's size would pass for a relative one.
        least = rounding / step / tolerance
        error = abs(backprop - numeric) / max(abs(backprop), abs(numeric), least)
        found.append((numeric, error if math.isfinite(error) else math.inf))
        if error <= tolerance:
            return found[-1]
    return found[0]


def _slope(cost: Callable[[], float], array: NDArray, where: tuple[int, ...], step: float) -> float:
    value = array[where]
    try:
        array[where] = above = value + step
        cost_above = cost()
        array[where] = below = value - step
        return float((cost_above - cost()) / (above - below))
    finally:
        array[where] = value
