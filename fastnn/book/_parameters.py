"""A network's weights and biases: checked, handed to an engine, and taken back from it.

Callers own the lists `weights` and `biases` and change them as they like, so they are copied
into the engine before each computation.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn import checks
from fastnn.being_trained import Markable
from fastnn.book._finite import looks_finite
from fastnn.engine import Engine

__all__ = [
    "EngineOwner",
    "check_parameters",
    "copy_in",
    "engine_of",
    "make_engine",
    "penalty",
    "take_back",
]


class EngineOwner(Markable):
    """What both of the book's networks have: sizes, parameters, and an engine kept for them.

    The engine is no part of a network's state: copies and pickles go without it.
    """

    num_layers: int
    sizes: Sequence[int]
    weights: list[NDArray[Any]]
    biases: list[NDArray[Any]]

    def __getstate__(self) -> dict[str, Any]:
        private = ("_fastnn_engine", "_fastnn_trained_by", "_fastnn_warned")
        return {name: value for name, value in vars(self).items() if name not in private}


def check_parameters(net: EngineOwner, *, finite: bool = True) -> list[int]:
    """Refuse sizes, weights or biases that don't fit together; return the sizes.

    With `finite`, NaN and infinity are refused too.
    """
    sizes = checks.layer_sizes("sizes", net.sizes)
    if net.num_layers != len(sizes):
        raise ValueError(f"num_layers: expected {len(sizes)} as in sizes, got {net.num_layers}")
    _check_arrays(net.weights, [(y, x) for x, y in pairwise(sizes)], "weights", finite)
    _check_arrays(net.biases, [(size, 1) for size in sizes[1:]], "biases", finite)
    return sizes


def _check_arrays(
    arrays: Sequence[NDArray[Any]], shapes: list[tuple[int, int]], name: str, finite: bool
) -> None:
    if len(arrays) != len(shapes):
        raise ValueError(f"{name}: expected {len(shapes)} arrays by sizes, got {len(arrays)}")
    for l, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        where = f"{name}[{l}]"
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{where}: expected an array, got {type(array).__name__}")
        checks.real(where, array)
        if array.shape != shape:
            raise ValueError(f"{where}: expected shape {shape} by sizes, got {array.shape}")
        if finite and array.dtype.kind == "f" and not looks_finite(array):
            checks.finite(where, array)


@contextmanager
def engine_of(net: EngineOwner, cost: str) -> Iterator[Engine]:
    """An engine with the network's present weights and biases.

    It is the network's own for later calls, and nobody else's until this one ends: were two
    threads to use a network at once, the second would get an engine of its own.
    """
    key = (*net.sizes, cost)
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
    sizes = checks.layer_sizes("sizes", net.sizes)
    return Engine(sizes, ["sigmoid"] * (len(sizes) - 1), cost, np.float64)


def copy_in(net: EngineOwner, engine: Engine) -> None:
    """The network's present weights and biases to the engine; NaN and infinity pass."""
    check_parameters(net, finite=False)
    for w, packed in zip(net.weights, engine.weights, strict=True):
        packed[...] = w
    for b, packed in zip(net.biases, engine.biases, strict=True):
        packed[...] = b


def take_back(net: EngineOwner, engine: Engine) -> None:
    """Rebind weights and biases to new lists of new arrays.

    New ones, as in the book's code: `best = net.weights` stays what it was.
    """
    weights = [w.copy() for w in engine.weights]
    biases = [b.copy() for b in engine.biases]
    net.weights, net.biases = weights, biases


def penalty(weights: Sequence[NDArray[Any]], lmbda: float, l1: float, n: int) -> float:
    """lmbda / (2 n) sum w^2 + l1 / n sum |w| (eqs. 87 and 95)."""
    total = 0.0
    for w in weights if lmbda or l1 else []:
        total += 0.5 * (lmbda / n) * float(np.linalg.norm(w)) ** 2
        total += (l1 / n) * float(np.abs(w).sum())
    return total
