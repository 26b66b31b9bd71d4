"""The rows that `fit` trains on and measures: read, checked, weighted and split."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from fastnn.arguments import checks
from fastnn.data.sample_weights import ClassWeight, row_weights
from fastnn.data.targets import check_alike
from fastnn.data.validation_split import check_split, split_rows
from fastnn.training import monitoring
from fastnn.training.early_stopping import EarlyStopping
from fastnn.training.loop import Data
from fastnn.training.schedules import Schedule

__all__ = ["check_monitored", "read", "split", "weighted"]


def read(
    encode: Callable[..., Data],
    x: ArrayLike,
    y: ArrayLike,
    validation_data: tuple[ArrayLike, ArrayLike] | None,
    validation_split: float,
    sample_weight: ArrayLike | None,
) -> tuple[Data, Data | None, float]:
    """The rows given, the validation data given, and the share to be split off the former.

    `encode(x, y, prefix, sample_weight)` checks inputs and targets, see `Network._data`. What
    depends on which rows are trained, and how many, is left for the part that `split` takes.
    Raises TypeError or ValueError.
    """
    data = encode(x, y, "", sample_weight)
    validation = None
    if validation_data is not None:
        xv, yv = checks.pair("validation_data", validation_data)
        validation = encode(xv, yv, "validation ")
        check_alike("validation y", data.targets, validation.targets)
    share = check_split(validation_split, validation_data, data.targets)
    return data, validation, share


def check_monitored(
    schedule: Schedule, stopping: EarlyStopping | None, data: Data, validation: Data | None
) -> None:
    """ValueError unless the figures that these two go by are going to be measured."""
    targets = (data.targets, validation.targets if validation is not None else None)
    monitoring.check_measured("learning_rate", schedule.monitored(), *targets)
    if stopping is not None:
        monitoring.check_measured("early_stopping", stopping.monitor, *targets)


def split(data: Data, share: float, rng: np.random.Generator) -> tuple[Data, Data]:
    """The part to train on, and the part to measure, in which all rows count the same; copies."""
    training, validation = split_rows(data.targets, share, rng)
    return data.take(training), data.take(validation)._replace(weights=None)


def weighted(data: Data, class_weight: ClassWeight | None) -> Data:
    """The rows that are trained, with the weights that they have then; TypeError or ValueError."""
    return data._replace(weights=row_weights(data.weights, class_weight, data.targets))
