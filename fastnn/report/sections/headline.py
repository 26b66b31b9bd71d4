"""The title, and the figures that one looks for first."""

from fastnn.report.html import Html, definitions, element
from fastnn.report.subject import Subject
from fastnn.views import summary
from fastnn.views.outcomes import Estimated

__all__ = ["headline"]


def headline(subject: Subject) -> Html:
    """What it is, and how well it does."""
    net, about = subject.net, subject.about
    told = summary.of(net)
    return element(
        "header",
        element("h1", about.title),
        element("p", told.title, class_="muted"),
        definitions(_figures(subject), class_="figures"),
    )


def _figures(subject: Subject) -> list[tuple[str, str]]:
    net, measured = subject.net, subject.measured
    history = net.history
    found = _measured(subject) if measured is not None else _last_epoch(subject)
    found.append(("parameters", f"{sum(l.parameters for l in summary.layers_of(net)):,}"))
    if history["epoch"]:
        found.append(("epochs", f"{len(history['epoch']):,}"))
        found.append(("training", duration(sum(history["seconds"]))))
    return found


def _measured(subject: Subject) -> list[tuple[str, str]]:
    measured = subject.measured
    assert measured is not None
    name, e = measured.name, measured.evaluation
    rows = len(measured.data.x)
    found = []
    if e.accuracy is not None:
        right = f"{round(e.accuracy * rows):,} of {rows:,} right"
        found.append((f"accuracy on {name}: {right}", f"{e.accuracy:.2%}"))
    elif isinstance(measured.outcomes, Estimated):
        found.append((f"rows of {name}", f"{rows:,}"))
    found.append((f"data cost on {name}", f"{e.data_cost:.4g}"))
    if e.penalty:
        found.append(("penalty", f"{e.penalty:.4g}"))
    return found


def _last_epoch(subject: Subject) -> list[tuple[str, str]]:
    """Without rows to measure: what was measured when it was trained."""
    history = subject.net.history
    titles = {
        "validation_accuracy": ("validation accuracy", "{:.2%}"),
        "validation_data_cost": ("validation data cost", "{:.4g}"),
        "accuracy": ("training accuracy", "{:.2%}"),
        "data_cost": ("training data cost", "{:.4g}"),
    }
    return [
        (title, shape.format(history[name][-1]))
        for name, (title, shape) in titles.items()
        if history[name] and history[name][-1] is not None
    ]


def duration(seconds: float) -> str:
    """Seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
