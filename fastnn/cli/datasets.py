"""The data sets that commands train on and measure: MNIST, a folder of IDX files, an .npz file.

A folder is as Fashion-MNIST and KMNIST come, files named `train-images-idx3-ubyte.gz` and so on; or
as EMNIST comes, whose files begin with the name of a part: then FOLDER/emnist-letters is one.
An .npz file has x and y, and x_test and y_test where there are rows to test; or x_train, y_train.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.cli.data_kind import Kind
from fastnn.cli.errors import CommandError
from fastnn.files import open_file

__all__ = ["DataSet", "is_data_set", "read"]

_IDX_FILE = re.compile(
    r"(?P<part>.*?)-?(?P<set>train|t10k|test)-(?P<kind>images|labels)([-.]idx\d-ubyte)?(\.gz)?"
)
_NPZ_NAMES = {"x": "x", "y": "y", "x_train": "x", "y_train": "y", "x_test": "x_test"} | {
    "y_test": "y_test"
}
_KEPT = 10  # one row in so many is kept for the test where a data set has no rows for it


class DataSet(NamedTuple):
    """Rows (n, inputs) of floats or bytes; labels (n,), or numbers (n, outputs)."""

    kind: Kind
    x: NDArray
    y: NDArray
    x_test: NDArray
    y_test: NDArray


def is_data_set(name: str) -> bool:
    """Whether it is one of several files, or a file with several arrays."""
    return name.endswith(".npz") or os.path.isdir(name) or bool(_parts(name))


def read(name: str, seed: int = 0) -> DataSet:
    """A data set that is not MNIST's own; CommandError or OSError.

    seed  of which rows are kept for the test, if none come with it
    """
    arrays = _of_file(name) if name.endswith(".npz") else _of_folder(name)
    x, y = _rows(name, "x", arrays["x"]), _targets(name, "y", arrays["y"])
    _check_alike(name, "x", x, "y", y)
    if "x_test" in arrays:
        x_test = _rows(name, "x_test", arrays["x_test"])
        y_test = _targets(name, "y_test", arrays["y_test"])
        _check_alike(name, "x_test", x_test, "y_test", y_test)
        if x_test.shape[1:] != x.shape[1:] or y_test.dtype.kind != y.dtype.kind:
            raise CommandError(f"{name}: expected test rows and targets like those to train on")
    else:
        order = np.random.default_rng(seed).permutation(len(x))
        kept, trained = np.split(order, [max(1, len(x) // _KEPT)])
        x, y, x_test, y_test = x[trained], y[trained], x[kept], y[kept]
    return DataSet(_kind_of(name, x, y, y_test), x, y, x_test, y_test)


def _kind_of(name: str, x: NDArray, y: NDArray, y_test: NDArray) -> Kind:
    classes = y.dtype.kind in "iu"
    outputs = y.shape[1] if y.ndim == 2 else 1
    if classes:
        lowest = min(int(y.min()), int(y_test.min()))
        if lowest < 0:
            raise CommandError(f"{name}: expected labels from 0 on, got {lowest}")
        outputs = max(2, int(y.max()) + 1, int(y_test.max()) + 1)
    images = x.dtype == np.uint8
    title = os.path.basename(os.path.normpath(name))
    scale = 1 / 255 if images else 1.0
    return Kind(title, "images" if images else "rows", x.shape[1], outputs, classes, scale, len(x))


def _parts(name: str) -> dict[str, dict[str, Path]]:
    """The IDX files of each part of a folder, by what they hold; `name` may end with a part's."""
    folder, wanted = (name, None) if os.path.isdir(name) else os.path.split(name)
    found: dict[str, dict[str, Path]] = {}
    if not os.path.isdir(folder or "."):
        return found
    for file in sorted(Path(folder or ".").iterdir()):
        match = _IDX_FILE.fullmatch(file.name)
        if match and wanted in (None, match["part"]) and file.is_file():
            kind = {"images": "x", "labels": "y"}[match["kind"]]
            kind += "" if match["set"] == "train" else "_test"
            found.setdefault(match["part"], {}).setdefault(kind, file)
    return found


def _of_folder(name: str) -> dict[str, NDArray]:
    from fastnn.datasets import read_idx

    os.stat(name if os.path.isdir(name) else os.path.dirname(name) or ".")  # or this is the error
    parts = _parts(name)
    if len(parts) > 1:
        given = ", ".join(os.path.join(name, part) for part in parts)
        raise CommandError(f"{name}: expected one data set, got several: {given}")
    files = next(iter(parts.values()), {})
    if not {"x", "y"} <= files.keys() or ("x_test" in files) != ("y_test" in files):
        raise CommandError(
            f"{name}: expected mnist, an .npz file, or a folder with IDX files of images and of "
            "labels, such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz"
        )
    return {kind: read_idx(file) for kind, file in files.items()}


def _of_file(name: str) -> dict[str, NDArray]:
    with open_file(name) as file:  # or this is the error
        try:
            with np.load(file, allow_pickle=False) as content:
                names = {n: _NPZ_NAMES[n] for n in content.files if n in _NPZ_NAMES}
                found = {own: content[n] for n, own in names.items()}
                others = ", ".join(content.files) or "nothing"
        except MemoryError:
            raise
        except Exception as error:  # whatever a damaged file provokes
            raise CommandError(f"{name}: expected a whole .npz file: {error}") from None
    if not {"x", "y"} <= found.keys() or ("x_test" in found) != ("y_test" in found):
        raise CommandError(
            f"{name}: expected arrays x and y, and both or none of x_test and y_test; got {others}"
        )
    return found


def _rows(name: str, argument: str, x: NDArray) -> NDArray:
    if x.dtype.kind not in "fiub":
        raise CommandError(f"{name}: {argument}: expected numbers, got {x.dtype}")
    if x.ndim < 2 or not x.size:
        raise CommandError(f"{name}: {argument}: expected rows of numbers, got shape {x.shape}")
    x = x.reshape(len(x), -1)
    return x if x.dtype.kind == "f" or x.dtype == np.uint8 else x.astype(np.float32)


def _targets(name: str, argument: str, y: NDArray) -> NDArray:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in "fiub" or y.ndim not in (1, 2) or (y.ndim == 2 and y.dtype.kind != "f"):
        raise CommandError(
            f"{name}: {argument}: expected integer labels (rows,), or float targets, "
            f"got shape {y.shape} of {y.dtype}"
        )
    return y.astype(np.int64) if y.dtype.kind in "iub" else y


def _check_alike(name: str, rows: str, x: NDArray, targets: str, y: NDArray) -> None:
    if len(x) != len(y):
        raise CommandError(
            f"{name}: {targets}: expected {len(x)} of them, as many as rows of {rows}, got {len(y)}"
        )
