"""The hyperparameters as the book's code takes them, with a warning where they make no sense."""

import math
import sys
from typing import Any

import numpy as np

from fastnn.arguments import checks
from fastnn.book._mistakes import warn_of

__all__ = ["divisor", "epoch_count", "mini_batch_length", "rate"]

_PURPOSE = {
    "eta": "steps uphill: the cost grows",
    "lmbda": "a penalty below 0 rewards large weights, which grow with each update",
    "l1": "a penalty below 0 rewards large weights, which grow with each update",
}


def rate(net: object, name: str, value: Any) -> float:
    """Eta, lmbda or l1, a number; TypeError.

    One below 0, NaN or infinity passes, as in the book's code, with a warning.
    """
    value = _plain(value)
    try:
        return checks.number(name, value)
    except ValueError:
        number = float(value)
    effect = _PURPOSE[name] if number < 0 else "the weights become NaN or infinite"
    warn_of(net, name, f"{name}: expected a finite number, 0 or more, got {value!r}; {effect}")
    return number


def epoch_count(net: object, value: Any) -> int:
    """How many epochs, a whole number; TypeError. Below 0 there are none, as in the book's code."""
    count = checks.count("epochs", _plain(value), least=-sys.maxsize)
    if count < 0:
        warn_of(net, "epochs", f"epochs: expected at least 0, got {count}; nothing is trained")
    return max(0, count)


def mini_batch_length(net: object, value: Any) -> int:
    """How many samples a mini-batch has, a whole number but 0; TypeError or ValueError.

    Below 0 there is no mini-batch, as in the book's code, with a warning.
    """
    count = checks.count("mini_batch_size", _plain(value), least=-sys.maxsize)
    if count == 0:
        raise ValueError("mini_batch_size: expected at least 1, got 0")
    if count < 0:
        warn_of(
            net,
            "mini_batch_size",
            f"mini_batch_size: expected at least 1, got {count}; there are no mini-batches then,"
            " and nothing is trained",
        )
    return count


def divisor(net: object, value: Any) -> float:
    """What update_mini_batch divides lmbda by, n; TypeError or, for 0, ZeroDivisionError."""
    value = _plain(value)
    try:
        number = checks.number("n", value, positive=True)
    except ValueError:
        number = float(value)
    if number == 0:
        raise ZeroDivisionError("n: expected the length of the training data, got 0")
    if number < 0 or not math.isfinite(number):
        warn_of(net, "n", f"n: expected the length of the training data, got {value!r}")
    return number


def _plain(value: Any) -> Any:
    """The number in an array of one element, whatever else as it is."""
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
