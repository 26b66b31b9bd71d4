"""Outputs of a regression beside their targets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.plots.colours import COLOURS, Colours

__all__ = ["draw_estimates"]

_MOST = 600  # points: more hide each other, and make a large file


def draw_estimates(ax: Any, targets: NDArray, outputs: NDArray, colours: Colours = COLOURS) -> None:
    """Both (rows,); of many rows every so many-th is drawn."""
    some = np.unique(np.linspace(0, len(targets) - 1, min(len(targets), _MOST)).astype(int))
    y, a = targets[some], outputs[some]
    ends = float(min(y.min(), a.min())), float(max(y.max(), a.max()))
    ax.plot(ends, ends, color=colours.mark, linestyle=":")
    ax.plot(y, a, color=colours.training, marker=".", linestyle="none", alpha=0.4)
    ax.set(xlabel="target", ylabel="output")
