"""A small curve as inline SVG, without Matplotlib: for notebooks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Line", "sparkline"]

_WIDTH, _HEIGHT, _MARGIN = 240, 60, 3
_MOST = 200  # points of a line: more than there are pixels show nothing more


class Line(NamedTuple):
    """Figures, one an epoch; NaN where there is none. `name` is plain text of the program's."""

    name: str
    colour: str
    values: ArrayLike


def sparkline(lines: Sequence[Line]) -> str:
    """Lines over a common axis, from the smallest to the largest finite value of all."""
    arrays = [np.asarray(line.values, np.float64) for line in lines]
    finite = np.concatenate([values[np.isfinite(values)] for values in arrays] or [np.zeros(0)])
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    drawn = "".join(
        f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="1.5"/>'
        for line, values in zip(lines, arrays)
        for points in _points(values, float(low), float(high))
    )
    names = " and ".join(line.name for line in lines)
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{names}, epoch by epoch">{drawn}</svg>'
    )


def _points(values: np.ndarray, low: float, high: float) -> list[str]:
    """The points of each part of a line without gaps; a single point is a short line."""
    shown = np.unique(np.linspace(0, len(values) - 1, min(len(values), _MOST)).astype(int))
    x = _MARGIN + (_WIDTH - 2 * _MARGIN) * shown / max(1, len(values) - 1)
    share = (values[shown] - low) / ((high - low) or 1.0)
    y = _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * share
    parts = np.split(np.arange(len(shown)), np.flatnonzero(~np.isfinite(y)))
    found = []
    for part in parts:
        places = [f"{x[i]:.1f},{y[i]:.1f}" for i in part if np.isfinite(y[i])]
        if len(places) == 1:
            places.append(f"{x[part[-1]] + 1:.1f},{y[part[-1]]:.1f}")
        if places:
            found.append(" ".join(places))
    return found
