"""The MNIST database of handwritten digits, from the files that the package carries.

The data are by Yann LeCun, Corinna Cortes and Christopher J.C. Burges and have a licence of their
own (CC BY-SA 3.0), in the folder `mnist` beside this file.
"""

from __future__ import annotations

import hashlib
import io
import math
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.datasets.idx import DatasetError
from fastnn.files import atomic_write

_FOLDER = Path(__file__).with_name("mnist")

# Bytes that are read in one step, of a packed and of an unpacked file: the 47 MB of all bytes are
# never in memory at once, and yet there are few steps: in each, this waits for threads that run
# Python code, up to 5 ms, while the command imports what it needs.
_STEP, _UNPACKED_STEP = 1 << 16, 1 << 20


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
    """One of the package's files: its shape and the SHA-256 of its unpacked content."""

    name: str
    shape: tuple[int, ...]
    sha256: str


_TRAIN_IMAGES = _File(
    "train-images-idx3-ubyte",
    (60000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
_TRAIN_LABELS = _File(
    "train-labels-idx1-ubyte",
    (60000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
_TEST_IMAGES = _File(
    "t10k-images-idx3-ubyte",
    (10000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
_TEST_LABELS = _File(
    "t10k-labels-idx1-ubyte",
    (10000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)


_FILES = (_TRAIN_IMAGES, _TRAIN_LABELS, _TEST_IMAGES, _TEST_LABELS)


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
    # A second thread computes SHA-256 while this one reads and converts: neither holds Python's
    # lock meanwhile.
    with ThreadPoolExecutor(1) as hasher:
        if raw:
            return MNIST(*(_read(file, np.uint8, hasher).reshape(file.shape) for file in _FILES))
        return MNIST(
            train_images=_read(_TRAIN_IMAGES, np.float32, hasher).reshape(-1, 784),
            train_labels=_read(_TRAIN_LABELS, np.int64, hasher),
            test_images=_read(_TEST_IMAGES, np.float32, hasher).reshape(-1, 784),
            test_labels=_read(_TEST_LABELS, np.int64, hasher),
        )


def unpack(folder: Path) -> list[Path]:
    """Write the package's packed files to a folder as they are unpacked; returns their paths.

    For whoever builds the package: `load_mnist` prefers these, for unpacking takes longer than all
    the rest of its work. A wheel, which is packed itself, has them in place of the packed ones, a
    checkout beside them.

    Raises DatasetError as `load_mnist`, and OSError if a file cannot be written.
    """
    paths = [folder / file.name for file in _FILES]
    with ThreadPoolExecutor(1) as hasher:
        for file, path in zip(_FILES, paths):
            with atomic_write(path) as unpacked:
                unpacked.writelines(_verified(file, *_packed(file), hasher))
    return paths


def _read(file: _File, dtype: DTypeLike, hasher: ThreadPoolExecutor) -> NDArray[Any]:
    """Read a file straight into a flat array of `dtype`, pixels as byte / 255 if it is float."""
    size = math.prod(file.shape)
    out = np.empty(size, dtype)
    is_float = out.dtype.kind == "f"

    # Where the next byte belongs; below 0 in the header, which the SHA-256 makes known to be right.
    position = -4 - 4 * len(file.shape)
    for piece in _verified(file, *_source(file), hasher):
        values = np.frombuffer(piece, np.uint8)[max(0, -position) :]
        target = out[max(0, position) :][: len(values)]
        position += len(piece)
        if is_float:
            # A true division in float32, so 255 gives exactly 1; times 1/255 rounds twice.
            np.divide(values, np.float32(255), out=target, dtype=np.float32)
        else:
            target[:] = values
    return out


def _source(file: _File) -> tuple[Path, Iterator[bytes]]:
    """Where a file is, unpacked or else packed, and its content in pieces."""
    path = _FOLDER / file.name
    stored = _open(path)
    return _packed(file) if stored is None else (path, _pieces(stored))


def _packed(file: _File) -> tuple[Path, Iterator[bytes]]:
    """Where the packed file is, and its content in pieces."""
    path = _FOLDER / f"{file.name}.gz"
    stored = _open(path)
    if stored is None:
        raise DatasetError(f"{path}: expected a file of the package fastnn, found none")
    return path, _unpacked(path, stored)


def _open(path: Path) -> BinaryIO | None:
    """A file of the package, which may be in a zip file that Python imports it from, or None."""
    try:
        return open(path, "rb")
    except (FileNotFoundError, NotADirectoryError):
        pass
    try:
        return io.BytesIO(__spec__.loader.get_data(str(path)))  # type: ignore[union-attr]
    except OSError:
        return None


def _verified(
    file: _File, path: Path, pieces: Iterator[bytes], hasher: ThreadPoolExecutor
) -> Iterator[bytes]:
    """Yield pieces, which are known to be the file's content when this ends without an error."""
    size = math.prod(file.shape)
    room = 4 + 4 * len(file.shape) + size
    digest = hashlib.sha256()
    hashing = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise DatasetError(f"{path}: damaged, expected {size} data bytes, found more")
        hashing.append(hasher.submit(digest.update, piece))  # one after the other
        yield piece
    for update in hashing:
        update.result()
    if (found := digest.hexdigest()) != file.sha256:
        raise DatasetError(
            f"{path}: damaged, expected content of SHA-256 {file.sha256}, found {found}"
        )


def _pieces(stored: BinaryIO, step: int = _UNPACKED_STEP) -> Iterator[bytes]:
    """A file's bytes as they are, to its end."""
    with stored:
        while piece := stored.read(step):
            yield piece


def _unpacked(path: Path, stored: BinaryIO) -> Iterator[bytes]:
    """The content of a file that is one gzip stream."""
    stream = zlib.decompressobj(wbits=31)  # 31: with gzip's header and checksum
    try:
        for piece in _pieces(stored, _STEP):
            yield stream.decompress(piece)
    except zlib.error as error:
        raise DatasetError(f"{path}: damaged, expected gzip data, found {error}") from None
    if not stream.eof or stream.unused_data:
        found = "more after it" if stream.eof else "it cut short"
        raise DatasetError(f"{path}: damaged, expected one gzip stream, found {found}")
