"""What network2's SGD prints and collects after each epoch, and when it stops early."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from fastnn.book._evaluation import EvaluationData, measure, of_training, prepare
from fastnn.book._overrides import book_of, check_cost
from fastnn.book._parameters import penalty
from fastnn.book._samples import PackedList, as_list
from fastnn.book._trial import try_measures

__all__ = ["Monitor", "Patience", "Wanted", "watch_evaluation", "watch_training"]

_EVALUATION_HINT = "; y of evaluation data are integers, unit vectors belong to training data"
_TRAINING_HINT = "; y of training data are unit vectors, integers belong to evaluation data"


class Wanted(NamedTuple):
    """What an epoch ends with: the figures to print and to collect; `stops`, whether it may stop.

    For that the accuracy is measured even if it is not wanted otherwise.
    """

    cost: bool
    accuracy: bool
    stops: bool = False


class Monitor:
    """One data set's cost and accuracy after each epoch, as far as they are wanted.

    name                     "training" or "evaluation", as printed
    n                        how many samples the data set has
    measure                  () -> (total cost, accuracy), both in one pass
    own_cost, own_accuracy   () -> the figure by the user's own method, None if there is none
    costs, accuracies        what has been collected, an entry an epoch
    """

    def __init__(
        self,
        name: str,
        n: int,
        wanted: Wanted,
        measure: Callable[[], tuple[float, int]],
        own_cost: Callable[[], Any] | None,
        own_accuracy: Callable[[], Any] | None,
    ):
        self._name, self._n, self._measure = name, n, measure
        self._wants_cost, self._wants_accuracy = wanted.cost, wanted.accuracy
        self._needs_accuracy = wanted.accuracy or wanted.stops
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


def watch_training(
    net: Any, data: list[Any], packed: PackedList | None, wanted: Wanted, lmbda: float, l1: float
) -> Monitor | None:
    """What SGD reports of the training data, packed if they could be; None if nothing."""
    if not any(wanted):
        return None
    if packed is not None and not book_of(net).own_output(net):
        prepared = of_training(net, packed, wanted.accuracy)
    else:
        prepared = prepare(
            net,
            data,
            "training_data",
            one_hot=True,
            hint=_TRAINING_HINT,
            wants_cost=wanted.cost,
            wants_accuracy=wanted.accuracy,
        )
    return _monitor(net, "training", data, prepared, wanted, lmbda, l1)


def watch_evaluation(
    net: Any, given: Iterable[Any] | None, wanted: Wanted, lmbda: float, l1: float
) -> Monitor | None:
    """What SGD reports of the evaluation data, which it needs for that; None if nothing."""
    if not any(wanted):
        return None
    expected = "evaluation_data: expected tuples (x, y) to monitor"
    if given is None:
        raise ValueError(f"{expected}, got None")
    data = as_list(given, "evaluation_data")
    if not data:
        raise ValueError(f"{expected}, got none")
    prepared = prepare(
        net,
        data,
        "evaluation_data",
        one_hot=False,
        hint=_EVALUATION_HINT,
        wants_cost=wanted.cost,
        wants_accuracy=wanted.accuracy or wanted.stops,
    )
    return _monitor(net, "evaluation", data, prepared, wanted, lmbda, l1)


def _monitor(
    net: Any,
    name: str,
    data: list[Any],
    prepared: EvaluationData,
    wanted: Wanted,
    lmbda: float,
    l1: float,
) -> Monitor:
    book, n = book_of(net), len(data)
    own_cost, own_accuracy = book.replaced(net, "total_cost"), book.replaced(net, "accuracy")
    measures_cost = wanted.cost and not own_cost
    if measures_cost:
        check_cost(net.cost, "fn")
        if not n:
            raise ZeroDivisionError(f"{name}_data: expected tuples (x, y), got none: 0 / 0")
    if measures_cost or ((wanted.accuracy or wanted.stops) and not own_accuracy):
        try_measures(net, prepared, with_cost=measures_cost)

    def both() -> tuple[float, int]:
        cost, correct = measure(net, prepared, wants_cost=measures_cost)
        return cost + (penalty(net.weights, lmbda, l1, n) if measures_cost else 0.0), correct

    # The user's own methods are called as the book's SGD calls them.
    convert = {"convert": True}
    for_cost: dict[str, Any] = {"l1": l1} if l1 else {}
    for_cost |= convert if name == "evaluation" else {}
    for_accuracy = convert if name == "training" else {}
    return Monitor(
        name,
        n,
        wanted,
        both,
        (lambda: net.total_cost(data, lmbda, **for_cost)) if own_cost else None,
        (lambda: net.accuracy(data, **for_accuracy)) if own_accuracy else None,
    )


def _plain(value: Any) -> Any:
    """A NumPy number, or an array of one, as Python's own."""
    is_number = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1)
    return value.item() if is_number else value
