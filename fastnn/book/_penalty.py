"""A word of warning about a penalty with which no training can succeed."""

from typing import Any

from fastnn.arguments.user_warnings import warn_user
from fastnn.book._overrides import book_of
from fastnn.regularization.check import RegularizationWarning, hopeless

__all__ = ["warn_of_penalty"]


def warn_of_penalty(net: Any, eta: float, lmbda: float, l1: float, n: int, m: int) -> None:
    """Warn if the penalty must fail; the training runs as in the book."""
    if book_of(net).replaced(net, "update_mini_batch"):
        return  # what lambda does there is the user's own
    try:
        problem = hopeless(net.weights, eta, lmbda, l1, n, m)
    except (TypeError, ValueError, AttributeError):  # weights of the user's own, or no data
        return
    if problem:
        warn_user(
            f"{problem}. lambda is divided by n = {n:,}, the length of the training data",
            RegularizationWarning,
        )
