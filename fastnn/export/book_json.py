"""The JSON file of the book's network2, which other programs read as well."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from fastnn.arguments import checks
from fastnn.book._files import SavedNetwork, read_network, write_network
from fastnn.export.incoming import as_network, fitting_cost
from fastnn.export.outgoing import as_portable
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["from_json", "to_json"]

_COSTS = {"cross_entropy": "CrossEntropyCost", "quadratic": "QuadraticCost"}


def to_json(net: Any, path: str | os.PathLike[str]) -> None:
    """Write a network as `network2.Network.save` does: for sigmoid networks, as the book's are.

    The file has no place for an input_scale, which goes into the first weights. Raises ValueError
    for another network than the book's; OSError as `open`.
    """
    portable = as_portable(net)
    if set(portable.activations) != {"sigmoid"}:
        found = ", ".join(portable.activations)
        raise ValueError(f"net: expected a sigmoid network, as the book's are, got {found}")
    if portable.multi_label:
        raise ValueError(
            "net: expected a network that names one class a row, got a multi_label one"
        )
    cost = portable.cost or fitting_cost("sigmoid")
    if cost not in _COSTS:
        raise ValueError(f"net: expected one of the costs {', '.join(_COSTS)}; got {cost}")
    weights = [w.astype(np.float64) for w in portable.weights]
    weights[0] *= portable.input_scale
    biases = [b.astype(np.float64)[:, None] for b in portable.biases]
    write_network(path, SavedNetwork(portable.sizes, weights, biases, _COSTS[cost]))


def from_json(path: str | os.PathLike[str]) -> Network:
    """The network in such a file, the book's or fastnn.book's: float64, all layers sigmoid.

    Raises OSError as `open`, or ValueError for a file that is damaged or of another kind.
    """
    saved = read_network(path)
    costs = {theirs: own for own, theirs in _COSTS.items()}
    cost = checks.known(f"{os.fsdecode(path)}: cost", saved.cost, costs)
    biases = tuple(b[:, 0] for b in saved.biases)
    activations = ("sigmoid",) * len(biases)
    return as_network(PortableNetwork(tuple(saved.weights), biases, activations, cost=costs[cost]))
