"""Mistakes that the network is most sure of."""

from fastnn.plots.mistakes import Mistake
from fastnn.plots.pictures import grey_range
from fastnn.report import images
from fastnn.report.html import Html, element, join, section, table
from fastnn.report.subject import Measured, Subject
from fastnn.views.outcomes import Estimated, dense_rows

__all__ = ["mistakes"]

_MOST_PICTURES, _MOST_ROWS = 24, 15


def mistakes(subject: Subject) -> Html | None:
    """As pictures, where rows are some; else a table."""
    measured = subject.measured
    if measured is None or isinstance(measured.outcomes, Estimated):
        return None
    most = _MOST_PICTURES if subject.shape else _MOST_ROWS
    found = measured.outcomes.mistakes(measured.names, most)
    wrong = int((~measured.outcomes.right).sum())
    if not found:
        shown = element("p", "There is no mistake.")
    else:
        shown = _pictures(subject, measured, found) if subject.shape else _rows(found)
    said = f"{wrong:,} mistake{'' if wrong == 1 else 's'} in {len(measured.outcomes.right):,}"
    lines = element("p", f"{said}; these are the ones that the network is most sure of.")
    return section("mistakes", "Worst mistakes", *([lines] if found else []), shown)


def _pictures(subject: Subject, measured: Measured, found: list[Mistake]) -> Html:
    assert subject.shape is not None
    rows = dense_rows(measured.data, [each.row for each in found]).reshape(-1, *subject.shape)
    low, high = grey_range(rows)
    tiles = (
        element(
            "li",
            images.ink(picture, low, high, f"row {each.row}"),
            element("span", each.text),
            element("span", f"{each.sure} sure", class_="muted"),
        )
        for picture, each in zip(rows, found)
    )
    return element("ul", join(tiles), class_="tiles large")


def _rows(found: list[Mistake]) -> Html:
    rows = [[f"{each.row:,}", each.text, each.sure] for each in found]
    return table("Rows, counted from 0", ["row", "mistake", "how sure"], rows)
