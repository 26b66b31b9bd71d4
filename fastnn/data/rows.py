"""The rows that `fit` trains on and measures: read, checked, weighted and split."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.data.sample_weights import ClassWeight, as_weights, row_weights
from fastnn.data.targets import Targets, check_alike, encode
from fastnn.data.validation_split import check_split, split_rows
from fastnn.model.own_functions import Given

__all__ = ["Data", "Reader", "read", "split", "weighted"]


class Data(NamedTuple):
    """x (rows, inputs), its targets, and how much each row counts.

    weights  (rows,) of the network's dtype; None: 1 each
    """

    x: NDArray
    targets: Targets
    weights: NDArray | None = None

    def take(self, rows: NDArray) -> "Data":
        """Some of the rows, copied."""
        weights = None if self.weights is None else self.weights[rows]
        return Data(self.x[rows], self.targets.take(rows), weights)


class Reader(NamedTuple):
    """What a network's rows must be.

    inputs, outputs   sizes of the first layer and of the last one
    activation, cost  the output layer's
    dtype             float32 or float64
    multi_label       whether a row may have any number of labels
    """

    inputs: int
    outputs: int
    activation: Given
    cost: Given
    dtype: np.dtype
    multi_label: bool

    def read(self, x: Any, y: Any, prefix: str = "", sample_weight: Any = None) -> Data:
        """x and y, checked; `prefix` tells validation data's errors from training data's."""
        x = checks.rows(f"{prefix}x", x, self.inputs, self.dtype)
        targets = encode(f"{prefix}y", y, len(x), *self[1:])
        return Data(x, targets, as_weights(sample_weight, len(x), self.dtype))


def read(
    reader: Reader,
    x: ArrayLike,
    y: ArrayLike,
    validation_data: tuple[ArrayLike, ArrayLike] | None,
    validation_split: float,
    sample_weight: ArrayLike | None,
) -> tuple[Data, Data | None, float]:
    """The rows given, the validation data given, and the share to be split off the former.

    What depends on which rows are trained, and how many, is left for the part that `split` takes.
    Raises TypeError or ValueError.
    """
    data = reader.read(x, y, sample_weight=sample_weight)
    validation = None
    if validation_data is not None:
        xv, yv = checks.pair("validation_data", validation_data)
        validation = reader.read(xv, yv, "validation ")
        check_alike("validation y", data.targets, validation.targets)
    share = check_split(validation_split, validation_data, data.targets)
    return data, validation, share


def split(data: Data, share: float, rng: np.random.Generator) -> tuple[Data, Data]:
    """The part to train on, and the part to measure, in which all rows count the same; copies."""
    training, validation = split_rows(data.targets, share, rng)
    return data.take(training), data.take(validation)._replace(weights=None)


def weighted(data: Data, class_weight: ClassWeight | None) -> Data:
    """The rows that are trained, with the weights that they have then; TypeError or ValueError."""
    return data._replace(weights=row_weights(data.weights, class_weight, data.targets))
