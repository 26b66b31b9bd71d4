"""What network2's SGD prints and collects after each epoch, and when it stops early."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Monitor", "Patience"]


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


def _plain(value: Any) -> Any:
    """A NumPy number, or an array of one, as Python's own."""
    is_number = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1)
    return value.item() if is_number else value
