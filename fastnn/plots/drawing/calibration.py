"""The reliability diagram: how often predictions are right, beside how often they say so."""

from functools import partial
from typing import Any

import numpy as np

from fastnn.plots import library
from fastnn.plots.calibration import Reliability
from fastnn.plots.colours import COLOURS, Colours

__all__ = ["draw_calibration", "plot_calibration"]


def plot_calibration(found: Reliability, ax: Any = None) -> Any:
    """Accuracy in each bin of confidence, and the expected calibration error."""
    return library.draw(ax, (4.8, 4.2), partial(_draw, found=found))


def _draw(ax: Any, found: Reliability) -> None:
    draw_calibration(ax, found)
    ax.set_title(f"expected calibration error {found.ece:.2%}", fontsize="medium")


def draw_calibration(ax: Any, found: Reliability, colours: Colours = COLOURS) -> None:
    """The same on axes, without the title."""
    there = found.counts > 0
    lefts, widths = found.edges[:-1][there], np.diff(found.edges)[there]
    share = found.counts[there] / max(1, found.counts.sum())
    ax.plot([0, 1], [0, 1], color=colours.mark, linestyle=":", label="as sure as right")
    ax.bar(
        lefts,
        found.accuracy[there],
        widths,
        align="edge",
        color=colours.right,
        alpha=0.35,
        label="right, of those in the bin",
    )
    ax.scatter(
        found.confidence[there],
        found.accuracy[there],
        12 + 200 * share,
        color=colours.right,
        clip_on=False,
        label="at their mean confidence;\nlarger for more of them",
    )
    ax.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share that is right")
    library.percent(ax.xaxis, 0)
    library.percent(ax.yaxis, 0)
    ax.legend(fontsize="small")
