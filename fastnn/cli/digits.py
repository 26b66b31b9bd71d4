"""Reading what a network is shown: .npy and IDX files here, pictures in `pictures`."""

import numpy as np
from numpy.typing import NDArray

from fastnn.cli import datasets
from fastnn.cli.display import warn
from fastnn.cli.errors import CommandError
from fastnn.datasets import load_mnist, read_idx
from fastnn.files import open_file

__all__ = ["read_rows", "read_test_data"]

_NPY = b"\x93NUMPY"
_GZIP = b"\x1f\x8b"
_IDX_TYPES = b"\x08\x09\x0b\x0c\x0d\x0e"


def read_rows(name: str, inputs: int, input_scale: float = 1.0) -> NDArray:
    """A file's rows (n, inputs) for a network, as floats, bytes divided by 255.

    Bytes stay as they are for a network with an `input_scale`, which multiplies them itself.

    A data set gives its test rows. Other files are told by their content: a .npy array, an IDX file
    or else a picture. An array holds rows of `inputs` numbers, or pictures of as many pixels; or
    only one of them.
    """
    if datasets.is_data_set(name):
        return _as_rows(name, _scaled(name, datasets.read(name).x_test, input_scale != 1), inputs)
    array = _read_array(name)
    if array is None:
        from fastnn.cli import pictures

        array = pictures.read(name)
    return _as_rows(name, _scaled(name, array, input_scale != 1), inputs)


def read_test_data(
    names: list[str] | None, inputs: int, input_scale: float = 1.0
) -> tuple[NDArray, NDArray]:
    """Rows (n, inputs) as `read_rows`, and labels (n,), of two files; MNIST's test set for None.

    Of a single name the test rows of a data set, see datasets.
    """
    if names is None:
        if inputs != 784:
            raise CommandError(
                f"MNIST's images have 784 pixels, the network takes {inputs} numbers; "
                "use --data IMAGES LABELS"
            )
        mnist = load_mnist(raw=input_scale != 1)
        return mnist.test_images.reshape(-1, inputs), mnist.test_labels
    if len(names) == 1:
        data = datasets.read(names[0])
        x_test = _scaled(names[0], data.x_test, input_scale != 1)
        return _as_rows(names[0], x_test, inputs), data.y_test
    x, y = read_rows(names[0], inputs, input_scale), _read_array(names[1])
    if y is None:
        raise CommandError(f"{names[1]}: expected labels in an IDX or a .npy file")
    if y.dtype.kind not in "iu" or y.shape != (len(x),):
        raise CommandError(
            f"{names[1]}: expected a label, a whole number, for each of the {len(x)} rows of "
            f"{names[0]}; got shape {y.shape} of {y.dtype}"
        )
    return x, y


def _read_array(name: str) -> NDArray | None:
    """The array of a .npy or IDX file; None if the file is neither."""
    with open_file(name) as file:
        start = file.read(len(_NPY))
    if start == _NPY:
        try:
            array: NDArray = np.load(name, allow_pickle=False)
        except MemoryError:
            raise
        except Exception as error:  # whatever a damaged header provokes
            raise CommandError(f"{name}: expected a whole .npy file: {error}") from None
        return array
    if start.startswith(_GZIP) or (
        len(start) > 2 and start[:2] == b"\0\0" and start[2] in _IDX_TYPES
    ):
        return read_idx(name)
    return None


def _scaled(name: str, array: NDArray, keep_bytes: bool) -> NDArray:
    """Bytes as fractions of 255; floats as they are, with a warning if they look like bytes."""
    if array.dtype == np.uint8:
        return array if keep_bytes else np.divide(array, np.float32(255), dtype=np.float32)
    if array.dtype.kind != "f":
        raise CommandError(f"{name}: expected floats or bytes (uint8), got {array.dtype}")
    if not keep_bytes and 1 < array.max(initial=0) <= 255 and (array == np.floor(array)).all():
        warn(f"{name}: floats are taken as they are, also {array.max():g}; divide by 255?")
    return array


def _as_rows(name: str, array: NDArray, inputs: int) -> NDArray:
    shape = array.shape
    are_rows = array.ndim in (1, 2) and shape[-1] == inputs
    are_pictures = array.ndim in (2, 3) and shape[-1] * shape[-2] == inputs
    if not (are_rows or are_pictures):
        side = round(inputs**0.5)
        pictures = f", or pictures of {side} x {side}" if side * side == inputs else ""
        found = " x ".join(map(str, shape)) or "a single number"
        raise CommandError(
            f"{name}: expected rows of {inputs} numbers, as the network's input{pictures}; "
            f"got an array of {found}"
        )
    rows = array.reshape(-1, inputs)
    if not len(rows):
        raise CommandError(f"{name}: expected at least one row, got none")
    return rows
