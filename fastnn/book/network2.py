"""The book's `network2` (chapter 3): cross-entropy, regularization, better initial weights.

    net = network2.Network([784, 30, 10], cost=network2.CrossEntropyCost)
    net.SGD(training_data, 30, 10, 0.5, lmbda=5.0, evaluation_data=validation_data,
            monitor_evaluation_accuracy=True)
    net.save("net.json")
    net = network2.load("net.json")

Training and evaluation run on compiled kernels, in float64, with the book's random numbers: the
weights are those of its per-sample loops, to rounding. What a user replaces is obeyed on a slower
path (see `fastnn.book.SlowPathWarning`).
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.book._base import BookNetwork, descend, normal_parameters, pack_for_sgd, plan_epochs
from fastnn.book._epochs import Descent
from fastnn.book._evaluation import measure, prepare
from fastnn.book._files import SavedNetwork, read_network, write_network
from fastnn.book._monitor import Patience, Wanted, watch_evaluation, watch_training
from fastnn.book._numbers import divisor, epoch_count, mini_batch_length, rate
from fastnn.book._overrides import Book, check_cost, cost_name, warn_once
from fastnn.book._parameters import check_for_saving, penalty
from fastnn.book._penalty import warn_of_penalty
from fastnn.book._samples import as_list, same_shape
from fastnn.book._sigmoid import logistic, unit_vector
from fastnn.book._trial import try_gradient

__all__ = [
    "CrossEntropyCost",
    "Network",
    "QuadraticCost",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]


class QuadraticCost:
    """The quadratic cost of one sample, |a - y|^2 / 2 (eq. 6)."""

    @staticmethod
    def fn(a: ArrayLike, y: ArrayLike) -> np.floating[Any]:
        """The cost of output a where y is desired, arrays of one shape."""
        a, y = same_shape(a, y)
        return 0.5 * np.linalg.norm(a - y) ** 2

    @staticmethod
    def delta(z: ArrayLike, a: ArrayLike, y: ArrayLike) -> NDArray[Any]:
        """The output layer's error dC/dz = (a - y) sigma'(z) (BP1), in a's shape."""
        a, y = same_shape(a, y)
        return (a - y) * sigmoid_prime(z)


class CrossEntropyCost:
    """The cross-entropy cost of one sample, -sum y ln a + (1 - y) ln(1 - a) (eq. 63)."""

    @staticmethod
    def fn(a: ArrayLike, y: ArrayLike) -> np.floating[Any]:
        """The cost of output a where y is desired, arrays of one shape.

        Where a has been rounded to 0 or 1, a term is 0 if y is the same, and else the largest
        float, as in the book. `total_cost` computes the cost from z, which is exact there too.
        """
        a, y = same_shape(a, y)
        with np.errstate(all="ignore"):
            return np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a)))

    @staticmethod
    def delta(z: ArrayLike, a: ArrayLike, y: ArrayLike) -> NDArray[Any]:
        """The output layer's error dC/dz = a - y (eq. 66), in a's shape; z is not used."""
        a, y = same_shape(a, y)
        return a - y


class Network(BookNetwork):
    """A feedforward network of sigmoid neurons, trained with a cost and regularization.

    num_layers  how many layers, the input's included
    sizes       how many neurons in each
    biases      list of float64 (y, 1) arrays, one for each layer but the input's
    weights     list of float64 (y, x) arrays, from x neurons to the next layer's y
    cost        QuadraticCost, CrossEntropyCost, an instance of one, or a user's own class with
                fn(a, y) and delta(z, a, y)

    All may be assigned, and the lists and arrays changed in place, between calls.
    """

    def __init__(self, sizes: Sequence[int], cost: Any = CrossEntropyCost):
        """Initialize the parameters with `default_weight_initializer`.

        Raises TypeError or ValueError unless sizes are two or more positive integers, and
        TypeError if cost is none.
        """
        checks.layer_sizes("sizes", sizes)
        check_cost(cost, "delta")
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.default_weight_initializer()
        self.cost = cost

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1) and weights from N(0, 1/x), x the neurons they come from.

        First all biases, then all weights, from np.random.randn.
        """
        self.biases, self.weights = normal_parameters(self.sizes)
        self.weights = [w / np.sqrt(w.shape[1]) for w in self.weights]

    def large_weight_initializer(self) -> None:
        """Draw biases and weights from N(0, 1) as in chapter 1, in the same order."""
        self.biases, self.weights = normal_parameters(self.sizes)

    def SGD(  # noqa: PLR0913 the book's, and three keywords
        self,
        training_data: Iterable[Any],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Iterable[Any] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        *,
        l1: float = 0.0,
        early_stopping_n: int = 0,
        verbose: bool = True,
    ) -> tuple[list[float], list[int], list[float], list[int]]:
        """Train by mini-batch stochastic gradient descent with L2 regularization (eq. 93).

        Args:
            training_data: tuples (x, y) of columns (inputs, 1) and (outputs, 1). A list is
                shuffled in place once an epoch, by random.shuffle; any other iterable is read
                into a list first.
            epochs: how often to go through the training data.
            mini_batch_size: samples for an update; the last mini-batch may have fewer.
            eta: the learning rate.
            lmbda: the L2 regularization parameter; each update shrinks weights by the factor
                1 - eta lmbda / n, n the length of the training data.
            evaluation_data: tuples (x, y) of a column and an integer, the index of the right
                output. Read only if it is monitored or stops the training.
            monitor_evaluation_cost: print and collect the evaluation data's `total_cost`,
            monitor_evaluation_accuracy: and its `accuracy`,
            monitor_training_cost: and the training data's `total_cost`,
            monitor_training_accuracy: and its `accuracy`, after each epoch.
            l1: the L1 regularization parameter; each update moves weights by eta l1 / n towards
                zero (eq. 97). Not in the book's code.
            early_stopping_n: stop when the accuracy on the evaluation data has not risen above
                its best for this many epochs; 0 never stops. Not in the first edition's code.
            verbose: False prints nothing. Not in the book's code.

        Returns the four lists of the figures collected, an entry an epoch: evaluation costs,
        evaluation accuracies, training costs, training accuracies. Costs are floats, accuracies
        counts; a list is empty where its flag is not set.

        Raises TypeError or ValueError for what does not fit, and what the user's own raises for
        the first sample, before anything is shuffled or changed. A penalty that must fail (see
        fastnn.explain_regularization) is a warning.
        """
        epochs = epoch_count(self, epochs)
        mini_batch_size = mini_batch_length(self, mini_batch_size)
        early_stopping_n = checks.count("early_stopping_n", early_stopping_n, least=0)
        eta, lmbda, l1 = rate(self, "eta", eta), rate(self, "lmbda", lmbda), rate(self, "l1", l1)
        training_data = as_list(training_data, "training_data")
        n, book = len(training_data), self._fastnn_book
        own_update = book.replaced(self, "update_mini_batch")
        if not (own_update or book.replaced(self, "backprop")):
            check_cost(self.cost, "delta")
        packed = pack_for_sgd(self, training_data)
        own_gradient = book.own_gradient(self)
        wanted = Wanted(monitor_training_cost, monitor_training_accuracy)
        training = watch_training(self, training_data, packed, wanted, lmbda, l1)
        wanted = Wanted(monitor_evaluation_cost, monitor_evaluation_accuracy, early_stopping_n > 0)
        evaluation = watch_evaluation(self, evaluation_data, wanted, lmbda, l1)
        own = own_update + own_gradient
        if training or evaluation:
            own += book.own_output(self)
        monitors_cost = monitor_training_cost or monitor_evaluation_cost
        if monitors_cost and not book.replaced(self, "total_cost"):
            own += book.own_cost(self)
        warn_once(self, own)
        if own_gradient and not own_update and training_data:
            try_gradient(self, training_data[0])
        warn_of_penalty(self, eta, lmbda, l1, n, mini_batch_size)
        keywords = {"l1": l1} if l1 else {}
        watched = bool(book.replaced(self, "accuracy", "total_cost", "feedforward"))
        patience = Patience(early_stopping_n)
        with plan_epochs(
            self,
            training_data,
            packed,
            Descent(mini_batch_size, eta, l1, lmbda),
            watched=watched,
            own_update=(lambda batch: self.update_mini_batch(batch, eta, lmbda, n, **keywords))
            if own_update
            else None,
        ) as run_epoch:
            for j in range(epochs):
                run_epoch()
                if verbose:
                    print(f"Epoch {j} training complete")
                if training:
                    training.report(verbose)
                accuracy = evaluation.report(verbose) if evaluation else None
                if verbose:
                    print()
                if patience.is_over(accuracy):
                    break
        return (
            evaluation.costs if evaluation else [],
            evaluation.accuracies if evaluation else [],
            training.costs if training else [],
            training.accuracies if training else [],
        )

    def update_mini_batch(
        self, mini_batch: Iterable[Any], eta: float, lmbda: float, n: float, *, l1: float = 0.0
    ) -> None:
        """One step of gradient descent on a mini-batch, tuples (x, y) as in SGD's training data.

        w <- (1 - eta lmbda / n) w - (eta l1 / n) sgn(w) - (eta / m) sum dC_x/dw with sgn(0) = 0
        (eqs. 93 and 97), m the mini-batch's length and n the training set's; biases without the
        penalties. Raises as SGD does, and ZeroDivisionError for no samples or n = 0.
        """
        eta, lmbda, l1 = rate(self, "eta", eta), rate(self, "lmbda", lmbda), rate(self, "l1", l1)
        n = divisor(self, n)
        book = self._fastnn_book
        if not book.replaced(self, "backprop"):
            check_cost(self.cost, "delta")
        warn_once(self, book.own_gradient(self))
        descend(self, mini_batch, eta, l1=l1, l2=lmbda, n=n)

    def accuracy(self, data: Iterable[Any], convert: bool = False) -> int:
        """How many inputs of the data have their largest output where y says.

        data are tuples (x, y) of a column (inputs, 1) and, with convert=False, an integer from 0
        to outputs - 1, as in validation and test data; with convert=True, a column (outputs, 1)
        whose largest entry counts, as in training data. Other numbers are never right. Raises
        ValueError for the other kind.
        """
        warn_once(self, self._fastnn_book.own_output(self))
        data = as_list(data, "data")
        hint = "; integers need convert=False" if convert else "; unit vectors need convert=True"
        prepared = prepare(self, data, "data", one_hot=convert, hint=hint, wants_cost=False)
        return measure(self, prepared, wants_cost=False)[1]

    def total_cost(
        self, data: Iterable[Any], lmbda: float, convert: bool = False, *, l1: float = 0.0
    ) -> float:
        """The regularized cost (eqs. 87 and 95): the samples' mean cost plus the penalties.

        data are tuples (x, y) of a column (inputs, 1) and, with convert=False, a column
        (outputs, 1), as in training data; with convert=True, an integer from 0 to outputs - 1, as
        in validation and test data: the reverse of `accuracy`, as in the book. Raises ValueError
        for the other kind.

        The penalties are lmbda / (2 len(data)) sum w^2 and l1 / len(data) sum |w|. As in the book
        they are divided by the length of `data`, whatever it is, and not by the training set's
        length n, which is what `SGD` trains with: on 10,000 of 50,000 samples they are five times
        as large. Raises ZeroDivisionError for no data.
        """
        lmbda, l1 = rate(self, "lmbda", lmbda), rate(self, "l1", l1)
        check_cost(self.cost, "fn")
        book = self._fastnn_book
        warn_once(self, book.own_output(self) + book.own_cost(self))
        data = as_list(data, "data")
        if not data:
            raise ZeroDivisionError("data: expected tuples (x, y), got none: their mean is 0 / 0")
        hint = "; unit vectors need convert=False" if convert else "; integers need convert=True"
        prepared = prepare(
            self,
            data,
            "data",
            one_hot=not convert,
            hint=hint,
            wants_cost=True,
            wants_accuracy=False,
        )
        cost, _ = measure(self, prepared, wants_cost=True)
        return cost + penalty(self.weights, lmbda, l1, len(data))

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Save sizes, weights, biases and the cost's name as JSON, for `load` or the book's.

        The file is replaced at once, so that it is never half written. Raises ValueError for
        weights or biases that a file could not be loaded with.
        """
        kept = check_for_saving(self)
        write_network(
            filename, SavedNetwork(kept.sizes, kept.weights, kept.biases, cost_name(self.cost))
        )


def load(filename: str | os.PathLike[str], *, costs: Iterable[type] = ()) -> Network:
    """Load a network from a file that `save` wrote, this one or the book's.

    The file only names its cost, which has to be QuadraticCost, CrossEntropyCost or one of the
    classes in `costs` (not in the book). Raises ValueError for any other name and for a file that
    is damaged or of another kind. Draws random numbers as Network does, as in the book.
    """
    saved = read_network(filename)
    known: dict[str, Any] = {cost.__name__: cost for cost in (QuadraticCost, CrossEntropyCost)}
    known |= {cost.__name__: cost for cost in costs}
    cost = known[checks.known(f"{os.fsdecode(filename)}: cost", saved.cost, known)]
    net = Network(saved.sizes, cost=cost)
    net.weights, net.biases = saved.weights, saved.biases
    return net


def vectorized_result(j: int, size: int = 10) -> NDArray[np.float64]:
    """A column (size, 1) of zeros with a one in row j, the desired output for digit j.

    A negative j counts from the last row, with a warning. Raises ValueError where j is not from
    -size to size - 1. The book's has ten rows always.
    """
    return unit_vector(j, size)


def sigmoid(z: ArrayLike) -> Any:
    """sigma(z) = 1 / (1 + exp(-z)) elementwise (eq. 3), without overflow for any z."""
    return logistic(z)


def sigmoid_prime(z: ArrayLike) -> Any:
    """The sigmoid function's derivative, sigma(z) (1 - sigma(z)), elementwise."""
    a = sigmoid(z)
    return a * (1 - a)


def _output_error(net: Network, z: NDArray[Any], a: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    check_cost(net.cost, "delta")
    delta: NDArray[Any] = net.cost.delta(z, a, y)
    return delta


Book(
    globals(),
    Network,
    methods=["feedforward", "update_mini_batch", "backprop", "accuracy", "total_cost"],
    functions=["sigmoid", "sigmoid_prime", "vectorized_result"],
    gradient=("sigmoid", "sigmoid_prime"),
    output=("feedforward", "sigmoid", "vectorized_result"),
    costs={QuadraticCost: "quadratic", CrossEntropyCost: "cross-entropy"},
    output_error=_output_error,
)
