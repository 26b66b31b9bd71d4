"""What network2's SGD prints and collects after each epoch, and when it stops early."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fastnn.book._evaluation import EvaluationData
from fastnn.book._overrides import check_cost
from fastnn.book._parameters import penalty
from fastnn.book._trial import try_measures

__all__ = ["Monitor", "Patience", "monitor_of"]


class Monitor:
    """One data set's cost and accuracy after each epoch, as far as they are wanted.

    name                         "training" or "evaluation", as printed
    n                            how many samples the data set has
    wants_cost, wants_accuracy   what to print and to collect
    needs_accuracy               whether to measure the accuracy even if it is not wanted
    measure                      () -> (total cost, accuracy), both in one pass
    own_cost, own_accuracy       () -> the figure by the user's own method, None if there is none
    costs, accuracies            what has been collected, an entry an epoch
    """

    def __init__(
        self,
        name: str,
        n: int,
        wants_cost: bool,
        wants_accuracy: bool,
        needs_accuracy: bool,
        measure: Callable[[], tuple[float, int]],
        own_cost: Callable[[], Any] | None,
        own_accuracy: Callable[[], Any] | None,
    ):
        self._name, self._n, self._measure = name, n, measure
        self._wants_cost, self._wants_accuracy = wants_cost, wants_accuracy
        self._needs_accuracy = wants_accuracy or needs_accuracy
        self._own_cost, self._own_accuracy = own_cost, own_accuracy
        self.costs: list[Any] = []
        self.accuracies: list[Any] = []

    def report(self, verbose: bool) -> Any:
        """Measure, print and collect; return the accuracy if it is needed."""
        cost: Any = None
        accuracy: Any = None
        if (self._wants_cost and not self._own_cost) or (
            self._needs_accuracy and not self._own_accuracy
        ):
            cost, accuracy = self._measure()
        if self._wants_cost:
            cost = _plain(self._own_cost()) if self._own_cost else cost
            self.costs.append(cost)
            if verbose:
                print(f"Cost on {self._name} data: {cost}")
        if self._needs_accuracy and self._own_accuracy:
            accuracy = _plain(self._own_accuracy())
        if self._wants_accuracy:
            self.accuracies.append(accuracy)
            if verbose:
                print(f"Accuracy on {self._name} data: {accuracy} / {self._n}")
        return accuracy


class Patience:
    """Early stopping: the accuracy has not risen above its best for n epochs (chapter 3)."""

    def __init__(self, n: int):
        """Never stops if n is 0."""
        self._n, self._best, self._waited = n, -1, 0

    def is_over(self, accuracy: Any) -> bool:
        """Take an epoch's accuracy; whether to stop."""
        if self._n == 0:
            return False
        self._waited = 0 if accuracy > self._best else self._waited + 1
        self._best = max(self._best, accuracy)
        return self._waited == self._n


def monitor_of(
    net: Any,
    name: str,
    data: list[Any],
    prepared: EvaluationData,
    lmbda: float,
    l1: float,
    wants_cost: bool,
    wants_accuracy: bool,
    needs_accuracy: bool = False,
) -> Monitor:
    """What network2's SGD reports of the training or the evaluation data."""
    book, n = net._fastnn_book, len(data)
    own_cost, own_accuracy = book.replaced(net, "total_cost"), book.replaced(net, "accuracy")
    measures_cost = wants_cost and not own_cost
    if measures_cost:
        check_cost(net.cost, "fn")
        if not n:
            raise ZeroDivisionError(f"{name}_data: expected tuples (x, y), got none: 0 / 0")
    if measures_cost or ((needs_accuracy or wants_accuracy) and not own_accuracy):
        try_measures(net, prepared, with_cost=measures_cost)

    def both() -> tuple[float, int]:
        cost, correct = net._fastnn_measure(prepared, wants_cost=measures_cost)
        return cost + (penalty(net.weights, lmbda, l1, n) if measures_cost else 0.0), correct

    # The user's own methods are called as the book's SGD calls them.
    convert = {"convert": True}
    for_cost: dict[str, Any] = {"l1": l1} if l1 else {}
    for_cost |= convert if name == "evaluation" else {}
    for_accuracy = convert if name == "training" else {}
    return Monitor(
        name,
        n,
        wants_cost,
        wants_accuracy,
        needs_accuracy,
        both,
        (lambda: net.total_cost(data, lmbda, **for_cost)) if own_cost else None,
        (lambda: net.accuracy(data, **for_accuracy)) if own_accuracy else None,
    )


def _plain(value: Any) -> Any:
    """A NumPy number, or an array of one, as Python's own."""
    is_number = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1)
    return value.item() if is_number else value
