"""A training's costs and accuracies over its epochs."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from fastnn.plots import courses, library
from fastnn.plots.colours import COLOURS, Colours
from fastnn.plots.courses import Course, Mark

__all__ = ["draw_accuracies", "draw_costs", "plot_history"]

_FEW = 30  # epochs that are marked by a point each; a single one would have no line
_STYLES = {"training": "-", "validation": "-", "penalty": "-", "sum": "--"}


def plot_history(history: Mapping[str, list], best_epoch: int | None, ax: Any = None) -> Any:
    """Costs, and beside them accuracies where there are any; ValueError without an epoch."""
    if not history["epoch"]:
        raise ValueError("history: expected at least one epoch to plot, got none; fit first")
    drawings = [draw_costs, draw_accuracies] if courses.accuracies(history) else [draw_costs]
    return library.draw(
        ax,
        (4.8, 3.6),
        *(partial(each, history=history, best_epoch=best_epoch) for each in drawings),
    )


def draw_costs(
    ax: Any, history: Mapping[str, list], best_epoch: int | None, colours: Colours = COLOURS
) -> None:
    """Data costs, the penalty, and their sum."""
    lines = courses.costs(history)
    _lines(ax, history["epoch"], lines, colours)
    _mark(ax, courses.marked_epoch(history, best_epoch), colours)
    ax.set(xlabel="epoch", ylabel="cost of a row")
    if min(np.nanmin(line.values) for line in lines) >= 0:  # those of Poisson may be negative
        ax.set_ylim(bottom=0)
    ax.legend()


def draw_accuracies(
    ax: Any, history: Mapping[str, list], best_epoch: int | None, colours: Colours = COLOURS
) -> None:
    """Accuracies of the rows that are trained, and of those that are measured."""
    _lines(ax, history["epoch"], courses.accuracies(history), colours)
    _mark(ax, courses.marked_epoch(history, best_epoch), colours)
    ax.set(xlabel="epoch", ylabel="accuracy")
    library.percent(ax.yaxis)
    ax.legend()


def _lines(ax: Any, epochs: list[int], lines: list[Course], colours: Colours) -> None:
    for line in lines:
        ax.plot(
            epochs,
            line.values,
            color=getattr(colours, line.kind),
            linestyle=_STYLES[line.kind],
            marker="." if len(epochs) <= _FEW else None,
            label=line.name,
        )
    library.whole_numbers(ax.xaxis)


def _mark(ax: Any, mark: Mark | None, colours: Colours) -> None:
    if mark is not None:
        ax.axvline(mark.epoch, color=colours.mark, linestyle=":", label=mark.text)
