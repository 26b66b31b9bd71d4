"""The rows that `fit` trains on and measures: read, checked, weighted and split."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.data.sample_weights import ClassWeight, as_row_weights, weights_of_rows
from fastnn.data.sparse import as_rows
from fastnn.data.targets import Targets, check_alike, encode, smoothed
from fastnn.data.validation_split import check_split, split_rows
from fastnn.engine import SparseRows, are_shared
from fastnn.model.own_functions import Given, GivenCost

__all__ = ["Data", "GivenRows", "RowFormat", "ValidationData", "read", "to_train"]

# (x, y) or (x, y, sample_weight)
ValidationData: TypeAlias = tuple[ArrayLike, ArrayLike] | tuple[ArrayLike, ArrayLike, ArrayLike]


class Data(NamedTuple):
    """x (rows, inputs), its targets, and how much each row counts.

    row_weights  (rows,) of the network's dtype; None: 1 each
    """

    x: NDArray | SparseRows
    targets: Targets
    row_weights: NDArray | None = None

    def take(self, rows: NDArray) -> "Data":
        """Some of the rows, copied."""
        row_weights = None if self.row_weights is None else self.row_weights[rows]
        return Data(self.x[rows], self.targets.take(rows), row_weights)

    def weighted(self, class_weight: ClassWeight | None = None) -> "Data":
        """With the weights that rows have when just these are trained; TypeError or ValueError."""
        return self._replace(
            row_weights=weights_of_rows(self.row_weights, class_weight, self.targets)
        )


class RowFormat(NamedTuple):
    """What rows a network takes.

    inputs, outputs, dtype, multi_label   the network's
    activation, cost                      the output layer's, which say what targets mean
    """

    inputs: int
    outputs: int
    activation: Given
    cost: GivenCost
    dtype: np.dtype
    multi_label: bool

    def read(
        self, x: ArrayLike, y: ArrayLike, prefix: str = "", sample_weight: ArrayLike | None = None
    ) -> Data:
        """x and y, validated; `prefix` tells validation data's errors from training data's.

        Raises TypeError or ValueError.
        """
        if are_shared(x, self.inputs, self.dtype):  # and so were checked for all trainings
            rows: NDArray | SparseRows = x
        else:
            rows = as_rows(f"{prefix}x", x, self.inputs, self.dtype)
        targets = encode(
            f"{prefix}y",
            y,
            len(rows),
            self.outputs,
            self.activation,
            self.cost,
            self.dtype,
            self.multi_label,
        )
        weights = as_row_weights(sample_weight, len(rows), self.dtype, prefix)
        return Data(rows, targets, weights)


class GivenRows(NamedTuple):
    """The rows that fit was given.

    data, validation  to train on, and to measure, if any were given
    share             of the former, to be split off and measured
    """

    data: Data
    validation: Data | None
    share: float

    @property
    def measured(self) -> Targets | None:
        """Targets such as those that are going to be measured; None if none are."""
        measured = self.data if self.share else self.validation
        return None if measured is None else measured.targets

    def split(self, seed: int) -> tuple[Data, Data | None]:
        """The rows to train on, and those to measure, which all count the same.

        By the seed alone, so that no row changes from one part to the other.
        """
        if not self.share:
            return self.data, self.validation
        rng = np.random.default_rng([seed, 1])
        training, validation = split_rows(self.data.targets, self.share, rng)
        return self.data.take(training), self.data.take(validation)._replace(row_weights=None)


def read(
    rows: RowFormat,
    x: ArrayLike,
    y: ArrayLike,
    validation_data: ValidationData | None,
    validation_split: float,
    sample_weight: ArrayLike | None,
) -> GivenRows:
    """What fit was given, checked, but for what depends on which rows are trained.

    Raises TypeError or ValueError.
    """
    data = rows.read(x, y, "", sample_weight)
    validation = None
    if validation_data is not None:
        xv, yv, weights = checks.rows_and_targets("validation_data", validation_data)
        validation = rows.read(xv, yv, "validation ", weights).weighted()
        check_alike("validation y", data.targets, validation.targets)
    share = check_split(validation_split, validation_data, data.targets)
    return GivenRows(data, validation, share)


def to_train(rows: RowFormat, data: Data, class_weight: ClassWeight | None) -> Data:
    """Rows as they are trained: weighted, and their labels smoothed if the cost asks for that."""
    data = data.weighted(class_weight)
    return data._replace(targets=smoothed(data.targets, rows.cost, rows.activation))
