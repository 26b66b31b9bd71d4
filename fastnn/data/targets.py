"""What the user calls y, as the kernels want it: one row of target outputs a sample."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.arguments import checks
from fastnn.engine import OneHot
from fastnn.model.costs import smoothing_of
from fastnn.model.own_functions import Given, GivenCost, named

__all__ = ["Targets", "check_alike", "encode", "labels_of", "smoothed"]

_SHOWN = 8  # ones of a row that an error names


class Targets(NamedTuple):
    """One row of target outputs a sample.

    values       (rows, outputs); rows that name a class by a 1 among 0s are OneHot
    classes      whether rows name a class, or several labels, so that accuracy has a meaning
    multi_label  whether a row may name any number of labels: it is right if all outputs are
    flat         whether y was (rows,)
    """

    values: NDArray | OneHot
    classes: bool
    multi_label: bool = False
    flat: bool = False

    def take(self, rows: NDArray) -> "Targets":
        """Some of the rows, copied; what they are does not depend on which these are."""
        return self._replace(values=self.values[rows])


def encode(
    argument: str,
    y: Any,
    rows: int,
    outputs: int,
    activation: Given,
    cost: GivenCost,
    dtype: DTypeLike,
    multi_label: bool = False,
) -> Targets:
    """Targets from integer labels (rows,), rows of 0 and 1 or float targets (rows, outputs).

    Rows of 0 and 1 have any number of 1s for a `multi_label` network. Else they name a class each,
    by exactly one 1, or, unless the outputs are sigmoid, are no labels at all. With a single
    output, y may be (rows,): labels 0 and 1 for a sigmoid output layer, else the targets
    themselves. `activation` is the output layer's. Raises TypeError or ValueError that names
    `argument`.
    """
    array = checks.real(argument, y, labels=True)
    _check_shape(argument, array, rows, outputs, activation)
    flat = array.ndim == 1
    if flat and outputs > 1:
        if multi_label:
            raise ValueError(
                f"{argument}: expected rows of 0 and 1, ({rows}, {outputs}), as the network is "
                f"multi_label; got shape {array.shape}"
            )
        return Targets(_one_hot(argument, array, outputs, dtype), True, flat=True)
    if outputs == 1 and activation == "sigmoid" and array.dtype.kind != "f":
        _check_labels(argument, array, 2)
    values = checks.numeric(argument, array, dtype).reshape(rows, outputs)
    values = np.require(values, dtype, ["C", "A"])
    _check_range(argument, values, cost)
    if not ((values == 0) | (values == 1)).all():
        return Targets(values, False, multi_label, flat)
    if outputs == 1 or multi_label:
        return Targets(values, activation == "sigmoid", multi_label, flat)
    ones = np.count_nonzero(values, axis=1)
    if (ones == 1).all():
        return Targets(_one_hot(argument, values.argmax(axis=1), outputs, dtype), True)
    if activation == "sigmoid":
        raise _several_ones(argument, values, int((ones != 1).argmax()))
    return Targets(values, False)


def _check_shape(argument: str, array: NDArray, rows: int, outputs: int, activation: Given) -> None:
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] != outputs):
        hint = f"; labels are {argument}.ravel()" if array.shape[1:] == (1,) else ""
        raise ValueError(
            f"{argument}: expected labels of shape (rows,) or targets of shape (rows, {outputs}), "
            f"got {array.shape}{hint}"
        )
    if outputs == 1 and activation == "softmax":
        raise ValueError(
            f"{argument}: expected at least two outputs, got a single softmax output, which is "
            "always 1; the cross_entropy cost tells two classes apart with one output"
        )
    if array.shape[0] != rows:
        raise ValueError(f"{argument}: expected {rows} rows, as many as x, got {array.shape[0]}")


def labels_of(targets: Targets) -> NDArray | None:
    """Each row's label, (rows,) integers; None unless each row names exactly one class."""
    if not targets.classes or targets.multi_label:
        return None
    values = targets.values
    return values.labels if isinstance(values, OneHot) else values[:, 0].astype(np.int64)


def check_alike(argument: str, targets: Targets, others: Targets) -> None:
    """ValueError if `targets` name a class each, and rows of 0 and 1 in the others none.

    Where outputs are not sigmoid, nothing but the rows themselves tells that they are one-hot.
    """
    values = others.values
    if not targets.classes or others.classes or isinstance(values, OneHot):
        return
    if ((values == 0) | (values == 1)).all():
        row = int((values.sum(axis=1) != 1).argmax())
        raise ValueError(
            f"{argument}: expected exactly one 1 in each row, as in y, {_ones_in(values, row)}"
        )


def smoothed(targets: Targets, cost: GivenCost, activation: Given) -> Targets:
    """What the cost trains on: (1 - s) y + s / k if it smooths labels, see model.costs.

    `activation` is the output layer's. Raises ValueError for targets that are no labels.
    """
    smoothing = smoothing_of(cost)
    if smoothing == 0:
        return targets
    if not targets.classes:
        raise ValueError(f"cost: expected y that holds labels for {cost} to smooth; got others")
    values = targets.values
    k = values.shape[1] if activation == "softmax" else 2

    def soft(y: NDArray) -> NDArray:
        return (y * (1 - smoothing) + smoothing / k).astype(values.dtype, copy=False)

    if isinstance(values, OneHot):
        off, on = soft(np.array([0, 1], values.dtype))
        return targets._replace(values=replace(values, on=on, off=off))
    return targets._replace(values=soft(values))


def _one_hot(argument: str, labels: NDArray, outputs: int, dtype: DTypeLike) -> OneHot:
    if labels.dtype.kind == "f":
        checks.finite(argument, labels)  # or integers would be made of NaN
        whole = (labels == np.floor(labels)).all()
        raise TypeError(
            f"{argument}: expected integer labels or targets of shape (rows, {outputs}), got shape "
            f"{labels.shape} of {labels.dtype}"
            + (f"; labels are {argument}.astype(int)" if whole else "")
        )
    labels = labels.copy()  # kernels write where they say: nobody may change them any more
    _check_labels(argument, labels, outputs)
    return OneHot(labels.astype(np.int32, order="C", copy=False), outputs, np.dtype(dtype))


def _several_ones(argument: str, values: NDArray, row: int) -> ValueError:
    """The error for a row of 0 and 1 that names no class or several."""
    return ValueError(
        f"{argument}: expected exactly one 1 in each row of 0 and 1, {_ones_in(values, row)}; rows "
        "with any number of labels are for a Network(..., multi_label=True)"
    )


def _ones_in(values: NDArray, row: int) -> str:
    ones = np.flatnonzero(values[row]).tolist()
    shown = ", ".join(map(str, ones[:_SHOWN])) + (", ..." if len(ones) > _SHOWN else "")
    return f"got {len(ones)} in row {row}, at outputs {shown}" if ones else f"got none in row {row}"


def _check_labels(argument: str, labels: NDArray, classes: int) -> None:
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest >= classes:
        raise ValueError(
            f"{argument}: expected labels from 0 to {classes - 1}, "
            f"got labels from {lowest} to {highest}{_as_labels(argument, lowest, highest, classes)}"
        )


def _as_labels(argument: str, lowest: int, highest: int, classes: int) -> str:
    """How labels of this range become those of as many classes, or the network one for them."""
    name = argument.split()[-1]
    if (lowest, highest) == (-1, 1) and classes == 2:
        return f"; labels -1 and 1 become 0 and 1 as {name} > 0"
    if lowest > 0 and highest - lowest < classes:
        return f"; {name} - {lowest} are labels from 0 on"
    if lowest >= 0 and highest < 100 * classes:
        return f"; {highest + 1} classes take as many outputs, the last of sizes"
    return ""


def _check_range(argument: str, values: NDArray, given: GivenCost) -> None:
    """Targets of the costs with a logarithm are probabilities, or counts."""
    cost = named(given)
    if cost not in ("cross_entropy", "log_likelihood", "poisson"):
        return
    lowest, highest = values.min(), values.max()
    if cost == "poisson" and lowest < 0:
        raise ValueError(
            f"{argument}: expected targets of at least 0 for the poisson cost, got {lowest}"
        )
    if cost != "poisson" and (lowest < 0 or highest > 1):
        raise ValueError(
            f"{argument}: expected targets from 0 to 1 for the {cost} cost, "
            f"got values from {lowest} to {highest}"
        )
    if cost == "log_likelihood":
        sums = values.sum(axis=1, dtype=np.float64)
        worst = int(np.abs(sums - 1).argmax())
        if abs(sums[worst] - 1) > 1e-5:
            raise ValueError(
                f"{argument}: expected rows that sum to 1 for the log_likelihood cost, "
                f"got a sum of {sums[worst]:g} in row {worst}"
            )
