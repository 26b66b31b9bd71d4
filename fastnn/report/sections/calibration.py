"""Whether the network is right as often as it says."""

from functools import partial

from fastnn.plots.calibration import reliability
from fastnn.plots.drawing.calibration import draw_calibration
from fastnn.report.charts import COLOURS, chart, figure
from fastnn.report.html import Html, element, section, table
from fastnn.report.subject import Subject
from fastnn.views.outcomes import Estimated

__all__ = ["calibration"]


def calibration(subject: Subject) -> Html | None:
    """The reliability diagram; None where outputs are no probabilities."""
    measured = subject.measured
    if measured is None or isinstance(measured.outcomes, Estimated):
        return None
    if not measured.outcomes.probable:
        return None
    found = reliability(measured.outcomes.confidence, measured.outcomes.right)
    rows = [
        [f"{100 * low:.0f}–{100 * high:.0f}%", f"{count:,}", f"{confidence:.1%}", f"{accuracy:.1%}"]
        for low, high, count, confidence, accuracy in zip(
            found.edges, found.edges[1:], found.counts, found.confidence, found.accuracy
        )
        if count
    ]
    described = f"Reliability diagram: the expected calibration error is {found.ece:.2%}."
    drawing = partial(draw_calibration, found=found, colours=COLOURS)
    caption = (
        "Predictions by their confidence: the bar is how many of them are right. On the dotted "
        "line a network is as sure as it is right; below it, too sure."
    )
    head = ["confidence", "predictions", "mean confidence", "right"]
    return section(
        "calibration",
        "As sure as right?",
        element(
            "p",
            "The expected calibration error, the mean distance between confidence and accuracy, "
            f"is {found.ece:.2%}.",
        ),
        element(
            "div",
            figure(caption, chart("calibration", described, drawing)),
            table("The same as figures", head, rows),
            class_="charts",
        ),
    )
