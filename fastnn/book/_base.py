"""What the networks of `network` and `network2` share, and the choice between the paths.

Work is done on the kernels unless something it stands on has been replaced by the user. For a few
samples these are kernels that read weights and biases where they are, for many an engine.

What the book's code refuses is refused before anything changes. What it goes on with, ours goes on
with as well: NaN, infinity, learning rates below 0. Where NaN is multiplied, every product counts,
also those by 0, which engines leave out: such numbers are left to the kernels for a few samples,
which leave out nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.book import _by_samples
from fastnn.book._epochs import Descent, epochs_by_sample, epochs_on_kernels
from fastnn.book._evaluation import warn_of_nan
from fastnn.book._mistakes import warn_of
from fastnn.book._overrides import Book, book_of
from fastnn.book._parameters import (
    AsTheyAre,
    EngineOwner,
    Parameters,
    engine_of,
    parameters_of,
    take_back,
    trained_layers,
)
from fastnn.book._samples import (
    PackedList,
    Samples,
    as_columns,
    as_list,
    check_columns,
    check_sample,
    first_not_finite,
    pack_list,
    pack_training,
)
from fastnn.engine import BLOCK, Columns, UpdateRule, train
from fastnn.engine.being_trained import alone
from fastnn.interrupts import allowed, held
from fastnn.model.output_range import warn_of_range

__all__ = ["BookNetwork", "descend", "normal_parameters", "pack_for_sgd", "plan_epochs"]

_TRAINING_HINT = "; y of training data are unit vectors, integers belong to data for evaluation"
_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
_REAL = "fdegbhilqBHILQ?"  # dtypes that become float64 without a question


_OTHER_OUTPUTS = (
    "a fastnn.Network with cost='quadratic' and output_activation='identity' gives any number"
)


class BookNetwork(EngineOwner):
    """A network of sigmoid neurons with the methods that are alike in both of the book's."""

    _fastnn_book: ClassVar[Book]

    def feedforward(self, a: ArrayLike) -> NDArray[Any]:
        """The network's output for the input a (eq. 22, layer by layer).

        a is a column (inputs, 1), or flat (inputs,), for an output (outputs, 1); or a matrix
        (inputs, k) of k columns for one of (outputs, k). Raises ValueError for other shapes.
        """
        parameters, own = parameters_of(self), self._fastnn_book.has_own("sigmoid")
        inputs, columns = parameters.sizes[0], parameters.columns
        if not _is_column(a, inputs):
            a = check_columns(a, inputs, "a")
        if columns is not None and not own and a.shape[1] == 1:
            if not (a.dtype is _FLOAT32 and a.flags.carray):
                a = _as_kernels_read(a)
            outputs, has_nan = columns.outputs_of_column(a)
        else:
            outputs = _by_samples.feedforward(parameters, a, self._fastnn_book.function("sigmoid"))
            has_nan = not own and bool(np.isnan(outputs).any())
        if has_nan:
            warn_of_nan(self, a)
        return outputs

    def backprop(self, x: ArrayLike, y: ArrayLike) -> _by_samples.Gradients:
        """The gradient (nabla_b, nabla_w) of the cost of one sample (BP1 to BP4).

        x is a column (inputs, 1) and y one (outputs, 1), flat ones are accepted. Both results are
        lists of arrays in the shapes of biases and weights. Raises ValueError for other shapes.
        """
        parameters = parameters_of(self)
        inputs, outputs = parameters.sizes[0], parameters.sizes[-1]
        if not (_is_column(x, inputs) and _is_column(y, outputs)):
            x, y = check_sample(x, y, parameters.sizes)
        return _backprop(self, parameters, x, y)


def normal_parameters(
    sizes: Sequence[int],
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Biases and weights from N(0, 1), drawn as the book does: all biases, then all weights."""
    randn = np.random.randn  # the book's generator, for the book's numbers
    biases = [randn(y, 1) for y in sizes[1:]]
    weights = [randn(y, x) for x, y in pairwise(sizes)]
    return biases, weights


def pack_for_sgd(net: BookNetwork, training_data: list[Any]) -> PackedList | None:
    """Training data, checked and packed; None if they are for the user's own to understand."""
    if not training_data:
        warn_of(net, "no training data", "training_data: expected tuples (x, y), got none")
    if book_of(net).replaced(net, "update_mini_batch", "backprop"):
        return None
    parameters = parameters_of(net)
    trained_layers(net, parameters)
    if not training_data:
        return None
    packed = pack_list(training_data, parameters.sizes, "training_data", _TRAINING_HINT)
    if not book_of(net).replaced(net, "sigmoid"):
        warn_of_range("training_data: y", packed.y, "sigmoid", _OTHER_OUTPUTS)
    if not packed.finite:
        warn_of(
            net,
            "NaN in training data",
            f"training_data[{first_not_finite(training_data)}]: NaN or infinity. All weights become"
            " NaN with its first update, as in the book's code; leave such samples out",
        )
    return packed


def descend(
    net: BookNetwork, data: Any, eta: float, *, l1: float = 0.0, l2: float = 0.0, n: float = 1
) -> None:
    """One update with a mini-batch of the caller's."""
    book, mini_batch = book_of(net), as_list(data, "mini_batch")
    m = len(mini_batch)
    if not mini_batch:
        raise ZeroDivisionError("mini_batch: expected tuples (x, y), got none: 0 / 0")
    if book.replaced(net, "backprop"):  # samples and parameters are for it to understand
        own = AsTheyAre(list(map(np.asarray, net.weights)), list(map(np.asarray, net.biases)))
        nabla = _by_samples.sum_of_gradients(own, mini_batch, net.backprop)
        _by_samples.step(net, own, nabla, m, eta, l1=l1, l2=l2, n=n)
        return
    parameters = parameters_of(net)
    trained = trained_layers(net, parameters)
    narrowest = np.float64 if m <= BLOCK else np.float32
    samples = pack_training(mini_batch, parameters.sizes, "mini_batch", _TRAINING_HINT, narrowest)
    cost = None if book.own_gradient(net) else book.trained_cost(net)
    if cost is None or trained < len(parameters.weights):

        def backprop(x: ArrayLike, y: ArrayLike) -> _by_samples.Gradients:
            return _backprop(net, parameters, as_columns(x), as_columns(y))

        nabla = _by_samples.sum_of_gradients(parameters, mini_batch, backprop)
    elif m <= BLOCK or not _is_usual(parameters, samples, eta, l1, l2, n):
        nabla = _sum_of_gradients(net, parameters, samples, cost)
    else:
        with engine_of(net, cost) as engine:
            rule = UpdateRule(m, eta, l1, l2, int(n))
            train(engine, samples.x, samples.y, np.arange(m), rule)
            take_back(net, engine)
        return
    _by_samples.step(net, parameters, nabla, m, eta, l1=l1, l2=l2, n=n)


@contextmanager
def plan_epochs(
    net: BookNetwork,
    training_data: list[Any],
    packed: PackedList | None,
    how: Descent,
    *,
    own_update: Callable[[list[Any]], None] | None,
    watched: bool,
) -> Iterator[Callable[[], None]]:
    """A context with a function that runs the next epoch of SGD.

    packed      the packed training data, if pack_for_sgd packed them
    own_update  the user's own update_mini_batch, to be called with each mini-batch
    watched     whether other methods of the user's own are called between epochs
    """
    book, n = book_of(net), len(training_data)
    m, eta, l1, l2 = how
    cost = None if own_update or book.own_gradient(net) else book.trained_cost(net)

    def update(mini_batch: list[Any]) -> None:
        descend(net, mini_batch, eta, l1=l1, l2=l2, n=n)

    if (
        packed is not None
        and cost is not None
        and m > 0
        and n > 0
        and net.num_layers == len(parameters_of(net).sizes)
        and _is_usual(parameters_of(net), packed, eta, l1, l2, n)
    ):
        epochs = epochs_on_kernels(net, training_data, packed, cost, how, update, watched=watched)
    else:
        epochs = epochs_by_sample(training_data, m, own_update or update)
    with held(), allowed(), alone(net, "SGD"), epochs as run_epoch:
        yield run_epoch


def _backprop(
    net: BookNetwork, parameters: Parameters, x: NDArray[Any], y: NDArray[Any]
) -> _by_samples.Gradients:
    """The gradient for columns, or matrices of them."""
    book, trained = book_of(net), trained_layers(net, parameters)
    cost, columns = book.backprops_cost(net), parameters.columns
    if cost and columns and x.shape[1] == 1 and trained == len(parameters.weights):
        nabla, has_nan = columns.gradients(_as_kernels_read(x), _as_kernels_read(y), 1, cost)
        if has_nan:
            warn_of_nan(net, x)
        return nabla
    return _by_samples.backpropagate(
        parameters,
        x,
        lambda z, a: book.output_error(net, z, a, y),
        book.function("sigmoid"),
        book.function("sigmoid_prime"),
        trained,
    )


def _sum_of_gradients(
    net: BookNetwork, parameters: Parameters, samples: Samples, cost: str
) -> _by_samples.Gradients:
    """The gradients' sum over a few samples, or over some that are not finite."""
    columns = parameters.columns
    if columns is None:
        read = [
            [np.array(a, _FLOAT64, order="C") for a in arrays]
            for arrays in (parameters.weights, parameters.biases)
        ]
        columns = Columns(*read)
    x = np.ascontiguousarray(samples.x, _FLOAT64)
    nabla, has_nan = columns.gradients(x, samples.y, len(x), cost)
    if has_nan:
        warn_of_nan(net, x)
    return nabla


def _is_usual(
    parameters: Parameters,
    samples: Samples | PackedList,
    eta: float,
    l1: float,
    l2: float,
    n: float,
) -> bool:
    """Whether all numbers are such that an engine does with them as the book's code does."""
    rates = all(0 <= rate < np.inf for rate in (eta, l1, l2))
    return rates and n > 0 and float(n).is_integer() and samples.finite and parameters.are_finite


def _is_column(a: Any, size: int) -> TypeGuard[NDArray[Any]]:
    """Whether it is a column (size, 1) of real numbers, by a quick look."""
    return type(a) is np.ndarray and a.shape == (size, 1) and a.dtype.char in _REAL


def _as_kernels_read(a: NDArray[Any]) -> NDArray[np.float64]:
    """The array, or a copy, as Columns takes it."""
    return a if a.dtype is _FLOAT64 and a.flags.carray else a.astype(_FLOAT64, "C")
