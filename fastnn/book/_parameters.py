"""A network's weights and biases: as the caller has them, checked, and handed to kernels.

Callers own the lists `weights` and `biases`, and change them and the arrays in them as they like.
The kernels for a few samples read the caller's arrays where they lie, so that a change in place
needs no noticing; all that is kept between calls is that these very arrays have been checked, and
their shapes are compared at each call. For many rows the arrays are copied into an engine, anew for
each call.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.book._finite import is_finite
from fastnn.book._mistakes import warn_of
from fastnn.engine import Columns, Engine
from fastnn.engine.being_trained import Markable

__all__ = [
    "AsTheyAre",
    "EngineOwner",
    "Parameters",
    "check_for_saving",
    "copy_in",
    "engine_of",
    "make_engine",
    "parameters_of",
    "penalty",
    "take_back",
    "trained_layers",
]


_SHAPE = attrgetter("shape")


class EngineOwner(Markable):
    """What both of the book's networks have: sizes, parameters, and an engine kept for them.

    The engine is no part of a network's state: copies and pickles go without it.
    """

    num_layers: int
    sizes: Sequence[int]
    weights: list[NDArray[Any]]
    biases: list[NDArray[Any]]

    def __getstate__(self) -> dict[str, Any]:
        private = ("_fastnn_engine", "_fastnn_parameters", "_fastnn_trained_by", "_fastnn_warned")
        return {name: value for name, value in vars(self).items() if name not in private}


class AsTheyAre(NamedTuple):
    """Weights and biases that nobody has checked: methods of the user's own understand them."""

    weights: list[NDArray[Any]]
    biases: list[NDArray[Any]]


class Parameters:
    """A network's weights and biases, which fit together, as arrays.

    sizes     the layers' by the shapes of the weights, which is what the book's code goes by
    weights   arrays (y, x), biases arrays (y, 1): the caller's own where these are such arrays
    columns   the kernels for a few samples, None if the arrays are not as those read them
    """

    def __init__(self, net: EngineOwner):
        """Raises TypeError or ValueError for what does not fit together."""
        given_weights, given_biases = list(net.weights), list(net.biases)
        self.weights, self.sizes = _read_weights(given_weights, net.sizes)
        self.biases = _read_biases(given_biases, self.sizes)
        arrays = (*self.weights, *self.biases)
        self._shapes = list(map(_SHAPE, arrays))
        # Only lists whose items can be told to be the same ones are recognized.
        known = all(map(is_, (*given_weights, *given_biases), arrays))
        self._given_weights = given_weights if known else None
        self._given_biases = given_biases if known else None

    @cached_property
    def columns(self) -> Columns | None:
        """The kernels for a few samples; SGD makes new parameters each epoch and has no need."""
        takes = all(map(Columns.takes, (*self.weights, *self.biases)))
        return Columns(self.weights, self.biases) if takes else None

    def are_of(self, net: EngineOwner) -> bool:
        """Whether the network has these very arrays still, in the shapes that they had.

        Lists compare items by identity before they compare them by value, which quickly says yes.
        By value it is an error for arrays, or, for those of one number, as good as identity.
        """
        weights = net.weights
        try:
            same = weights == self._given_weights and net.biases == self._given_biases
        except ValueError:
            return False
        return same is True and list(map(_SHAPE, (*weights, *net.biases))) == self._shapes

    @property
    def are_finite(self) -> bool:
        """Whether they hold neither NaN nor infinity."""
        return all(map(is_finite, (*self.weights, *self.biases)))


def parameters_of(net: EngineOwner) -> Parameters:
    """The network's present parameters; raises TypeError or ValueError if they don't fit together.

    NaN and infinity pass, as in the book's code.
    """
    kept: Parameters | None = vars(net).get("_fastnn_parameters")
    if kept is None or not kept.are_of(net):
        kept = Parameters(net)
        vars(net)["_fastnn_parameters"] = kept
        if list(net.sizes) != kept.sizes:
            warn_of(
                net,
                "sizes",
                f"sizes: {net.sizes}, but the weights are those of {kept.sizes}; these are used, as"
                f" in the book's code. Say so: net.sizes = {kept.sizes}; net.num_layers ="
                f" {len(kept.sizes)}",
            )
    return kept


def trained_layers(net: EngineOwner, parameters: Parameters) -> int:
    """How many layers, from the output's down, are trained: by num_layers, as in the book's code.

    Raises TypeError or ValueError for a num_layers that it fails with.
    """
    layers, by_weights = net.num_layers, len(parameters.sizes)
    if layers == by_weights:
        return by_weights - 1
    cure = f"; say net.num_layers = {by_weights}"
    layers = checks.count("num_layers", layers)
    if layers > by_weights:
        raise ValueError(f"num_layers: expected {by_weights} as by weights, got {layers}{cure}")
    warn_of(
        net,
        "num_layers",
        f"num_layers: {layers}, but there are {by_weights} layers. As in the book's code, only the"
        f" upper {max(layers, 2) - 1} are trained{cure}",
    )
    return max(layers, 2) - 1


def check_for_saving(net: EngineOwner) -> Parameters:
    """The parameters, finite and of the network's own sizes, as a file needs them; else errors."""
    parameters = parameters_of(net)
    by_weights = parameters.sizes
    if list(net.sizes) != by_weights:
        raise ValueError(
            f"sizes: expected {by_weights} as by weights, got {net.sizes}; say"
            f" net.sizes = {by_weights}"
        )
    for name in ("weights", "biases"):
        for l, array in enumerate(getattr(parameters, name)):
            checks.finite(f"{name}[{l}]", array)
    return parameters


def _read_weights(given: list[Any], sizes: Any) -> tuple[list[NDArray[Any]], list[int]]:
    """The weights as arrays, and the layers' sizes by their shapes."""
    if not given:
        raise ValueError("weights: expected an array for each layer but the input's, got none")
    arrays = [checks.real(f"weights[{l}]", w) for l, w in enumerate(given)]
    shapes = [w.shape for w in arrays]
    fit = all(len(shape) == 2 and min(shape) > 0 for shape in shapes)
    if fit and all(above[1] == below[0] for below, above in pairwise(shapes)):
        return arrays, [shapes[0][1], *(shape[0] for shape in shapes)]
    # Something does not fit. Which one it is, sizes may know.
    sizes = checks.layer_sizes("sizes", sizes)
    expected = [(y, x) for x, y in pairwise(sizes)]
    if len(expected) != len(shapes):
        raise ValueError(f"weights: expected {len(expected)} arrays by sizes, got {len(shapes)}")
    wrong = [l for l, shape in enumerate(shapes) if shape != expected[l]]
    l = wrong[0]
    cure = f"; say net.weights[{l}] = net.weights[{l}].T" if shapes[l] == expected[l][::-1] else ""
    raise ValueError(f"weights[{l}]: expected shape {expected[l]} by sizes, got {shapes[l]}{cure}")


def _read_biases(given: list[Any], sizes: list[int]) -> list[NDArray[Any]]:
    """The biases as arrays (y, 1); the book's code takes a number for all neurons as well."""
    if len(given) != len(sizes) - 1:
        raise ValueError(
            f"biases: expected {len(sizes) - 1} arrays, as many as weights, got {len(given)}"
        )
    arrays = []
    for l, (b, size) in enumerate(zip(given, sizes[1:], strict=True)):
        array = checks.real(f"biases[{l}]", b)
        if array.size == 1 and array.ndim <= 2 and array.shape != (size, 1):
            array = np.full((size, 1), array.reshape(1, 1), array.dtype)
        if array.shape != (size, 1):
            cure = f"; say net.biases[{l}] = net.biases[{l}].reshape(-1, 1)"
            raise ValueError(
                f"biases[{l}]: expected shape ({size}, 1) by sizes, got {array.shape}"
                f"{cure if array.size == size else ''}"
            )
        arrays.append(array)
    return arrays


@contextmanager
def engine_of(net: EngineOwner, cost: str) -> Iterator[Engine]:
    """An engine with the network's present weights and biases.

    It is the network's own for later calls, and nobody else's until this one ends: were two
    threads to use a network at once, the second would get an engine of its own.
    """
    parameters = parameters_of(net)
    key = (*parameters.sizes, cost)
    kept, engine = vars(net).pop("_fastnn_engine", (None, None))
    if kept != key:
        engine = make_engine(net, cost)
    try:
        copy_in(net, engine)
        yield engine
    finally:
        vars(net)["_fastnn_engine"] = (key, engine)


def make_engine(net: EngineOwner, cost: str) -> Engine:
    """A new engine for a network of these sizes; its parameters are 0."""
    sizes = parameters_of(net).sizes
    return Engine(sizes, ["sigmoid"] * (len(sizes) - 1), cost, np.float64)


def copy_in(net: EngineOwner, engine: Engine) -> None:
    """The network's present weights and biases to the engine; NaN and infinity pass."""
    parameters = parameters_of(net)
    for w, packed in zip(parameters.weights, engine.weights, strict=True):
        packed[...] = w
    for b, packed in zip(parameters.biases, engine.biases, strict=True):
        packed[...] = b


def take_back(net: EngineOwner, engine: Engine) -> None:
    """Rebind weights and biases to new lists of new arrays.

    New ones, as in the book's code: `best = net.weights` stays what it was.
    """
    weights = [w.copy() for w in engine.weights]
    biases = [b.copy() for b in engine.biases]
    net.weights, net.biases = weights, biases


def penalty(weights: Sequence[NDArray[Any]], lmbda: float, l1: float, n: int) -> float:
    """lmbda / (2 n) sum w^2 + l1 / n sum |w| (eqs. 87 and 95).

    As in the book's code it is NaN for weights that are NaN or infinite, though lmbda be 0.
    """
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for w in weights:
            total += float(0.5 * (lmbda / n) * np.square(np.linalg.norm(w)))
            total += (l1 / n) * float(np.abs(w).sum()) if l1 else 0.0
    return total
