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
    """What is in a file.

    settings  what JSON can hold; "sizes" among it
    arrays    by name, one array a layer: of shape (outputs, inputs) if the name ends with
              "weights", else (outputs, 1)
    """

    settings: dict[str, Any]
    arrays: dict[str, list[NDArray]]


def write(path: str | os.PathLike[str], saved: Saved) -> None:
    """Write atomically: `path` holds the old file or, whole, the new one."""
    facts = {"format": _FORMAT, "version": _VERSION, "arrays": list(saved.arrays)}
    header = json.dumps({**facts, **saved.settings})
    arrays = {
        f"{name}_{l}": array for name in saved.arrays for l, array in enumerate(saved.arrays[name])
    }
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
        layers = list(enumerate(pairwise(settings["sizes"])))
        arrays = {
            name: [archive[f"{name}_{l}"] for l, _ in layers] for name in settings.pop("arrays")
        }
    # Checked before a network of these sizes asks for its memory.
    for name in arrays:
        for l, (n_in, n_out) in layers:
            shape = (n_out, n_in if name.endswith("weights") else 1)
            if arrays[name][l].shape != shape:
                raise ValueError(f"{name}_{l} has another shape than its sizes say")
    return Saved(settings, arrays)
