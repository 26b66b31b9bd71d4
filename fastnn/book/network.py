"""The book's `network` (chapter 1): stochastic gradient descent with the quadratic cost.

    net = network.Network([784, 30, 10])
    net.SGD(training_data, 30, 10, 3.0, test_data=test_data)

Training and evaluation run on compiled kernels, in float64, with the book's random numbers: the
weights are those of its per-sample loops, to rounding. What a subclass replaces is obeyed on a
slower path (see `fastnn.book.SlowPathWarning`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.book._base import BookNetwork, descend, normal_parameters, pack_for_sgd, plan_epochs
from fastnn.book._epochs import Descent
from fastnn.book._evaluation import EvaluationData, measure, prepare
from fastnn.book._numbers import epoch_count, mini_batch_length, rate
from fastnn.book._overrides import Book, warn_once
from fastnn.book._samples import as_list, same_shape
from fastnn.book._sigmoid import logistic
from fastnn.book._trial import try_gradient, try_output

__all__ = ["Network", "sigmoid", "sigmoid_prime"]

_TEST_HINT = "; y of test data are integers, unit vectors belong to training data"


class Network(BookNetwork):
    """A feedforward network of sigmoid neurons with the quadratic cost.

    num_layers  how many layers, the input's included
    sizes       how many neurons in each
    biases      list of float64 (y, 1) arrays, one for each layer but the input's
    weights     list of float64 (y, x) arrays, from x neurons to the next layer's y

    All four may be assigned, and the lists and arrays changed in place, between calls.
    """

    def __init__(self, sizes: Sequence[int]):
        """Biases and weights are drawn from np.random.randn: all biases, then all weights.

        Raises TypeError or ValueError unless sizes are two or more positive integers.
        """
        checks.layer_sizes("sizes", sizes)
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases, self.weights = normal_parameters(sizes)

    def SGD(
        self,
        training_data: Iterable[Any],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[Any] | None = None,
        *,
        verbose: bool = True,
    ) -> None:
        """Train by mini-batch stochastic gradient descent (eqs. 20 and 21).

        Args:
            training_data: tuples (x, y) of columns (inputs, 1) and (outputs, 1). A list is
                shuffled in place once an epoch, by random.shuffle; any other iterable is read
                into a list first.
            epochs: how often to go through the training data.
            mini_batch_size: samples for an update; the last mini-batch may have fewer.
            eta: the learning rate.
            test_data: tuples (x, y) of a column and an integer, the index of the right output;
                evaluated after each epoch. An empty list counts as none, as in the book.
            verbose: False prints nothing (not in the book).

        Prints "Epoch 0: 9095 / 10000", or "Epoch 0 complete" without test data. Raises TypeError
        or ValueError for what does not fit, and what the user's own raises for the first sample,
        before anything is shuffled or changed.
        """
        epochs = epoch_count(self, epochs)
        mini_batch_size = mini_batch_length(self, mini_batch_size)
        eta = rate(self, "eta", eta)
        training_data = as_list(training_data, "training_data")
        book = self._fastnn_book
        own_update = book.replaced(self, "update_mini_batch")
        packed = pack_for_sgd(self, training_data)
        tests, prepared = None, None
        if not (test_data is None or (isinstance(test_data, (list, tuple)) and not test_data)):
            tests = as_list(test_data, "test_data")
            prepared = self._fastnn_prepare(tests)
        own_gradient, own_evaluate = book.own_gradient(self), book.replaced(self, "evaluate")
        own_output = book.own_output(self) if tests else []
        warn_once(self, own_update + own_gradient + own_output)
        if own_gradient and not own_update and training_data:
            try_gradient(self, training_data[0])
        if tests and own_output and not own_evaluate:
            try_output(self, tests[0][0])
        with plan_epochs(
            self,
            training_data,
            packed,
            Descent(mini_batch_size, eta),
            watched=bool(book.replaced(self, "evaluate", "feedforward")),
            own_update=(lambda batch: self.update_mini_batch(batch, eta)) if own_update else None,
        ) as run_epoch:
            for j in range(epochs):
                run_epoch()
                if tests is None or prepared is None:
                    line = f"Epoch {j} complete"
                elif own_evaluate:
                    line = f"Epoch {j}: {self.evaluate(tests)} / {len(tests)}"
                else:
                    line = f"Epoch {j}: {self._fastnn_count_correct(prepared)} / {len(tests)}"
                if verbose:
                    print(line)

    def update_mini_batch(self, mini_batch: Iterable[Any], eta: float) -> None:
        """One step of gradient descent on a mini-batch, tuples (x, y) as in SGD's training data.

        w <- w - (eta / m) sum dC_x/dw, and biases likewise (eqs. 20 and 21), m the mini-batch's
        length. Raises as SGD does, and ZeroDivisionError for no samples.
        """
        eta = rate(self, "eta", eta)
        warn_once(self, self._fastnn_book.own_gradient(self))
        descend(self, mini_batch, eta)

    def evaluate(self, test_data: Iterable[Any]) -> int:
        """How many test inputs have their largest output where y says.

        test_data are tuples (x, y) of a column (inputs, 1) and an integer from 0 to outputs - 1.
        Other y are never right: of a network of one output all but 0. Raises ValueError for y of
        several numbers.
        """
        warn_once(self, self._fastnn_book.own_output(self))
        return self._fastnn_count_correct(self._fastnn_prepare(as_list(test_data, "test_data")))

    def cost_derivative(self, output_activations: ArrayLike, y: ArrayLike) -> NDArray[Any]:
        """dC_x/da of the quadratic cost for the output activations: a - y, arrays of one shape."""
        a, y = same_shape(output_activations, y)
        return a - y

    def _fastnn_prepare(self, tests: list[Any]) -> EvaluationData:
        return prepare(self, tests, "test_data", one_hot=False, hint=_TEST_HINT, wants_cost=False)

    def _fastnn_count_correct(self, tests: EvaluationData) -> int:
        return measure(self, tests, wants_cost=False)[1]


def sigmoid(z: ArrayLike) -> Any:
    """sigma(z) = 1 / (1 + exp(-z)) elementwise (eq. 3), without overflow for any z."""
    return logistic(z)


def sigmoid_prime(z: ArrayLike) -> Any:
    """The sigmoid function's derivative, sigma(z) (1 - sigma(z)), elementwise."""
    a = sigmoid(z)
    return a * (1 - a)


Book(
    globals(),
    Network,
    methods=["feedforward", "update_mini_batch", "backprop", "evaluate", "cost_derivative"],
    functions=["sigmoid", "sigmoid_prime"],
    gradient=("cost_derivative", "sigmoid", "sigmoid_prime"),
    output=("feedforward", "sigmoid"),
    costs={},
    output_error=lambda net, z, a, y: net.cost_derivative(a, y) * sigmoid_prime(z),
)
