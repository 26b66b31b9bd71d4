"""Data cost and accuracy of a network on samples that are checked and packed once."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.book import _by_samples
from fastnn.book._mistakes import warn_of
from fastnn.book._overrides import Book, book_of
from fastnn.book._parameters import EngineOwner, engine_of, parameters_of
from fastnn.book._samples import (
    PackedList,
    as_columns,
    labels_of,
    pack_inputs,
    pack_training,
    split,
)
from fastnn.engine import BLOCK

__all__ = [
    "EvaluationData",
    "measure",
    "number",
    "of_training",
    "outputs_of",
    "prepare",
    "warn_of_nan",
]

_ROWS_OF_VECTORIZED_RESULT = 10  # of the book's


class EvaluationData(NamedTuple):
    """Samples to evaluate a network on, any number of times.

    right    (n,) the index of each sample's right output; what is none is never right
    x        (n, inputs) packed; None if each x has to go through the network's own feedforward
    xs       each sample's x as the caller has it, only where x is None
    targets  (n, outputs) or each sample's y as a column: for costs; None if no cost is asked for
    plain    whether an engine counts what is right as NumPy's argmax does, for finite outputs
    """

    right: NDArray[Any]
    x: NDArray[Any] | None
    xs: list[Any]
    targets: Any
    plain: bool


def prepare(
    net: EngineOwner,
    data: list[Any],
    name: str,
    *,
    one_hot: bool,
    hint: str,
    wants_cost: bool,
    wants_accuracy: bool = True,
) -> EvaluationData:
    """Data for evaluation, checked and packed; y are columns if one_hot, else integers.

    name is the caller's argument for the messages, hint what to do if y are of the other kind.
    What the book's code counts or adds up though it means nothing is warned of.
    """
    book = book_of(net)
    own_output = bool(book.own_output(net))
    sizes = checks.layer_sizes("sizes", net.sizes) if own_output else parameters_of(net).sizes
    outputs, many = sizes[-1], len(data) > BLOCK
    if outputs == 1 and wants_accuracy and data:
        _warn_of_one_output(net)
    xs, ys = split(data, name)
    if not data:
        warn_of(net, "no samples", f"{name}: expected tuples (x, y), got none: 0 of 0 are right")
        return EvaluationData(np.zeros(0), np.zeros((0, sizes[0])), [], [], False)
    if one_hot and not own_output:
        narrowest = np.float32 if many or wants_cost else np.float64
        x, y, _ = pack_training(data, sizes, name, hint, narrowest)
        return EvaluationData(y.argmax(axis=1), x, [], y, outputs > 1)
    if one_hot:
        targets = [as_columns(y) for y in ys]
        return EvaluationData(np.array([np.argmax(y) for y in targets]), None, xs, targets, False)
    labels = labels_of(ys, outputs, name, hint)
    outside = ~((labels >= 0) & (labels < outputs) & (labels == np.floor(labels)))
    if outside.any() and outputs > 1 and wants_accuracy:
        i = int(np.argmax(outside))
        warn_of(
            net,
            "labels",
            f"{name}[{i}]: y: expected an integer from 0 to {outputs - 1}, got {ys[i]!r}. Such"
            f" labels, {np.count_nonzero(outside)} here, are never right, as in the book's code",
        )
    possible = not outside.any()
    made: Any = None
    if wants_cost:
        made = _targets(net, book, labels, outputs, f"{name}[{{}}]: y")
    if own_output:
        return EvaluationData(labels, None, xs, made, False)
    x = pack_inputs(xs, sizes[0], name, np.float32 if many or wants_cost else np.float64)
    if made is None and many and possible:
        made = _one_hot(labels, outputs)
    return EvaluationData(labels, x, [], made, possible and outputs > 1)


def of_training(net: EngineOwner, packed: PackedList, wants_accuracy: bool) -> EvaluationData:
    """Training data, packed already, for evaluation."""
    outputs = packed.y.shape[1]
    if outputs == 1 and wants_accuracy:
        _warn_of_one_output(net)
    return EvaluationData(packed.y.argmax(axis=1), packed.x.x, [], packed.y, outputs > 1)


def measure(net: Any, data: EvaluationData, *, wants_cost: bool) -> tuple[float, int]:
    """The samples' mean cost, if wanted, and how many have their largest output where y says.

    What of the user's own is in the way is called sample by sample: feedforward for data that are
    not packed, and the cost's fn(a, y), with columns.
    """
    cost = book_of(net).measured_cost(net)
    fn = net.cost.fn if wants_cost else None
    if data.x is None:
        right, costs = 0, []
        for i, x in enumerate(data.xs):
            a = net.feedforward(x)
            right += int(np.argmax(a) == data.right[i])
            if fn is not None:
                costs.append(number(fn(a, data.targets[i]), "cost.fn"))
        return _mean(costs), right
    x, y = data.x, data.targets
    parameters = parameters_of(net)
    quick = cost is not None and y is not None and np.shape(y)[1:] == (parameters.sizes[-1],)
    if quick and (fn is not None or len(x) > BLOCK) and parameters.are_finite:
        with engine_of(net, cost or "quadratic") as engine:
            cost_sum, correct = engine.evaluate(x, y)
        if np.isfinite(cost_sum):
            if not data.plain:
                correct = _count(outputs_of(net, x), data.right)
            return cost_sum / len(x), correct
    outputs = outputs_of(net, x)
    columns = outputs[:, :, np.newaxis]
    return _mean(_costs(columns, y, fn)), _count(outputs, data.right)


def outputs_of(net: EngineOwner, x: NDArray[Any]) -> NDArray[Any]:
    """The outputs (n, outputs) for packed x (n, inputs), NaN where the book's code has NaN."""
    parameters = parameters_of(net)
    if len(x) > BLOCK and parameters.are_finite:
        with engine_of(net, "quadratic") as engine:
            outputs = engine.outputs(x)
        has_nan = bool(np.isnan(outputs).any())
    elif parameters.columns is not None:
        outputs, has_nan = parameters.columns.outputs(np.ascontiguousarray(x, np.float64))
    else:
        outputs = _by_samples.feedforward(parameters, x.T).T
        has_nan = bool(np.isnan(outputs).any())
    if has_nan:
        warn_of_nan(net, x)
    return outputs


def warn_of_nan(net: EngineOwner, x: NDArray[Any]) -> None:
    """Say that outputs for the inputs x are NaN, and what for."""
    parameters = parameters_of(net)
    for name in ("weights", "biases"):
        for l, array in enumerate(getattr(parameters, name)):
            bad = np.count_nonzero(~np.isfinite(array))
            if bad:
                warn_of(
                    net,
                    "NaN in parameters",
                    f"the outputs are NaN, for {bad} of {array.size} numbers in {name}[{l}] are NaN"
                    " or infinite. argmax of NaN is 0, so label 0 counts as right, as in the"
                    " book's code. If training made them so, eta or lmbda was too large; begin"
                    " anew with a new network",
                )
                return
    if np.isfinite(x).all():
        cause, cure = "for products are infinite", "Weights or inputs are far too large"
    else:
        cause, cure = "for inputs are NaN or infinite", "Replace these, as by np.nan_to_num(x)"
    warn_of(
        net,
        "NaN in outputs",
        f"the outputs are NaN, {cause}. argmax of NaN is 0, so label 0 counts as right, as in the"
        f" book's code. {cure}",
    )


def number(value: Any, name: str) -> float:
    """A number, or an array of one element, that a function of the user's returned."""
    if np.size(value) != 1:
        raise TypeError(f"{name}: expected to return a number, got shape {np.shape(value)}")
    return float(np.reshape(value, ()))


def _costs(outputs: NDArray[Any], targets: Any, fn: Any) -> list[float]:
    """What fn gives for each sample, columns of outputs and of targets; nothing without fn."""
    if fn is None:
        return []
    with np.errstate(all="ignore"):
        pairs = zip(outputs, targets, strict=True)
        return [number(fn(a, as_columns(y)), "cost.fn") for a, y in pairs]


def _mean(costs: list[float]) -> float:
    """Their mean, also where their sum is infinite, as that of a few largest floats."""
    n, total = len(costs), sum(costs, 0.0)
    return total / max(1, n) if math.isfinite(total) else sum(cost / n for cost in costs)


def _count(outputs: NDArray[Any], right: NDArray[Any]) -> int:
    """How many of the rows have their first largest output, or NaN, where it should be."""
    if not len(outputs):
        return 0
    return int(np.count_nonzero(outputs.argmax(axis=1) == right))


def _one_hot(labels: NDArray[Any], outputs: int) -> NDArray[np.float64]:
    rows = np.zeros((len(labels), outputs))
    rows[np.arange(len(labels)), labels.astype(np.int64)] = 1.0
    return rows


def _targets(
    net: EngineOwner, book: Book, labels: NDArray[Any], outputs: int, where: str
) -> NDArray[Any] | list[Any]:
    """What vectorized_result makes of the labels, as rows, or as columns if it is the user's own.

    A negative label counts from the end, as in the book's code; ValueError for others that are no
    output's index. The book's has ten rows always: ours as many as there are outputs, but where
    there is one output, to which the book's code broadcasts the ten.
    """
    own = bool(book.replaced(net, "vectorized_result"))
    rows = outputs
    if outputs == 1 and not own:
        rows = _ROWS_OF_VECTORIZED_RESULT
        warn_of(
            net,
            "cost of one output",
            "the network has one output, and the cost of evaluation data compares it with all ten"
            " rows of vectorized_result(y), as the book's code does: the number means nothing."
            " Make targets of the labels first, network2.vectorized_result = lambda y:"
            " np.array([[y]])",
        )
    fits = (labels == np.floor(labels)) & (own | (labels >= -rows) & (labels < rows))
    if not fits.all():
        i = int(np.argmin(fits))
        raise ValueError(
            f"{where.format(i)}: expected an integer from 0 to {rows - 1}, got {labels[i]}"
        )
    if own:
        return [book.function("vectorized_result")(int(j)) for j in labels]
    if (labels < 0).any():
        warn_of(
            net,
            "negative labels",
            f"{where.format(int(np.argmin(labels)))}: expected an integer from 0 to {rows - 1}, got"
            f" {labels.min()}, which vectorized_result counts from the last output",
        )
    return _one_hot(labels, rows)


def _warn_of_one_output(net: EngineOwner) -> None:
    warn_of(
        net,
        "one output",
        "the network has one output, and the argmax of one output is always 0: label 0 counts as"
        " right and every other one as wrong, targets always as right, as in the book's code. Use"
        " two outputs and unit vectors, or count yourself:"
        " sum(int(net.feedforward(x).item() > 0.5) == y for x, y in data)",
    )
