"""The caller's samples, tuples (x, y): checked, and packed into arrays with a row for each.

Letters: n samples; `size` is the number of neurons of the layer that a column belongs to.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastnn.arguments import checks
from fastnn.arguments.array_input import refuse_masked
from fastnn.book._finite import is_finite, looks_finite
from fastnn.engine import MOST_COLUMNS, Compressor, Inputs, copy_rows, find_rows

__all__ = [
    "PackedList",
    "Samples",
    "as_columns",
    "as_list",
    "check_columns",
    "check_sample",
    "first_not_finite",
    "labels_of",
    "pack_inputs",
    "pack_list",
    "pack_training",
    "same_shape",
    "split",
]

# Numbers that are packed in one step: few enough to be checked while they are in the cache.
_STEP = 1 << 18


class Samples(NamedTuple):
    """Packed samples.

    x       (n, inputs)   float64, or float32 where that was allowed and nothing is lost by it
    y       (n, outputs)  float64: the targets
    finite  whether both hold neither NaN nor infinity
    """

    x: NDArray[Any]
    y: NDArray[np.float64]
    finite: bool


class PackedList(NamedTuple):
    """A list of training data and its packed samples, whose rows are in another order.

    x       the samples' inputs, for a training
    y       (n, outputs) float64, their targets
    tuples  the list's tuples (x, y) in the order of the rows
    rows    (n,) the row of each of the list's tuples, in the list's order
    finite  whether x and y hold neither NaN nor infinity
    """

    x: Inputs
    y: NDArray[np.float64]
    tuples: list[Any]
    rows: NDArray[np.int64]
    finite: bool


def as_list(data: Iterable[Any], name: str) -> list[Any]:
    """The caller's own list, or a new one of what any other iterable yields.

    An iterator that yields nothing is an error: it has been read before, as a rule.
    """
    expected = f"{name}: expected tuples (x, y)"
    if not isinstance(data, Iterable):
        raise TypeError(f"{expected}, got {data!r}")
    samples = data if isinstance(data, list) else list(data)
    if not samples and isinstance(data, Iterator):
        raise ValueError(
            f"{expected}, got none: this {type(data).__name__} is used up, it can be read only"
            " once; make a list of it first, list(...), and pass that each time"
        )
    return samples


def split(samples: Sequence[Any], name: str) -> tuple[list[Any], list[Any]]:
    """All x and all y of the tuples (x, y)."""
    with suppress(TypeError, ValueError):
        return [x for x, _ in samples], [y for _, y in samples]
    for i, sample in enumerate(samples):
        try:
            _, _ = sample
        except (TypeError, ValueError):
            got = _describe(sample)
            raise TypeError(f"{name}[{i}]: expected a tuple (x, y), got {got}") from None
    raise TypeError(f"{name}: expected tuples (x, y)")


def pack_training(
    samples: Sequence[Any],
    sizes: Sequence[int],
    name: str,
    hint: str,
    narrowest: DTypeLike = np.float32,
) -> Samples:
    """Pack samples whose y are columns of targets, one-hot as a rule.

    samples    tuples (x, y) of (inputs, 1) and (outputs, 1) columns; flat ones are accepted
    name       the caller's argument, for the messages
    hint       what to do if y are integers
    narrowest  the dtype of x if nothing is lost by it
    """
    xs, ys = split(samples, name)
    x, x_finite = _pack(xs, sizes[0], narrowest, f"{name}[{{}}]: x", "")
    y, y_finite = _pack(ys, sizes[-1], np.float64, f"{name}[{{}}]: y", hint)
    return Samples(x, y, x_finite and y_finite)


def pack_inputs(xs: list[Any], size: int, name: str, narrowest: DTypeLike) -> NDArray[Any]:
    """The columns (inputs, 1) as the rows of one array; NaN and infinity pass."""
    return _pack(xs, size, narrowest, f"{name}[{{}}]: x", "")[0]


def pack_list(data: list[Any], sizes: Sequence[int], name: str, hint: str) -> PackedList:
    """Pack a list of training data in the order in which its tuples lie in memory.

    That is the order in which they, and their arrays, were made. To follow it in a list that a
    training has shuffled takes a third of the time that jumping about takes. A tuple that is
    there twice may change places with itself.
    """
    by_address = np.argsort(np.fromiter(map(id, data), np.int64, len(data)))
    tuples = [data[i] for i in by_address.tolist()]
    try:
        xs, ys = split(tuples, name)
        x, x_finite = _pack_for_training(xs, sizes[0], f"{name}[{{}}]: x")
        y, y_finite = _pack(ys, sizes[-1], np.float64, f"{name}[{{}}]: y", hint)
    except (TypeError, ValueError):
        pack_training(data, sizes, name, hint)  # the same error, with the caller's index
        raise
    rows = np.empty(len(data), np.int64)
    rows[by_address] = np.arange(len(data))
    return PackedList(x, y, tuples, rows, x_finite and y_finite)


def first_not_finite(samples: Sequence[Any]) -> int:
    """The index of the first of the samples (x, y) that holds NaN or infinity."""
    for i, sample in enumerate(samples):
        if not all(is_finite(np.asarray(column)) for column in sample):
            return i
    raise AssertionError("expected NaN or infinity in one of the samples")


def labels_of(values: list[Any], outputs: int, name: str, hint: str) -> NDArray[Any]:
    """The y of evaluation data as numbers (n,), NaN for what is none: text, None.

    Raises ValueError where y is no single value, a one-hot column for example; `hint` says what to
    do then.
    """
    labels = np.zeros((0, 0))
    with suppress(TypeError, ValueError):  # the first odd one is named below
        labels = checks.real("y", values)
    if labels.size == len(values) and labels.dtype.kind in "fiub":
        return labels.reshape(-1)
    return np.array([_label(v, outputs, f"{name}[{i}]", hint) for i, v in enumerate(values)])


def _label(value: Any, outputs: int, where: str, hint: str) -> Any:
    refuse_masked(f"{where}: y", value)
    try:
        array = checks.real("y", value)
    except (TypeError, ValueError):
        return np.nan
    if array.size == 1:
        return array.item()
    raise ValueError(
        f"{where}: y: expected an integer from 0 to {outputs - 1}, got {_describe(value)}"
        f"{hint if array.size == outputs else ''}"
    )


def as_columns(a: ArrayLike) -> NDArray[Any]:
    """The array, a flat one (n,) as a column (n, 1) and a number as (1, 1)."""
    refuse_masked("x or y", a)
    array = np.asarray(a)
    return array.reshape(-1, 1) if array.ndim < 2 else array


def check_columns(a: ArrayLike, size: int, name: str) -> NDArray[Any]:
    """One column (size, 1), a flat one (size,) too, or a matrix (size, k) of columns."""
    array = checks.real(name, a)
    columns = as_columns(array)
    if columns.ndim != 2 or len(columns) != size:
        raise ValueError(
            f"{name}: expected a column of shape ({size}, 1) or a matrix of such columns,"
            f" got {_describe(array)}"
        )
    return columns


def check_sample(
    x: ArrayLike, y: ArrayLike, sizes: Sequence[int]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """One sample's columns x (inputs, 1) and y (outputs, 1), flat ones too.

    Matrices (inputs, k) and (outputs, k) of k samples pass as well.
    """
    x, y = check_columns(x, sizes[0], "x"), check_columns(y, sizes[-1], "y")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y: expected as many columns as x, {x.shape[1]}, got {y.shape[1]}")
    return x, y


def same_shape(a: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Outputs a and targets y as arrays of one shape, a flat one beside a column as a column.

    Anything else would be broadcast to a matrix without a word. Only a single output may stand
    before a longer column, as with the book's ten rows of vectorized_result.
    """
    refuse_masked("a", a)
    refuse_masked("y", y)
    a, y = np.asarray(a), np.asarray(y)
    if a.ndim != y.ndim:
        a, y = as_columns(a), as_columns(y)
    if a.shape != y.shape and not (a.shape == (1, 1) and y.shape == (y.size, 1)):
        raise ValueError(f"y: expected the outputs' shape {a.shape}, got {y.shape}")
    return a, y


def _pack_for_training(columns: list[Any], size: int, where: str) -> tuple[Inputs, bool]:
    """The columns as rows: their non-zeros, or all numbers if most aren't 0 or some not finite."""
    for dtype in (np.float32, np.float64):
        with suppress(TypeError, ValueError):  # as in _pack
            inputs = _compress(columns, size, dtype)
            if inputs is None:
                break
            return inputs, True
    rows, finite = _pack(columns, size, np.float32, where, "")
    return Inputs(rows, np.float64), finite


def _pack(
    columns: list[Any], size: int, narrowest: DTypeLike, where: str, hint: str
) -> tuple[NDArray[Any], bool]:
    """The columns as rows of one array (n, size), float64 or, if that is exact, `narrowest`.

    Also whether all of it is finite. `where` names a column in messages, its index to be put in.
    """
    for dtype in (narrowest, np.float64):
        with suppress(TypeError, ValueError):  # too wide for this dtype, flat, or wrong
            return _concatenate(columns, size, dtype)
    good = [_column(c, size, where.format(i), hint) for i, c in enumerate(columns)]
    rows = np.ascontiguousarray(np.concatenate(good, axis=1).T)
    return rows, is_finite(rows)


def _concatenate(columns: list[Any], size: int, dtype: DTypeLike) -> tuple[NDArray[Any], bool]:
    """The columns, of shape (size, 1) each, as rows of this dtype; an error for any others."""
    packed, step, finite = np.empty((len(columns), size), dtype), max(1, _STEP // size), True
    rows = find_rows(columns, size, dtype)
    for first in range(0, len(columns), step):
        piece = packed[first : first + step]
        if rows is None:
            _fill(piece, columns[first : first + step])
        else:
            copy_rows(rows.part(first, step), piece)
        finite = finite and is_finite(piece)
    return packed, finite


def _compress(columns: list[Any], size: int, dtype: DTypeLike) -> Inputs | None:
    """The same by their non-zeros, without ever being a matrix; None if these are too many.

    An error too if there are numbers that may not be finite.
    """
    if size > MOST_COLUMNS:
        return None
    compressor, step = Compressor(len(columns), size, np.float64), max(1, _STEP // size)
    buffer = np.empty((min(step, len(columns)), size), dtype)
    rows = find_rows(columns, size, dtype)
    for first in range(0, len(columns), step):
        piece: Any = buffer[: len(columns) - first]
        if rows is None:
            _fill(piece, columns[first : first + step])
        else:
            piece = rows.part(first, step)
        if not looks_finite(compressor.add(piece)):  # neither NaN nor infinity is 0
            raise ValueError("NaN, infinity, or numbers whose squares are too large")
        if not compressor.mostly_zeros:
            return None
    return Inputs.compressed(compressor, dtype)


def _fill(piece: NDArray[Any], columns: list[Any]) -> None:
    """Write the columns to the rows of a piece; an error unless all fit and nothing is lost.

    For columns that `find_rows` does not find. Side by side (axis 1) and not one below the other,
    so that NumPy itself compares every column's length.
    """
    if checks.any_masked(columns):
        raise ValueError("a masked array, of whose masks np.concatenate knows nothing")
    np.concatenate(columns, axis=1, out=piece.T, casting="safe")


def _column(value: Any, size: int, where: str, hint: str) -> NDArray[np.float64]:
    """One column (size, 1), from whatever shape is accepted as such."""
    array = checks.real(where, value)
    columns = as_columns(array)
    if columns.shape != (size, 1):
        hint = hint if array.size == 1 else ""
        raise ValueError(
            f"{where}: expected a column of shape ({size}, 1), got {_describe(value)}{hint}"
        )
    return columns.astype(np.float64)


def _describe(value: Any) -> str:
    """What came instead, in a few words."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
