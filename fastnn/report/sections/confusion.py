"""Which classes are taken for which."""

import numpy as np
from numpy.typing import NDArray

from fastnn.plots import confusion as counting
from fastnn.report import images
from fastnn.report.charts import figure
from fastnn.report.html import Html, element, section, table
from fastnn.report.subject import Subject
from fastnn.views.outcomes import Classified

__all__ = ["confusion"]

_MOST_CLASSES = 16  # of a matrix with numbers
_MOST_PAIRS, _MOST_SCORES = 12, 40


def confusion(subject: Subject) -> Html | None:
    """The matrix, as numbers or as a picture, and what it says of each class."""
    measured = subject.measured
    if measured is None or not isinstance(measured.outcomes, Classified):
        return None
    found, names = measured.outcomes, measured.names
    counts = counting.confusion_counts(found.labels, found.predicted, found.classes)
    matrix = _numbers if len(counts) <= _MOST_CLASSES else _picture
    tables = element("div", _pairs(counts, names), _scores(counts, names), class_="charts")
    heading = "Which classes are taken for which"
    return section("confusion", heading, matrix(counts, names), tables)


def _numbers(counts: NDArray, names: list[str]) -> Html:
    shares, places = _shares(counts), range(len(counts))
    most = float((shares * (1 - np.eye(len(counts)))).max()) or 1.0
    rows = [
        [
            names[i],
            *(_cell(int(counts[i, j]), shares[i, j], None if i == j else most) for j in places),
        ]
        for i in places
    ]
    caption = "Rows are the true classes, columns what they were taken for"
    return table(caption, ["", *names], rows, class_="matrix")


def _cell(count: int, share: float, most: float | None) -> Html:
    """Coloured by its share of the class; of a mistake beside the largest one, `most`."""
    kind, strength = ("right", share) if most is None else ("wrong", share / most)
    style = f"--share: {0.5 * strength:.3f}" if count else None
    return element("td", str(count) if count else "", class_=kind, style=style)


def _shares(counts: NDArray) -> NDArray:
    """Of the rows of each class."""
    shares: NDArray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _picture(counts: NDArray, names: list[str]) -> Html:
    picture = images.share(_shares(counts), f"the confusion matrix of {len(names)} classes")
    caption = "A row for each class, a column for what it was taken for."
    return figure(caption, picture, class_="map")


def _pairs(counts: NDArray, names: list[str]) -> Html:
    pairs = counting.most_confused(counts, _MOST_PAIRS)
    if not pairs:
        return element("p", "No row is taken for another class.")
    rows = [[names[p.label], names[p.predicted], f"{p.rows:,}"] for p in pairs]
    return table("The most frequent mistakes", ["class", "taken for", "rows"], rows)


def _scores(counts: NDArray, names: list[str]) -> Html:
    scores = counting.class_scores(counts)
    order = range(len(names))
    caption = "Each class"
    if len(names) > _MOST_SCORES:
        recall = np.nan_to_num(scores.recall, nan=2.0)
        order = np.argsort(recall, kind="stable")[:_MOST_SCORES].tolist()
        caption = f"The {_MOST_SCORES} classes that are recognized worst"
    rows = [
        [names[k], f"{scores.rows[k]:,}", _share(scores.recall[k]), _share(scores.precision[k])]
        for k in order
    ]
    head = ["class", "rows", "of them recognized", "right, of those taken for it"]
    return table(caption, head, rows)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2%}"
