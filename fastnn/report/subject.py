"""What a page tells: a network, rows that it was measured on, and what is known of its making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.data.rows import Data
from fastnn.network import Network
from fastnn.plots.pictures import AUTO, picture_shape
from fastnn.training.history import Evaluation
from fastnn.views.outcomes import Classified, Outcomes, class_names, outcomes

__all__ = ["About", "Measured", "Subject", "measure", "subject"]


class About(NamedTuple):
    """What is told as it is, in names and texts.

    title     of the page
    training  settings of the training that are not in the network
    versions  of programs
    machine   that made the page
    date      when
    """

    title: str
    training: Sequence[tuple[str, str]] = ()
    versions: Sequence[tuple[str, str]] = ()
    machine: Sequence[tuple[str, str]] = ()
    date: str = ""


class Measured(NamedTuple):
    """Rows whose targets are known, and what the network makes of them.

    name        of the rows: "MNIST's test set"
    data        x and targets
    evaluation  as `Network.evaluate` returns
    outcomes    row by row
    names       of the classes, or of the outputs
    """

    name: str
    data: Data
    evaluation: Evaluation
    outcomes: Outcomes
    names: list[str]


@dataclass(frozen=True)
class Subject:
    """All of it; `shape` is (height, width) of the pictures that inputs are, or None."""

    net: Network
    about: About
    measured: Measured | None = None
    shape: tuple[int, int] | None = None
    weights: list[NDArray] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", [np.asarray(w) for w in self.net.weights])


def measure(
    net: Network, name: str, x: ArrayLike, y: ArrayLike, classes: Sequence[str] | None = None
) -> Measured:
    """A network on rows x with targets y, as for `evaluate`; TypeError or ValueError."""
    data, found = outcomes("report", net.row_format, net.feedforward, x, y)
    count = found.classes if isinstance(found, Classified) else net.sizes[-1]
    names = class_names("classes", classes, count)
    return Measured(name, data, net.evaluate(x, y), found, names)


def subject(
    net: Network,
    about: About,
    measured: Measured | None = None,
    shape: tuple[int, int] | str | None = AUTO,
) -> Subject:
    """What a page is about; `shape` as for `Network.plot_weights`. TypeError or ValueError."""
    return Subject(net, about, measured, picture_shape("shape", shape, net.sizes[0]))
