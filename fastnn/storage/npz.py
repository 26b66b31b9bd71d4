"""A network in a file: NumPy's .npz, with the settings as JSON inside; no pickle."""

import errno
import os
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.files import atomic_write, open_file
from fastnn.storage import history_rows
from fastnn.storage.archive import Archive

__all__ = ["MEANINGLESS", "Saved", "read", "write"]

_FORMAT, _VERSION = "fastnn network", 2
_HISTORY_IN_HEADER = 1  # the version whose history is lists in the header

# What values that make no sense raise where they are used.
MEANINGLESS = (ValueError, KeyError, TypeError, OverflowError, AttributeError, RecursionError)


class Saved(NamedTuple):
    """What is in a file.

    settings  what JSON can hold; "sizes" and "dtype" among it, and "history": what lists it has
              besides `history`'s
    arrays    by name, one array a layer: of shape (outputs, inputs) if the name ends with
              "weights", else (outputs, 1)
    history   (epochs,): see history_rows; None if all of it is in the settings
    """

    settings: dict[str, Any]
    arrays: dict[str, list[NDArray]]
    history: NDArray | None


def write(path: str | os.PathLike[str], saved: Saved) -> None:
    """Write atomically: `path` holds the old file or, whole, the new one."""
    import json

    facts = {"format": _FORMAT, "version": _VERSION, "arrays": list(saved.arrays)}
    header = json.dumps({**facts, **saved.settings})
    arrays = {
        f"{name}_{l}": array for name in saved.arrays for l, array in enumerate(saved.arrays[name])
    }
    with atomic_write(path) as file:
        np.savez(file, header=np.array(header), history=saved.history, **arrays)  # type: ignore[arg-type]


def read(path: str | os.PathLike[str]) -> Saved:
    """What `write` wrote. OSError as `open`, or ValueError for a foreign or damaged file.

    What it takes of memory is in proportion to what the file holds, whatever it claims.
    """
    import zipfile

    with open_file(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _parse(Archive(archive, os.fstat(file.fileno()).st_size))
        except MemoryError:
            raise
        except Exception as error:  # zipfile, NumPy and json raise nearly anything on such bytes
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise OSError(error.errno, error.strerror, os.fspath(path)) from error
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{os.fsdecode(path)}: expected a network that fastnn saved, "
                f"got another or a damaged file ({reason})"
            ) from None


def _parse(archive: Archive) -> Saved:
    import json

    settings = json.loads(archive.text("header"), object_pairs_hook=_without_repetition)
    if settings.pop("format") != _FORMAT:
        raise ValueError("another format")
    version = settings.pop("version")
    if version not in (_HISTORY_IN_HEADER, _VERSION):
        raise ValueError(f"format version {version}, expected at most {_VERSION}")
    sizes = checks.layer_sizes("sizes", settings["sizes"])
    dtype = checks.float_dtype("dtype", settings["dtype"])
    arrays: dict[str, list[NDArray]] = {name: [] for name in settings.pop("arrays")}
    if not {"weights", "biases"} <= arrays.keys():  # or nothing in it has the size of sizes
        raise ValueError("there are no weights and biases")
    for name, layers in arrays.items():
        for l, (n_in, n_out) in enumerate(pairwise(sizes)):
            shape = (n_out, n_in if name.endswith("weights") else 1)
            layers.append(archive.array(f"{name}_{l}", dtype, shape))
    if version == _HISTORY_IN_HEADER:
        return Saved(settings, arrays, None)
    rows = archive.array("history", history_rows.row_type(len(sizes) - 1))
    history_rows.check(rows)
    return Saved(settings, arrays, rows)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name that comes twice in the header")
    return values
