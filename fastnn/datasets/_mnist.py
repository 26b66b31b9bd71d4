"""The MNIST database of handwritten digits, from the files that the package carries.

The data are by Yann LeCun, Corinna Cortes and Christopher J.C. Burges and have a licence of their
own (CC BY-SA 3.0), in the folder `mnist` beside this file.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.datasets.idx import DatasetError

_FOLDER = Path(__file__).with_name("mnist")

# Compressed bytes that are unpacked in one step. What comes out of a step (some 300 kB) is hashed
# and converted while it is in the cache, and the 47 MB of all bytes are never in memory at once.
# Measured: 154 ms for all files, 168 ms when each is unpacked whole first; unpacking alone is 130.
_STEP = 1 << 16


class MNIST(NamedTuple):
    """The four arrays of MNIST: `x, y, xt, yt = load_mnist()` works, and so do the names.

    train_images    (60000, 784) float32 in [0, 1]; raw: (60000, 28, 28) uint8
    train_labels    (60000,)     int64, the digits 0 to 9; raw: uint8
    test_images     (10000, 784) as train_images
    test_labels     (10000,)     as train_labels
    """

    train_images: NDArray[Any]
    train_labels: NDArray[Any]
    test_images: NDArray[Any]
    test_labels: NDArray[Any]


class _File(NamedTuple):
    """One of the package's files: its shape and the SHA-256 of its uncompressed content."""

    name: str
    shape: tuple[int, ...]
    sha256: str


_TRAIN_IMAGES = _File(
    "train-images-idx3-ubyte.gz",
    (60000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
_TRAIN_LABELS = _File(
    "train-labels-idx1-ubyte.gz",
    (60000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
_TEST_IMAGES = _File(
    "t10k-images-idx3-ubyte.gz",
    (10000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
_TEST_LABELS = _File(
    "t10k-labels-idx1-ubyte.gz",
    (10000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)


def load_mnist(*, raw: bool = False) -> MNIST:
    """Load MNIST's 60,000 training and 10,000 test images with their labels.

    The data are part of the package: nothing is downloaded. Their SHA-256 is verified at each call.

    Args:
        raw: return the files' bytes as they are, instead of floats.

    Returns:
        The four arrays, C-contiguous and writable. Images are float32 of shape (n, 784), each value
        the pixel's byte / 255, so 0 is the paper's white and 1 full ink; labels are int64 of shape
        (n,). With `raw`, images are uint8 of shape (n, 28, 28) and labels uint8.

    Raises:
        DatasetError: one of the package's files is missing or damaged.
    """
    if raw:
        return MNIST(
            *(
                _read(file, np.uint8).reshape(file.shape)
                for file in (_TRAIN_IMAGES, _TRAIN_LABELS, _TEST_IMAGES, _TEST_LABELS)
            )
        )
    return MNIST(
        train_images=_read(_TRAIN_IMAGES, np.float32).reshape(-1, 784),
        train_labels=_read(_TRAIN_LABELS, np.int64),
        test_images=_read(_TEST_IMAGES, np.float32).reshape(-1, 784),
        test_labels=_read(_TEST_LABELS, np.int64),
    )


def _read(file: _File, dtype: DTypeLike) -> NDArray[Any]:
    """Unpack a file straight into a flat array of `dtype`, pixels as byte / 255 if it is float."""
    path = _FOLDER / file.name
    size = math.prod(file.shape)
    out = np.empty(size, dtype)
    is_float = out.dtype.kind == "f"
    digest = hashlib.sha256()
    stream = zlib.decompressobj(wbits=31)  # 31: with gzip's header and checksum

    # Where the next byte belongs; below 0 in the header, which the SHA-256 makes known to be right.
    position = -4 - 4 * len(file.shape)
    try:
        stored = memoryview(path.read_bytes())
        for start in range(0, len(stored), _STEP):
            piece = stream.decompress(stored[start : start + _STEP])
            digest.update(piece)
            values = np.frombuffer(piece, np.uint8)[max(0, -position) :]
            target = out[max(0, position) :][: len(values)]
            position += len(piece)
            if position > size:
                raise DatasetError(f"{path}: damaged, expected {size} data bytes, found more")
            if is_float:
                # A true division in float32, so 255 gives exactly 1; times 1/255 rounds twice.
                np.divide(values, np.float32(255), out=target, dtype=np.float32)
            else:
                target[:] = values
    except FileNotFoundError:
        raise DatasetError(f"{path}: expected a file of the package fastnn, found none") from None
    except zlib.error as error:
        raise DatasetError(f"{path}: damaged, expected gzip data, found {error}") from None

    if not stream.eof or stream.unused_data:
        found = "more after it" if stream.eof else "it cut short"
        raise DatasetError(f"{path}: damaged, expected one gzip stream, found {found}")
    found = digest.hexdigest()
    if found != file.sha256:
        raise DatasetError(
            f"{path}: damaged, expected content of SHA-256 {file.sha256}, found {found}"
        )
    return out
