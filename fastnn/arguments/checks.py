"""Bad input becomes a clear error: the argument, what was expected, and what came.

Every function returns its argument ready for use, or raises before anything changed.
"""

import math
import operator
import reprlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.arguments.array_input import any_masked, real_array, refuse_masked
from fastnn.arguments.hints import hint

__all__ = [
    "any_masked",
    "callback",
    "count",
    "finite",
    "flag",
    "float_dtype",
    "known",
    "layer_sizes",
    "number",
    "numeric",
    "option",
    "real",
    "rows",
    "rows_and_targets",
    "scale",
    "several",
    "share",
    "shown",
]

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 100
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 10


def shown(value: Any) -> str:
    """What came, for a message: its repr, if need be shortened, on one line."""
    return " ".join(_SHORT.repr(value).split())


def known(argument: str, name: Any, names: Iterable[str]) -> str:
    """One of `names`; ValueError, with a hint if it is plain which one was meant."""
    names = list(names)
    if isinstance(name, str) and name in names:
        return str(name)
    raise ValueError(
        f"{argument}: expected one of {', '.join(names)}; got {shown(name)}{hint(name, names)}"
    )


def option(argument: str, name: Any, names: Iterable[str]) -> str:
    """As `known`, but words may be joined by hyphens as well: "log-likelihood"; ValueError."""
    names = list(names)
    plain = name.replace("-", "_") if isinstance(name, str) else name
    return known(argument, plain if plain in names else name, names)


def count(argument: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """A whole number of at least `least`, at most `most`; TypeError or ValueError."""
    single = _single(argument, value)
    try:
        if isinstance(single, (bool, np.bool_)):
            raise TypeError
        whole = operator.index(single)
    except TypeError:
        raise TypeError(f"{argument}: expected a whole number, got {shown(value)}") from None
    if whole < least:
        raise ValueError(f"{argument}: expected at least {least}, got {whole}")
    if most is not None and whole > most:
        raise ValueError(f"{argument}: expected at most {most}, got {whole}")
    return whole


def flag(argument: str, value: Any) -> bool:
    """True or False; TypeError."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{argument}: expected True or False, got {shown(value)}")
    return bool(value)


def _single(argument: str, value: Any) -> Any:
    """The number in an array of one, as NumPy's functions return it; all else as it is."""
    if not isinstance(value, np.ndarray) or value.size != 1:
        return value
    refuse_masked(argument, value)
    return value.item()


def float_dtype(argument: str, value: DTypeLike) -> np.dtype:
    """float32 or float64, in the machine's byte order; ValueError."""
    try:
        name: object = None if value is None else np.dtype(value).name
    except (TypeError, ValueError):
        name = str(value)
    return np.dtype(known(argument, name, ("float32", "float64")))


def number(argument: str, value: Any, *, positive: bool = False) -> float:
    """A finite number, at least 0 or, if `positive`, above it; TypeError or ValueError."""
    single = _single(argument, value)
    try:
        if isinstance(single, (str, bytes, bool, np.bool_)):
            raise TypeError
        result = float(single)
    except OverflowError:  # a whole number that no float holds
        result = math.inf
    except (TypeError, ValueError):
        raise TypeError(f"{argument}: expected a number, got {shown(value)}") from None
    if not math.isfinite(result) or result < 0 or (positive and result == 0):
        expected = "a finite number above 0" if positive else "a finite number, 0 or more"
        raise ValueError(f"{argument}: expected {expected}, got {shown(value)}")
    return result


def scale(argument: str, value: Any, dtype: np.dtype) -> float:
    """A number above 0 that is finite, and not 0, as `dtype` as well; TypeError or ValueError."""
    result = number(argument, value, positive=True)
    with np.errstate(all="ignore"):
        if not 0 < dtype.type(result) < math.inf:
            raise ValueError(
                f"{argument}: expected a number that {dtype} can hold, got {shown(value)}"
            )
    return result


def share(argument: str, value: Any) -> float:
    """A number in [0, 1); TypeError or ValueError."""
    result = number(argument, value)
    if result >= 1:
        raise ValueError(f"{argument}: expected a number in [0, 1), got {shown(value)}")
    return result


def several(value: Any) -> bool:
    """Whether it is a list, a tuple or an array of any length, and not a single number."""
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def callback(argument: str, value: Any) -> Any:
    """None or something to call; TypeError."""
    if value is not None and not callable(value):
        raise TypeError(f"{argument}: expected a function or None, got {shown(value)}")
    return value


def rows_and_targets(argument: str, value: Any) -> tuple[Any, Any, Any]:
    """x, y, and how much each row counts or None, of two or three; TypeError or ValueError."""
    expected = f"{argument}: expected (x, y) or (x, y, sample_weight)"
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{expected}, got {type(value).__name__}")
    if len(value) not in (2, 3):
        raise ValueError(f"{expected}, got {len(value)} items")
    x, y, *weights = value
    return x, y, weights[0] if weights else None


def layer_sizes(argument: str, sizes: Any) -> list[int]:
    """At least two layer sizes of at least 1 each; TypeError or ValueError."""
    if isinstance(sizes, (str, bytes)) or not isinstance(sizes, Iterable):
        raise TypeError(f"{argument}: expected a list of layer sizes, got {shown(sizes)}")
    result = [count(f"{argument}[{i}]", size) for i, size in enumerate(sizes)]
    if len(result) < 2:
        raise ValueError(f"{argument}: expected an input and an output layer, got {result}")
    return result


def real(argument: str, values: Any, *, labels: bool = False) -> NDArray:
    """An array of real numbers, its dtype as it came; TypeError or ValueError.

    `labels` may be of classes, which errors then tell how to make integers of.
    """
    return real_array(argument, values, labels=labels)


def numeric(argument: str, values: Any, dtype: DTypeLike) -> NDArray:
    """An array of real, finite numbers as `dtype`; a copy only where one is needed."""
    array = real(argument, values)
    with np.errstate(over="ignore"):
        return finite(argument, np.asarray(array, dtype))


def finite(argument: str, array: NDArray) -> NDArray:
    """The array, if it holds neither NaN nor infinity; else a ValueError that says where."""
    if _finite_and_positive(array):
        return array
    with np.errstate(all="ignore"):
        # One quick pass: a sum is finite only if all its terms are.
        if math.isfinite(array.sum(dtype=array.dtype)):
            return array
        bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{argument}: expected finite numbers, got {array[where]} at {list(where)}"
            f" ({np.count_nonzero(bad)} such in all; is {array.dtype} wide enough for the values?)"
        )
    return array


def _finite_and_positive(array: NDArray) -> bool:
    """Whether all numbers are finite, and none has a minus sign; quicker than any sum.

    Read as whole numbers without a sign, such floats are ordered alike and below infinity, and all
    others are not below it.
    """
    if array.dtype not in (np.float32, np.float64) or not array.size:
        return False
    whole = np.dtype(f"u{array.dtype.itemsize}")
    infinity = np.array(np.inf, array.dtype).view(whole)
    return bool(array.view(whole).max() < infinity)


def rows(argument: str, values: Any, columns: int, dtype: DTypeLike) -> NDArray:
    """A C-contiguous (rows, columns) array of finite numbers, at least one row.

    Bytes stay uint8, in a quarter of the memory that floats take; all else becomes `dtype`. Rows
    of several axes, such as pictures (rows, 28, 28), are flattened if they have `columns` numbers.
    """
    array = real(argument, values)
    if array.ndim > 2 and math.prod(array.shape[1:]) == columns:
        array = array.reshape(len(array), columns)
    if array.dtype != np.uint8:
        array = numeric(argument, array, dtype)
    if array.ndim != 2 or array.shape[1] != columns:
        hint = ""
        if array.ndim == 1 and columns == 1:
            hint = f"; rows of one number are {argument}.reshape(-1, 1)"
        elif array.size == columns:
            hint = f"; one row is {argument}.reshape(1, -1)"
        raise ValueError(f"{argument}: expected shape (rows, {columns}), got {array.shape}{hint}")
    if array.shape[0] == 0:
        raise ValueError(f"{argument}: expected at least one row, got shape {array.shape}")
    return np.require(array, array.dtype, ["C", "A"])
