"""How near a regression comes to its targets."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from fastnn.plots import errors
from fastnn.plots.drawing.estimates import draw_estimates
from fastnn.report.charts import COLOURS, chart, figure
from fastnn.report.html import Html, element, section, table
from fastnn.report.subject import Subject
from fastnn.views.outcomes import Estimated

__all__ = ["numbers"]

_MOST_OUTPUTS, _MOST_CHARTS, _MOST_ROWS = 40, 4, 10


def numbers(subject: Subject) -> Html | None:
    """Errors of each output, outputs beside targets, and the rows that are farthest off."""
    measured = subject.measured
    if measured is None or not isinstance(measured.outcomes, Estimated):
        return None
    targets, outputs, names = measured.outcomes.targets, measured.outcomes.outputs, measured.names
    charts = [
        _chart(k, names[k], targets[:, k], outputs[:, k])
        for k in range(min(len(names), _MOST_CHARTS))
    ]
    return section(
        "numbers",
        "Outputs and targets",
        _errors(targets, outputs, names),
        element("div", *charts, class_="charts"),
        _worst(targets, outputs, names),
    )


def _errors(targets: NDArray, outputs: NDArray, names: list[str]) -> Html:
    found = errors.errors_of(targets, outputs)
    rows = [
        [name, *(f"{values[k]:.4g}" for values in found)]
        for k, name in enumerate(names[:_MOST_OUTPUTS])
    ]
    caption = "Errors of each output"
    if len(names) > _MOST_OUTPUTS:
        caption += f"; the first {_MOST_OUTPUTS} of {len(names):,}"
    head = ["output", "root mean square", "mean absolute", "mean", "R²"]
    return table(caption, head, rows)


def _chart(k: int, name: str, targets: NDArray, outputs: NDArray) -> Html:
    described = f"Output {name} of each row beside its target."
    drawing = partial(draw_estimates, targets=targets, outputs=outputs, colours=COLOURS)
    caption = f"Output {name}: a point a row; on the dotted line an output is its target."
    return figure(caption, chart(f"output-{k}", described, drawing))


def _worst(targets: NDArray, outputs: NDArray, names: list[str]) -> Html:
    distance = np.abs(outputs.astype(np.float64) - targets)
    worst = np.argsort(-distance, axis=None, kind="stable")[:_MOST_ROWS].tolist()
    rows = []
    for i in worst:
        row, k = divmod(i, len(names))
        rows.append([f"{row:,}", names[k], f"{targets[row, k]:.4g}", f"{outputs[row, k]:.4g}"])
    caption = "Farthest off, rows counted from 0"
    return table(caption, ["row", "output", "target", "the network's"], rows)
