"""A history as notebooks show it: a curve, and the figures of its first, best and last epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastnn.plots.colours import COLOURS
from fastnn.plots.sparkline import Line, sparkline

__all__ = ["as_html"]

_MOST = 10  # epochs that all are shown: with them it has at most 15 lines
_FIRST, _LAST = 3, 4
_COLUMNS = {
    "data_cost": ("data cost", "{:.4g}"),
    "penalty": ("penalty", "{:.4g}"),
    "accuracy": ("accuracy", "{:.2%}"),
    "validation_data_cost": ("validation data cost", "{:.4g}"),
    "validation_accuracy": ("validation accuracy", "{:.2%}"),
    "seconds": ("seconds", "{:.2f}"),
}


def as_html(history: Mapping[str, list], best_epoch: int | None) -> str:
    """Of History's lists. What was not measured in any epoch is left out."""
    epochs = history["epoch"]
    if not epochs:
        return "<div><strong>History</strong>: no epoch yet</div>"
    columns = {
        name: column
        for name, column in _COLUMNS.items()
        if any(figure is not None for figure in history[name])
    }
    heading = _line("th", ["epoch", *(title for title, _ in columns.values())])
    body = ""
    for i in _shown(epochs, best_epoch):
        if i is None:
            body += _line("td", ["…"] + [""] * len(columns))
            continue
        mark = " (best)" if epochs[i] == best_epoch else ""
        figures = [_figure(history[name][i], shape) for name, (_, shape) in columns.items()]
        body += _line("td", [f"{epochs[i]:,}{mark}", *figures])
    return (
        f"<div><strong>History</strong> of {len(epochs):,} epochs{_curve(history)}"
        f"<table><thead>{heading}</thead><tbody>{body}</tbody></table></div>"
    )


def _shown(epochs: list[int], best_epoch: int | None) -> list[int | None]:
    """The epochs' indices, None for those that are left out."""
    count = len(epochs)
    if count <= _MOST:
        return list(range(count))
    best = [epochs.index(best_epoch)] if best_epoch in epochs else []
    chosen = sorted({*range(_FIRST), *range(count - _LAST, count), *best})
    shown: list[int | None] = [0]
    for before, i in zip(chosen, chosen[1:]):
        shown += [i] if i == before + 1 else [None, i]
    return shown


def _curve(history: Mapping[str, list]) -> str:
    """The data costs of rows that are trained, and of those that are measured."""
    lines = [Line("training data cost", COLOURS.training, _numbers(history["data_cost"]))]
    validation = _numbers(history["validation_data_cost"])
    if np.isfinite(validation).any():
        lines.append(Line("validation data cost", COLOURS.validation, validation))
    names = ", ".join(f'<span style="color: {line.colour}">{line.name}</span>' for line in lines)
    return f"<br>{sparkline(lines)}<br>{names}"


def _numbers(figures: list[Any]) -> np.ndarray:
    return np.array([np.nan if figure is None else figure for figure in figures], np.float64)


def _figure(value: float | None, shape: str) -> str:
    return "" if value is None else shape.format(value)


def _line(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"
