"""A network in a file: NumPy's .npz, with the settings as JSON inside; no pickle."""

import json
import os
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.files import atomic_write

__all__ = ["Saved", "read", "write"]

_FORMAT, _VERSION = "fastnn network", 1


class Saved(NamedTuple):
    """settings: what JSON can hold; weights (outputs, inputs), biases (outputs, 1), one a layer."""

    settings: dict[str, Any]
    weights: list[NDArray]
    biases: list[NDArray]


def write(path: str | os.PathLike[str], saved: Saved) -> None:
    """Write atomically: `path` holds the old file or, whole, the new one."""
    header = json.dumps({"format": _FORMAT, "version": _VERSION, **saved.settings})
    arrays = {f"weights_{l}": w for l, w in enumerate(saved.weights)}
    arrays |= {f"biases_{l}": b for l, b in enumerate(saved.biases)}
    with atomic_write(path) as file:
        np.savez(file, header=np.array(header), **arrays)  # type: ignore[arg-type]


def read(path: str | os.PathLike[str]) -> Saved:
    """What `write` wrote. OSError as `open`, or ValueError for a foreign or damaged file."""
    with open(path, "rb") as file:
        try:
            return _parse(file)
        except Exception as error:  # NumPy, zipfile and json raise nearly anything on such bytes
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{os.fsdecode(path)}: expected a network that fastnn saved, "
                f"got another or a damaged file ({reason})"
            ) from None


def _parse(file: BinaryIO) -> Saved:
    with np.load(file, allow_pickle=False) as archive:
        settings = json.loads(str(archive["header"]))
        if settings.pop("format") != _FORMAT:
            raise ValueError("another format")
        if (version := settings.pop("version")) != _VERSION:
            raise ValueError(f"format version {version}, expected {_VERSION}")
        shapes = [(n_out, n_in) for n_in, n_out in pairwise(settings["sizes"])]
        weights = [archive[f"weights_{l}"] for l in range(len(shapes))]
        biases = [archive[f"biases_{l}"] for l in range(len(shapes))]
    # Before a network of these sizes asks for its memory.
    if [w.shape for w in weights] != shapes or [b.shape for b in biases] != [
        (n_out, 1) for n_out, _ in shapes
    ]:
        raise ValueError("weights or biases of other shapes than its sizes say")
    return Saved(settings, weights, biases)
