"""The confusion matrix, as colours and numbers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.plots import library

__all__ = ["plot_confusion"]

_COLOURS = "Blues"
_MOST_NUMBERS = 20  # classes: more would make numbers too small to read


def plot_confusion(
    counts: NDArray, names: Sequence[str], normalize: bool = False, ax: Any = None
) -> Any:
    """Counts (classes, classes) of rows of class i that were taken for j, at [i, j].

    names      of the classes
    normalize  whether numbers are shares of a class's rows; colours always are
    """
    side = float(np.clip(1.6 + 0.42 * len(counts), 3.6, 9.0))
    drawing = partial(_draw, counts=counts, names=names, normalize=normalize)
    return library.draw(ax, (side + 0.8, side), drawing)


def _draw(ax: Any, counts: NDArray, names: Sequence[str], normalize: bool) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(shares, cmap=_COLOURS, vmin=0, vmax=1, interpolation="nearest")
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, label="share of the class's rows")
    library.percent(bar.ax.yaxis)
    ax.set(xlabel="taken for", ylabel="true class")
    if len(counts) > _MOST_NUMBERS:
        return
    places = range(len(counts))
    long = max(map(len, names)) > 3
    ax.set_xticks(places, names, rotation=90 if long else 0, parse_math=False)
    ax.set_yticks(places, names, parse_math=False)
    for i in places:
        for j in places:
            if counts[i, j]:
                text = f"{shares[i, j]:.1%}" if normalize else f"{counts[i, j]:,}"
                colour = "white" if shares[i, j] > 0.5 else "black"
                ax.text(j, i, text, ha="center", va="center", color=colour, fontsize="small")
