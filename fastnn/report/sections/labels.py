"""Labels that rows may have any number of, one by one."""

import numpy as np

from fastnn.report.html import Html, section, table
from fastnn.report.subject import Subject
from fastnn.views.outcomes import Labelled

__all__ = ["labels"]

_MOST = 60


def labels(subject: Subject) -> Html | None:
    """A row a label: how often it is there, found, missed, and claimed where it isn't."""
    measured = subject.measured
    if measured is None or not isinstance(measured.outcomes, Labelled):
        return None
    is_there, said = measured.outcomes.targets, measured.outcomes.decided
    counts = np.array([is_there.sum(0), (is_there & said).sum(0), (is_there & ~said).sum(0)])
    claimed = (~is_there & said).sum(axis=0)
    rows = [
        [name, *(f"{counts[i, k]:,}" for i in range(3)), f"{claimed[k]:,}"]
        for k, name in enumerate(measured.names[:_MOST])
    ]
    caption = "Rows with each label; an output above 1/2 says that it is there"
    if len(measured.names) > _MOST:
        caption += f"; the first {_MOST} of {len(measured.names):,}"
    head = ["label", "there", "found", "missed", "claimed where it isn't"]
    return section("labels", "Labels", table(caption, head, rows))
