"""A network in a file: NumPy's .npz, with the settings as JSON inside; no pickle."""

import json
import os
import zipfile
from typing import Any, NamedTuple

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
    """What `write` wrote. FileNotFoundError, or ValueError for a foreign or damaged file."""
    name = os.fspath(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        settings = json.loads(str(arrays.pop("header")))
        if settings.pop("format") != _FORMAT:
            raise ValueError("another format")
        version = settings.pop("version")
        layers = len(settings["sizes"]) - 1
        weights = [arrays[f"weights_{l}"] for l in range(layers)]
        biases = [arrays[f"biases_{l}"] for l in range(layers)]
    except FileNotFoundError:
        raise
    except (
        ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, OSError,
    ) as error:  # fmt: skip
        raise ValueError(
            f"{name}: expected a network that fastnn saved, got another or a damaged file ({error})"
        ) from None
    if version != _VERSION:
        raise ValueError(f"{name}: expected format version {_VERSION}, got {version}")
    return Saved(settings, weights, biases)
