"""What a network makes of rows whose targets are known: right, wrong, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.data.rows import Data, RowFormat
from fastnn.data.targets import labels_of
from fastnn.engine import OneHot
from fastnn.model.output_layer import check_numbers
from fastnn.plots.mistakes import Mistake, most_confident_mistakes

__all__ = [
    "Classified",
    "Estimated",
    "Labelled",
    "Outcomes",
    "class_names",
    "dense_rows",
    "outcomes",
    "refuse",
]

_PROBABLE = ("sigmoid", "softmax")


@dataclass(frozen=True)
class Classified:
    """Rows that name one class each, as `evaluate` counts them.

    labels, predicted  (rows,) int64
    confidence         (rows,) the output of the predicted class; of a single output that says 0,
                       what it lacks to 1
    classes            how many there are
    probable           whether outputs are probabilities
    """

    labels: NDArray
    predicted: NDArray
    confidence: NDArray
    classes: int
    probable: bool

    @property
    def right(self) -> NDArray:
        """(rows,) bool."""
        return self.labels == self.predicted

    def mistakes(self, names: Sequence[str], most: int) -> list[Mistake]:
        """The most confident ones, at most so many; `names` are the classes'."""
        rows = most_confident_mistakes(self.confidence, self.right, most).tolist()
        return [
            Mistake(
                row,
                f"{names[self.labels[row]]}, taken for {names[self.predicted[row]]}",
                float(self.confidence[row]),
            )
            for row in rows
        ]


@dataclass(frozen=True)
class Labelled:
    """Rows with any number of labels: each output decides for itself.

    targets, decided  (rows, outputs) bool
    confidences       (rows, outputs): how sure each is of what it decided, from 1/2 to 1
    """

    targets: NDArray
    decided: NDArray
    confidences: NDArray

    probable = True

    @property
    def right(self) -> NDArray:
        """(rows x outputs,) bool, row by row, as the next one."""
        return (self.targets == self.decided).ravel()

    @property
    def confidence(self) -> NDArray:
        """Of each output's decision."""
        return self.confidences.ravel()

    def mistakes(self, names: Sequence[str], most: int) -> list[Mistake]:
        """The most confident ones, at most so many; `names` are the outputs'."""
        found = []
        for i in most_confident_mistakes(self.confidence, self.right, most).tolist():
            row, output = divmod(i, self.targets.shape[1])
            text = f"{'misses' if self.targets[row, output] else 'claims'} {names[output]}"
            found.append(Mistake(row, text, float(self.confidences[row, output])))
        return found


@dataclass(frozen=True)
class Estimated:
    """Rows whose targets are numbers: both (rows, outputs)."""

    targets: NDArray
    outputs: NDArray


Outcomes: TypeAlias = Classified | Labelled | Estimated


def outcomes(
    caller: str,
    row_format: RowFormat,
    feedforward: Callable[[Any], NDArray],
    x: ArrayLike,
    y: ArrayLike,
) -> tuple[Data, Outcomes]:
    """Rows x (rows, inputs) with targets y as for `fit`, checked, and what the network says.

    row_format, feedforward  the network's
    Raises TypeError or ValueError, also for outputs that are NaN; `caller` is who is named then.
    """
    data = row_format.read(x, y)
    a = check_numbers(caller, feedforward(data.x))
    labels = labels_of(data.targets)
    if labels is None:
        return data, _of_several(data, a)
    single = a.shape[1] == 1
    predicted = (a[:, 0] > 0.5).astype(np.int64) if single else a.argmax(axis=1)
    confidence = a[:, 0] if single else a[np.arange(len(a)), predicted]
    if single:
        confidence = np.where(predicted, confidence, 1 - confidence)
    probable = row_format.activation in _PROBABLE
    return data, Classified(labels, predicted, confidence, max(2, a.shape[1]), probable)


def _of_several(data: Data, a: NDArray) -> Outcomes:
    values = data.targets.values
    assert not isinstance(values, OneHot)  # it names a class each
    if not data.targets.classes:
        return Estimated(values, a)
    decided = a > 0.5
    return Labelled(values > 0.5, decided, np.where(decided, a, 1 - a))


def refuse(caller: str, found: Outcomes, expected: str) -> ValueError:
    """The error of who wanted other rows."""
    kinds = {
        Labelled: "rows with any number of labels",
        Classified: "outputs that are no probabilities",
        Estimated: "targets that are numbers",
    }
    return ValueError(f"{caller}: expected {expected}, got {kinds[type(found)]}")


def class_names(argument: str, given: Sequence[str] | None, count: int) -> list[str]:
    """A name for each of `count` classes, by default its number; TypeError or ValueError."""
    if given is None:
        return [str(k) for k in range(count)]
    if isinstance(given, str) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{argument}: expected a list of texts, got {checks.shown(given)}")
    if len(given) != count:
        raise ValueError(f"{argument}: expected {count} names, got {len(given)}")
    return list(given)


def dense_rows(data: Data, rows: Sequence[int]) -> NDArray:
    """Some of the rows, with their zeros."""
    some = data.x[np.array(rows, np.int64)]
    return some if isinstance(some, np.ndarray) else some.toarray()
