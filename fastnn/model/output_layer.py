"""Which output layer belongs to which cost, and what its outputs mean."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.model.own_functions import Given, GivenCost, known, named

__all__ = [
    "as_threshold",
    "check_numbers",
    "multi_label_of",
    "output_activation_for",
    "predictions",
]

# The only output layer for which a cost's derivative is what the kernels take it for.
_OUTPUT_OF_COST = {
    "cross_entropy": "sigmoid",
    "log_likelihood": "softmax",
    "poisson": "exponential",
}


def output_activation_for(
    activation: Given | Sequence[Given], cost: GivenCost, asked: Any
) -> Given:
    """The output layer's activation; None takes what the cost is made for.

    `activation` is the hidden layers'. For the quadratic cost that is sigmoid if they all are,
    as in the book, and identity in all others; for the other costs of regression, and the user's,
    identity. Raises ValueError for an unknown name or one that the cost can't go with.
    """
    fitting = _OUTPUT_OF_COST.get(named(cost))
    if asked is None:
        hidden = activation if isinstance(activation, list) else [activation]
        sigmoid = cost == "quadratic" and all(given == "sigmoid" for given in hidden)
        return fitting or ("sigmoid" if sigmoid else "identity")
    asked = known("output_activation", asked)
    if fitting not in (None, asked):
        made_for = [name for name, outputs in _OUTPUT_OF_COST.items() if outputs == asked]
        hint = f"; {asked} outputs go with cost={made_for[0]!r}" if made_for else ""
        raise ValueError(
            f"output_activation: expected {fitting} with the {named(cost)} cost, "
            f"got {named(asked)}{hint}"
        )
    return asked


def multi_label_of(asked: Any, output_activation: Given) -> bool:
    """Whether each output decides for itself; TypeError, or ValueError if it can't."""
    several = checks.flag("multi_label", asked)
    if several and output_activation != "sigmoid":
        raise ValueError(
            "multi_label: expected False unless the outputs are sigmoid, each of which decides for "
            f"itself; this network's are {named(output_activation)}"
        )
    return several


def as_threshold(argument: str, value: Any, activation: Given) -> float | None:
    """None, or what outputs are compared with; TypeError or ValueError."""
    if value is None:
        return None
    threshold = checks.number(argument, value)
    if activation not in ("sigmoid", "softmax"):
        raise ValueError(
            f"{argument}: expected None for outputs that are not sigmoid or softmax, this "
            f"network's are {named(activation)}"
        )
    return threshold


def check_numbers(caller: str, a: NDArray, first: int = 0) -> NDArray:
    """The outputs a (rows, outputs), of the rows from `first` on; ValueError if one is NaN."""
    bad = np.isnan(a)
    if bad.any():
        row = int(bad.any(axis=1).argmax())
        raise ValueError(
            f"{caller}: expected outputs that are numbers, got NaN in row {first + row} "
            f"({np.count_nonzero(bad.any(axis=1))} such in rows {first} to {first + len(a) - 1}): "
            "weights or biases are NaN or infinite, or so large that the outputs overflowed; "
            "feedforward gives them"
        )
    return a


def predictions(
    pieces: Iterable[NDArray],
    activation: Given,
    cost: GivenCost,
    multi_label: bool,
    threshold: float | None,
    flat: bool,
) -> NDArray:
    """What `predict` returns for outputs (rows, outputs) that come in pieces, see there.

    flat  whether single outputs that name no class are wanted as (rows,)
    """
    probable = activation in ("sigmoid", "softmax")

    def labels(a: NDArray) -> NDArray:
        single = a.shape[1] == 1
        binary = multi_label or (single and activation == "sigmoid")
        if probable and (threshold is not None or binary):
            ones = (a > (0.5 if threshold is None else threshold)).astype(np.int64)
            return ones[:, 0] if single and not multi_label else ones
        # tanh and relu outputs name a class as well if they were trained to be one-hot rows.
        if probable or (not single and cost == "quadratic" and activation in ("tanh", "relu")):
            return a.argmax(axis=1)
        return a[:, 0] if single and flat else a

    found, first = [], 0
    for a in pieces:
        check_numbers("predict", a, first)
        found.append(labels(a))
        first += len(a)
    return found[0] if len(found) == 1 else np.concatenate(found)
