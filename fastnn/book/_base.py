"""What the networks of `network` and `network2` share, and the choice between the paths.

Work is done on the kernels unless something it stands on has been replaced by the user. Public
methods check everything first. The functions below don't check what a training changes, so that
one that runs off to infinity goes on as the book's does.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn import checks
from fastnn.being_trained import alone
from fastnn.book import _by_samples
from fastnn.book._epochs import epochs_by_sample, epochs_on_kernels
from fastnn.book._evaluation import EvaluationData
from fastnn.book._overrides import Book
from fastnn.book._parameters import EngineOwner, check_parameters, engine_of, take_back
from fastnn.book._samples import (
    PackedList,
    as_columns,
    as_list,
    check_columns,
    check_sample,
    pack_evaluation,
    pack_list,
    pack_training,
    read_labels,
    split,
)
from fastnn.book._sigmoid import unit_vector
from fastnn.engine import train

__all__ = [
    "BookNetwork",
    "descend",
    "normal_parameters",
    "pack_for_sgd",
    "plan_epochs",
    "prepare",
]

_TRAINING_HINT = "; y of training data are unit vectors, integers belong to data for evaluation"


class BookNetwork(EngineOwner):
    """A network of sigmoid neurons with the methods that are alike in both of the book's."""

    _fastnn_book: ClassVar[Book]

    def feedforward(self, a: ArrayLike) -> NDArray[Any]:
        """The network's output for the input a (eq. 22, layer by layer).

        a is a column (inputs, 1), or flat (inputs,), for an output (outputs, 1); or a matrix
        (inputs, k) of k columns for one of (outputs, k). Raises ValueError for other shapes and
        for NaN or infinity.
        """
        a = check_columns(a, check_parameters(self)[0], "a")
        return _by_samples.feedforward(self, a, self._fastnn_book.function("sigmoid"))

    def backprop(self, x: ArrayLike, y: ArrayLike) -> _by_samples.Gradients:
        """The gradient (nabla_b, nabla_w) of the cost of one sample (BP1 to BP4).

        x is a column (inputs, 1) and y one (outputs, 1), flat ones are accepted. Both results are
        lists of arrays in the shapes of biases and weights. Raises ValueError for other shapes
        and for NaN or infinity.
        """
        return _backprop(self, *check_sample(x, y, check_parameters(self)))


def normal_parameters(
    sizes: Sequence[int],
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Biases and weights from N(0, 1), drawn as the book does: all biases, then all weights."""
    randn = np.random.randn  # noqa: NPY002 the book's generator, for the book's numbers
    biases = [randn(y, 1) for y in sizes[1:]]
    weights = [randn(y, x) for x, y in pairwise(sizes)]
    return biases, weights


def pack_for_sgd(net: BookNetwork, training_data: list[Any]) -> PackedList | None:
    """Training data, checked and packed; None if they are for the user's own to understand."""
    if net._fastnn_book.replaced(net, "update_mini_batch", "backprop"):
        return None
    return pack_list(training_data, check_parameters(net), "training_data", _TRAINING_HINT)


def descend(
    net: BookNetwork, data: Any, eta: float, *, l1: float = 0.0, l2: float = 0.0, n: int = 1
) -> None:
    """One update with a mini-batch of the caller's."""
    book, mini_batch = net._fastnn_book, as_list(data, "mini_batch")
    if book.replaced(net, "backprop"):  # the samples are for it to understand
        _descend_by_samples(net, mini_batch, eta, l1=l1, l2=l2, n=n)
        return
    samples = pack_training(mini_batch, check_parameters(net), "mini_batch", _TRAINING_HINT)
    cost, m = book.trained_cost(net), len(mini_batch)
    if cost is None or book.own_gradient(net):
        _descend_by_samples(net, mini_batch, eta, l1=l1, l2=l2, n=n)
        return
    with engine_of(net, cost) as engine:
        train(engine, *samples, np.arange(m), mini_batch_size=m, eta=eta, l1=l1, l2=l2, n=n)
        take_back(net, engine)


@contextmanager
def plan_epochs(
    net: BookNetwork,
    training_data: list[Any],
    packed: PackedList | None,
    mini_batch_size: int,
    eta: float,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    own_update: Callable[[list[Any]], None] | None,
    watched: bool,
) -> Iterator[Callable[[], None]]:
    """A context with a function that runs the next epoch of SGD.

    packed      the packed training data, if pack_for_sgd packed them
    own_update  the user's own update_mini_batch, to be called with each mini-batch
    watched     whether other methods of the user's own are called between epochs
    """
    book, n = net._fastnn_book, len(training_data)
    cost = book.trained_cost(net)
    if own_update is None and packed is not None and cost and not book.own_gradient(net):
        with (
            alone(net, "SGD"),
            epochs_on_kernels(
                net, training_data, packed, cost, mini_batch_size, eta,
                l1=l1, l2=l2, watched=watched,
            ) as run_epoch,
        ):  # fmt: skip
            yield run_epoch
        return

    def update(mini_batch: list[Any]) -> None:
        _descend_by_samples(net, mini_batch, eta, l1=l1, l2=l2, n=n)

    with (
        alone(net, "SGD"),
        epochs_by_sample(training_data, mini_batch_size, own_update or update) as run_epoch,
    ):
        yield run_epoch


def prepare(
    net: BookNetwork, data: list[Any], name: str, *, one_hot: bool, hint: str
) -> EvaluationData:
    """Data for evaluation, checked and packed; y are columns if one_hot, else integers.

    name is the caller's argument for the messages, hint what to do if y are of the other kind.
    """
    book = net._fastnn_book
    if not book.own_output(net):
        pack = pack_training if one_hot else pack_evaluation
        return EvaluationData(pack(data, check_parameters(net), name, hint), [], [])
    xs, ys = split(data, name)
    if one_hot:
        return EvaluationData(None, xs, [as_columns(y) for y in ys])
    outputs = checks.layer_sizes("sizes", net.sizes)[-1]
    labels = read_labels(ys, outputs, name, hint).tolist()
    targets = [book.vectorized(net, j, unit_vector(j, outputs)) for j in labels]
    return EvaluationData(None, xs, targets)


def _backprop(net: BookNetwork, x: ArrayLike, y: ArrayLike) -> _by_samples.Gradients:
    book, target = net._fastnn_book, as_columns(y)
    return _by_samples.backpropagate(
        net,
        as_columns(x),
        lambda z, a: book.output_error(net, z, a, target),
        book.function("sigmoid"),
        book.function("sigmoid_prime"),
    )


def _descend_by_samples(
    net: BookNetwork, mini_batch: list[Any], eta: float, *, l1: float, l2: float, n: int
) -> None:
    def backprop(x: ArrayLike, y: ArrayLike) -> _by_samples.Gradients:
        return _backprop(net, x, y)

    own = net._fastnn_book.replaced(net, "backprop")
    _by_samples.update(net, mini_batch, net.backprop if own else backprop, eta, l1=l1, l2=l2, n=n)
