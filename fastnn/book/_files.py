"""Networks as JSON files, in the format of the book's `save` and `load`.

{"sizes": [784, 30, 10], "weights": [...], "biases": [...], "cost": "CrossEntropyCost"}
"""

import json
import os
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.files import atomic_write, open_file

__all__ = ["SavedNetwork", "read_network", "write_network"]

Path = str | os.PathLike[str]


class SavedNetwork(NamedTuple):
    """What such a file holds, weights (y, x) and biases (y, 1) as sizes say."""

    sizes: list[int]
    weights: list[NDArray[np.float64]]
    biases: list[NDArray[np.float64]]
    cost: str


def write_network(filename: Path, network: SavedNetwork) -> None:
    """Write the file at once: whatever happens, a file there is the old or the new one, whole."""
    content = {
        "sizes": network.sizes,
        "weights": [w.tolist() for w in network.weights],
        "biases": [b.tolist() for b in network.biases],
        "cost": network.cost,
    }
    text = json.dumps(content, allow_nan=False)
    with atomic_write(filename) as file:
        file.write(text.encode("utf-8"))


def read_network(filename: Path) -> SavedNetwork:
    """Read such a file. OSError as `open`, or one ValueError for any content but that."""
    with open_file(filename) as file:
        stored = file.read()
    try:
        return _parse(stored)
    except (ValueError, TypeError, RecursionError) as error:
        reason = "JSON nested too deep" if isinstance(error, RecursionError) else error
        raise ValueError(
            f"{os.fsdecode(filename)}: expected a network that network2 saved, got another or a"
            f" damaged file ({reason})"
        ) from None


def _parse(stored: bytes) -> SavedNetwork:
    content = json.loads(stored.decode("utf-8"), object_pairs_hook=_without_repetition)
    if not isinstance(content, dict):
        raise ValueError(f"an object expected at the top, got a {type(content).__name__}")
    for name, kind in (("sizes", list), ("weights", list), ("biases", list), ("cost", str)):
        if not isinstance(content.get(name), kind):
            raise ValueError(f"{name}: expected a {kind.__name__}, got {content.get(name)!r:.60}")
    sizes = checks.layer_sizes("sizes", content["sizes"])
    weights = _arrays(content["weights"], "weights", [(y, x) for x, y in pairwise(sizes)])
    biases = _arrays(content["biases"], "biases", [(size, 1) for size in sizes[1:]])
    return SavedNetwork(sizes, weights, biases, content["cost"])


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name comes twice")
    return content


def _arrays(
    stored: list[Any], name: str, shapes: list[tuple[int, int]]
) -> list[NDArray[np.float64]]:
    if len(stored) != len(shapes):
        raise ValueError(f"{name}: expected {len(shapes)} arrays by sizes, got {len(stored)}")
    arrays = []
    for l, (values, shape) in enumerate(zip(stored, shapes, strict=True)):
        array = checks.numeric(f"{name}[{l}]", values, np.float64)
        if array.shape != shape:
            raise ValueError(f"{name}[{l}]: expected shape {shape} by sizes, got {array.shape}")
        arrays.append(array)
    return arrays
