"""What is the user's own, tried on one sample before a training begins.

A cost that fails after the first epoch would lose that epoch.
"""

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastnn.book._evaluation import EvaluationData, number
from fastnn.book._overrides import book_of
from fastnn.book._parameters import EngineOwner
from fastnn.book._samples import as_columns

__all__ = ["try_gradient", "try_measures", "try_output"]


def try_gradient(net: EngineOwner, sample: Any) -> None:
    """Raise what backprop, or a cost's delta, raises for the sample; nothing of net changes.

    ValueError if what comes back does not fit the weights and biases.
    """
    x, y = sample
    with _twin(net) as twin:
        nabla_b, nabla_w = twin.backprop(x, y)
        for name, nablas in (("biases", nabla_b), ("weights", nabla_w)):
            arrays = getattr(twin, name)
            if len(nablas) != len(arrays):
                raise ValueError(
                    f"backprop: expected {len(arrays)} gradients of {name}, got {len(nablas)}"
                )
            for l, (nabla, array) in enumerate(zip(nablas, arrays, strict=True)):
                _check_fit(f"backprop: gradient of {name}[{l}]", np.shape(nabla), np.shape(array))


def try_output(net: EngineOwner, x: Any) -> Any:
    """The output that feedforward gives for x; raise what it raises."""
    with _twin(net) as twin:
        output = twin.feedforward(x)
        np.argmax(output)
        return output


def try_measures(net: Any, data: EvaluationData, *, with_cost: bool) -> None:
    """Raise what feedforward and the cost's fn raise for the first sample, if they are its own."""
    book = book_of(net)
    if not len(data.right) or not (book.own_output(net) or (with_cost and book.own_cost(net))):
        return
    output = try_output(net, data.xs[0] if data.x is None else as_columns(data.x[0]))
    if with_cost:
        with _twin(net) as twin, np.errstate(all="ignore"):
            number(twin.cost.fn(output, as_columns(data.targets[0])), "cost.fn")


@contextmanager
def _twin(net: EngineOwner) -> Iterator[Any]:
    """A copy of the network for a trial, which leaves no trace but in objects that both hold.

    Random numbers that the user's own draws are drawn again later.
    """
    twin = copy.copy(net)
    twin.weights, twin.biases = copy.deepcopy(net.weights), copy.deepcopy(net.biases)
    vars(twin)["_fastnn_warned"] = vars(net).setdefault("_fastnn_warned", set())
    pythons, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002 the book's generator
    try:
        yield twin
    finally:
        random.setstate(pythons)
        np.random.set_state(numpys)  # noqa: NPY002


def _check_fit(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    try:
        fits = np.broadcast_shapes(shape, wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name}: expected shape {wanted}, got {shape}")
