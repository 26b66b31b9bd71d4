"""How costs and accuracies went, epoch by epoch."""

from functools import partial

import numpy as np

from fastnn.plots import courses
from fastnn.plots.drawing.training import draw_accuracies, draw_costs
from fastnn.report.charts import COLOURS, chart, figure
from fastnn.report.html import Html, element, section, table
from fastnn.report.subject import Subject

__all__ = ["training"]

_COSTS = (
    "Costs are means over rows. Training costs are measured just before each update, validation "
    "costs after each epoch."
)
_ACCURACIES = "Shares of rows that are right."
_MOST_ROWS = 40  # epochs of the table
_COLUMNS = {
    "data_cost": ("data cost", "{:.4g}"),
    "penalty": ("penalty", "{:.4g}"),
    "accuracy": ("accuracy", "{:.2%}"),
    "validation_data_cost": ("validation data cost", "{:.4g}"),
    "validation_accuracy": ("validation accuracy", "{:.2%}"),
    "learning_rate": ("η", "{:.3g}"),
    "seconds": ("seconds", "{:.3g}"),
}


def training(subject: Subject) -> Html | None:
    """Curves, and their figures as a table; None if there was no epoch."""
    history = subject.net.history
    if not history["epoch"]:
        return None
    best = history.best_epoch
    costs = partial(draw_costs, history=history, best_epoch=best, colours=COLOURS)
    shown = [figure(_COSTS, chart("costs", _spoken("Costs", history), costs))]
    if courses.accuracies(history):
        accuracies = partial(draw_accuracies, history=history, best_epoch=best, colours=COLOURS)
        described = _spoken("Accuracies", history)
        shown.append(figure(_ACCURACIES, chart("accuracies", described, accuracies)))
    return section(
        "training",
        "Training",
        element("div", *shown, class_="charts"),
        element("details", element("summary", "The figures of each epoch"), _table(subject)),
    )


def _spoken(what: str, history: dict[str, list]) -> str:
    """What a chart shows, for those who can't see it."""
    lines = courses.costs(history) if what == "Costs" else courses.accuracies(history)
    ends = "; ".join(
        f"{line.name} from {line.values[0]:.4g} to {line.values[-1]:.4g}" for line in lines
    )
    return f"{what} over {len(history['epoch'])} epochs: {ends}. The table below has the figures."


def _table(subject: Subject) -> Html:
    history = subject.net.history
    columns = {
        name: column
        for name, column in _COLUMNS.items()
        if any(value is not None for value in history[name])
    }
    count = len(history["epoch"])
    shown = np.unique(np.linspace(0, count - 1, min(count, _MOST_ROWS)).round().astype(int))
    rows = []
    for i in shown.tolist():
        figures = (
            "" if history[name][i] is None else shape.format(history[name][i])
            for name, (_, shape) in columns.items()
        )
        best = " (best)" if history["epoch"][i] == history.best_epoch else ""
        rows.append([f"{history['epoch'][i]:,}{best}", *figures])
    caption = "All epochs" if len(rows) == count else f"{len(rows)} of {count:,} epochs"
    return table(caption, ["epoch", *(title for title, _ in columns.values())], rows)
