"""Networks that were pickled by the book's own modules, from files that nobody vouches for."""

import os
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.book import network, network2
from fastnn.book.pickles.arrays import ARRAY_CALLS, ARRAY_NAMES, build_array
from fastnn.book.pickles.machine import Instance, Name, explained, read_pickle
from fastnn.book.pickles.source import open_source

__all__ = ["load_pickle"]

_MODULES = ("network", "network2", "__main__", "__mp_main__")  # or one of them in a package
_PARAMETERS = ("num_layers", "sizes", "weights", "biases")
_PLAIN = (type(None), bool, int, float, str, bytes, bytearray, np.ndarray)


def load_pickle(
    path: str | os.PathLike[str], *, costs: Iterable[type] = ()
) -> network.Network | network2.Network:
    """Load a network that the book's `network` or `network2` made and `pickle.dump` wrote.

    The file is read as data: nothing in it is imported or called, whatever it says. It may be of
    any protocol, of Python 2 or 3, of any version of NumPy, and packed by gzip. The class `Network`
    may also have stood in the program itself.

    Args:
        path: the file.
        costs: classes of costs of your own that it may name, as for `network2.load`.

    Returns a `network2.Network` if what was pickled has a cost, else a `network.Network`, with
    float64 parameters and with what else had been stored in it, numbers, text, arrays, lists and
    dicts of them. No random numbers are drawn.

    Raises OSError as `open` and for what is no regular file, or ValueError that names what the
    file asks for and a network does not need, or says what is wrong with the file; parameters that
    do not fit together or are not finite are refused as well.
    """
    own = {cost.__name__: cost for cost in costs}
    books = (network2.QuadraticCost, network2.CrossEntropyCost)
    known = {cost.__name__: cost for cost in books} | own

    def allowed(name: Name) -> bool:
        of_the_book = name.module.rpartition(".")[2] in _MODULES
        return (
            name in ARRAY_NAMES
            or (of_the_book and name.name in ("Network", *known))
            or name.name in own
        )

    expected = "a pickled network of the book's network or network2"
    with open_source(path) as source, explained(path, expected):
        content = read_pickle(source, allowed, ARRAY_CALLS, build_array)
        if isinstance(content, Name):
            raise ValueError(f"it holds the class {content} itself, and no object of it")
        if not isinstance(content, Instance) or content.kind.name != "Network":
            kind = content.kind if isinstance(content, Instance) else type(content).__name__
            raise ValueError(f"it holds a {kind}")
        return _network(content, known, source.taken)


def _network(
    pickled: Instance, known: Mapping[str, Any], most: int
) -> network.Network | network2.Network:
    """The network, with parameters of no more than so many bytes in the file."""
    state = dict(pickled.state or {})
    of_network2 = pickled.kind.module.rpartition(".")[2] == "network2"
    for name in (*_PARAMETERS, *(["cost"] if of_network2 else [])):
        if name not in state:
            raise ValueError(f"it lacks {name}")
    module: Any = network2 if "cost" in state else network
    net = module.Network.__new__(module.Network)
    if "cost" in state:
        net.cost = _cost(state.pop("cost"), known)
    num_layers, sizes, weights, biases = (state.pop(name) for name in _PARAMETERS)
    net.sizes = _sizes(sizes)
    net.num_layers = len(net.sizes)
    if type(num_layers) is not int or num_layers != net.num_layers:
        raise ValueError(f"num_layers: expected {net.num_layers} as in sizes")
    net.weights = _arrays("weights", weights, [(y, x) for x, y in pairwise(net.sizes)], most)
    net.biases = _arrays("biases", biases, [(y, 1) for y in net.sizes[1:]], most)
    _restore(net, state)
    return net


def _cost(stored: Any, known: Mapping[str, Any]) -> Any:
    """A cost's class, or an object of it; both train and measure alike."""
    kind = stored.kind if isinstance(stored, Instance) else stored
    if not isinstance(kind, Name) or kind.name not in known:
        raise ValueError(f"cost: expected one of {', '.join(known)}")
    cost = known[kind.name]
    if isinstance(stored, Instance):
        cost = cost.__new__(cost)
        _restore(cost, stored.state or {})
    return cost


def _sizes(stored: Any) -> list[int]:
    if isinstance(stored, np.ndarray) and stored.dtype.kind in "iu":
        stored = stored.tolist()
    if not isinstance(stored, (list, tuple)) or any(type(size) is not int for size in stored):
        raise ValueError("sizes: expected a list of whole numbers")
    return checks.layer_sizes("sizes", list(stored))


def _arrays(
    name: str, stored: Any, shapes: list[tuple[int, int]], most: int
) -> list[NDArray[np.float64]]:
    if not isinstance(stored, (list, tuple)):
        raise ValueError(f"{name}: expected a list of arrays, got a {type(stored).__name__}")
    if len(stored) != len(shapes):
        raise ValueError(f"{name}: expected {len(shapes)} arrays by sizes, got {len(stored)}")
    for l, (array, shape) in enumerate(zip(stored, shapes)):
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name}[{l}]: expected an array, got a {type(array).__name__}")
        if array.shape != shape:
            raise ValueError(f"{name}[{l}]: expected shape {shape} by sizes, got {array.shape}")
    if sum(array.nbytes for array in stored) > most:  # one array again and again
        raise ValueError(f"{name}: more arrays than the file has data for")
    arrays = [np.array(array, np.float64, order="C") for array in stored]
    return [checks.finite(f"{name}[{l}]", array) for l, array in enumerate(arrays)]


def _restore(target: Any, attributes: Mapping[str, Any]) -> None:
    """Whatever else was stored in an object; nothing that hides a method of its class."""
    for name, value in attributes.items():
        hidden = getattr(type(target), name, None)
        if callable(hidden) or name.startswith(("_fastnn", "__")):
            raise ValueError(f"an attribute that hides one of the class, {name[:60]!a}")
        if not _is_plain(value):
            raise ValueError(f"the attribute {name[:60]!a} is more than numbers and text")
        setattr(target, name, value)


def _is_plain(value: Any) -> bool:
    """Whether it is made of numbers, text, arrays, lists, tuples and dicts, however deep."""
    pending, seen = [value], set()
    while pending:
        value = pending.pop()
        if isinstance(value, (list, tuple, dict)):
            if id(value) not in seen:
                seen.add(id(value))
                pending += value.values() if isinstance(value, dict) else value
        elif not isinstance(value, _PLAIN):
            return False
    return True
