"""Which output layer belongs to which cost, and what its outputs mean."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.user_functions import Given, known, named

__all__ = ["labels", "output_activation_for"]

# The only output layer for which a cost's derivative is what the kernels take it for.
_OUTPUT_OF_COST = {
    "cross-entropy": "sigmoid",
    "log-likelihood": "softmax",
    "poisson": "exponential",
}


def output_activation_for(activation: Given | Sequence[Given], cost: Given, asked: Any) -> Given:
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
            f"output_activation: expected {fitting} with the {cost} cost, got {named(asked)}{hint}"
        )
    return asked


def labels(
    a: NDArray, activation: Given, cost: Given, multi_label: bool, threshold: float | None
) -> NDArray:
    """What `predict` returns for the outputs a (rows, outputs), see there."""
    single, probable = a.shape[1] == 1, activation in ("sigmoid", "softmax")
    if threshold is not None and not probable:
        raise ValueError(
            "threshold: expected None for outputs that are not sigmoid or softmax, this network's "
            f"are {named(activation)}"
        )
    if probable and (threshold is not None or multi_label or (single and activation == "sigmoid")):
        ones = (a > (0.5 if threshold is None else threshold)).astype(np.int64)
        return ones[:, 0] if single else ones
    # tanh and relu outputs name a class as well if they were trained to be one-hot rows.
    if probable or (not single and cost == "quadratic" and activation in ("tanh", "relu")):
        return a.argmax(axis=1)
    return a
