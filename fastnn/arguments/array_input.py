"""What a user hands in as an array, made one of real numbers; or an error that says the way out.

Other libraries' types are told by what they have, so that none of them is imported. Nobody has a
masked array or a Decimal before the module of these is.
"""

import numbers
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy import ma

__all__ = ["any_masked", "real_array", "refuse_masked"]

_REAL = "fiub"  # kinds of dtype
_TEXT = "UST"
_DURATIONS = (np.timedelta64, timedelta)


def real_array(argument: str, values: Any, *, labels: bool = False) -> NDArray:
    """An array of real numbers, of the dtype that it came with; TypeError or ValueError.

    Objects that are numbers become what NumPy makes of a list of them: int64 stays whole, Decimal
    becomes float64. `labels` are what names are made integers for, in the errors' ways out.
    """
    if type(values) is np.ndarray and values.dtype.kind in _REAL:
        return values
    listed = isinstance(values, (list, tuple))
    if not listed:
        _refuse_foreign(argument, values)
    if not listed or _lists_masked(values):
        refuse_masked(argument, values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError, UserWarning, _masked_error()) as error:
        refuse_masked(argument, values)
        _refuse_unread(argument, values, error)
    if listed and array.dtype.kind == "f" and array.size and np.isnan(array.min()):
        refuse_masked(argument, values)  # of single numbers that are masked NumPy makes NaN
    if array.dtype.kind == "O":
        return _of_objects(argument, values, array, labels)
    if array.dtype.kind not in _REAL:
        _refuse_dtype(argument, values, array, labels)
    return array


def any_masked(values: Iterable[Any]) -> bool:
    """Whether a masked array is among the values; NumPy would make plain numbers of its entries."""
    return any(issubclass(kind, _masked_type()) for kind in set(map(type, values)))


def refuse_masked(argument: str, values: Any) -> None:
    """ValueError if entries are masked, in a masked array or in one within lists."""
    found = _masked(values, "")
    if found is None:
        return
    where, array = found
    name = f"{argument}{where}"
    if array.ndim == 0:
        got, filled = "a masked entry", "put a number in its place"
    else:
        from numpy import ma

        count = int(ma.count_masked(array))
        got = f"a masked array with {count:,} of {array.size:,} entries masked"
        filled = f"fill them with {name.split()[-1]}.filled(value)"
    place = f" at {where}" if where else ""
    raise ValueError(
        f"{argument}: expected an array without masked entries, got {got}{place}; "
        f"{filled}, or leave those rows out"
    )


def _masked(values: Any, where: str) -> "tuple[str, ma.MaskedArray] | None":
    """The first masked array with masked entries, and the index in `values` that leads there."""
    if isinstance(values, _masked_type()):
        from numpy import ma

        return (where, values) if ma.is_masked(values) else None
    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        values = values.tolist()
    if not isinstance(values, (list, tuple)):
        return None
    kinds = set(map(type, values))
    if any(issubclass(kind, (_masked_type(), list, tuple)) for kind in kinds):
        for i, value in enumerate(values):
            if found := _masked(value, f"{where}[{i}]"):
                return found
    return None


def _masked_type() -> Any:
    return _of("numpy.ma", "MaskedArray")


def _masked_error() -> Any:
    """What masked arrays raise; without them ValueError, for () among others catches nothing."""
    return _of("numpy.ma", "MAError") or ValueError


def _of(module: str, name: str) -> Any:
    """A class, or () for none, if its module was not imported: nothing is an instance of it."""
    return getattr(sys.modules.get(module), name, ())


def _lists_masked(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a masked array is among those in lists, within lists too; numbers are not looked at.

    To look at each number would take as long as NumPy takes to make an array of them.
    """
    level = [values]
    while level:
        if level[0] and isinstance(level[0][0], (int, float, np.generic)):
            return False
        if any_masked(chain.from_iterable(level)):
            return True
        level = [each for row in level for each in row if isinstance(each, (list, tuple))]
    return False


def _refuse_foreign(argument: str, values: Any) -> None:
    """TypeError for what NumPy would make one object of, or nothing sensible."""
    kind, name = type(values).__name__, argument.split()[-1]
    if values is None:
        raise TypeError(f"{argument}: expected real numbers, got None (NoneType)")
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        way = f"{name}.toarray() is an array"
    elif isinstance(values, Mapping):
        way = f"an array is made of rows or columns, such as np.array(list({name}.values()))"
    elif isinstance(values, Set) and not hasattr(values, "mapping"):  # dicts' views do have one
        way = "a set has no order"
    elif isinstance(values, Iterator):
        way = f"it can be read only once: np.array(list({name})) is an array of what it yields"
    elif isinstance(values, Iterable) and not _is_array_like(values):
        way = f"np.array(list({name})) is an array of what it yields"
    else:
        return
    raise TypeError(f"{argument}: expected an array of numbers, got {_a(kind)}; {way}")


def _is_array_like(values: Any) -> bool:
    return hasattr(values, "__getitem__") or hasattr(values, "__array__")


def _refuse_unread(argument: str, values: Any, error: Exception) -> NoReturn:
    """The error for what NumPy has refused, with its reason."""
    with suppress(TypeError):
        lengths = [len(row) for row in values]
        other = next((i for i, length in enumerate(lengths) if length != lengths[0]), None)
        if other is not None:
            raise ValueError(
                f"{argument}: expected an array of numbers, got rows of different lengths: "
                f"{lengths[0]} at [0], {lengths[other]} at [{other}]"
            ) from None
    way, name = "", argument.split()[-1]
    if hasattr(values, "detach") and hasattr(values, "numpy"):  # a tensor
        floats = ".float()" if "bfloat16" in str(getattr(values, "dtype", "")) else ""
        way = f"; {name}.detach().cpu(){floats}.numpy() is an array"
    kind = ValueError if isinstance(error, ValueError) else TypeError
    reason = (str(error).splitlines() or [""])[0]
    raise kind(
        f"{argument}: expected an array of numbers, got {_a(type(values).__name__)} that NumPy "
        f"can't read ({reason}){way}"
    ) from None


def _refuse_dtype(argument: str, values: Any, array: NDArray, labels: bool) -> NoReturn:
    name, kind, dtype = argument.split()[-1], array.dtype.kind, array.dtype
    if kind in _TEXT:
        texts = array.ravel().tolist()
        index = next((i for i, text in enumerate(texts) if not _is_number(text)), 0)
        _refuse_object(argument, values, array, index, labels)
    if kind == "c":
        way = f"; {name}.real, {name}.imag and abs({name}) are"
    elif kind in "mM":
        way = f"; {_times(name, kind == 'm')}"
    elif dtype.names:
        way = f"; numpy.lib.recfunctions.structured_to_unstructured({name}) is an array of them"
    else:
        way = f"; {name}.astype(np.float32) are, if they are numbers"
    raise TypeError(f"{argument}: expected real numbers, got dtype {dtype}{way}")


def _of_objects(argument: str, values: Any, array: NDArray, labels: bool) -> NDArray:
    """The numbers that an array of objects holds, of a frame with columns of several kinds say."""
    refuse_masked(argument, array)
    objects = array.ravel().tolist()
    if array.ndim == 0 and not _is_real(type(objects[0])):
        kind = type(objects[0]).__name__
        raise TypeError(f"{argument}: expected an array of numbers, got {_a(kind)}")
    if not all(_is_real(kind) for kind in set(map(type, objects))):
        index = next(i for i, each in enumerate(objects) if not _is_real(type(each)))
        _refuse_object(argument, values, array, index, labels)
    # NumPy finds the dtype for numbers that it knows, but leaves Decimal and huge ones as objects.
    found = np.array(objects) if objects else np.zeros(0)
    try:
        found = found.astype(np.float64) if found.dtype.kind == "O" else found
    except OverflowError:
        raise ValueError(
            f"{argument}: expected numbers that float64 can hold, got larger ones"
        ) from None
    return found.reshape(array.shape)


def _refuse_object(
    argument: str, values: Any, array: NDArray, index: int, labels: bool
) -> NoReturn:
    """TypeError for the entry at this index of the flattened array, which is no real number."""
    entry, name = array.ravel().tolist()[index], argument.split()[-1]
    kind, where = type(entry).__name__, _place(values, array, index)
    got = _a(kind)
    if isinstance(entry, (str, bytes)):
        got, way = f"the text {entry[:40]!r}", _ways_of_text(name, entry, labels, "column" in where)
    elif entry is None or kind in ("NAType", "NaTType"):
        got = str(entry)
        filled = f", {name}.fillna(value)," if hasattr(values, "fillna") else ""
        way = f"where values are missing, fill them in{filled} or leave those rows out"
    elif isinstance(entry, (np.datetime64, *_DURATIONS)) or hasattr(entry, "isoformat"):
        way = _times(name, isinstance(entry, _DURATIONS))
    elif isinstance(entry, numbers.Complex):
        way = f"{name}.astype(complex).real are"
    elif isinstance(entry, (list, tuple)) or hasattr(entry, "__array__"):
        way = f"np.stack({name}) makes one array of rows that are equally long"
    else:
        way = f"{name}.astype(float) are numbers, if each entry can be made one"
    raise TypeError(f"{argument}: expected real numbers, got {got}{where}; {way}")


def _ways_of_text(name: str, text: str | bytes, labels: bool, frame: bool) -> str:
    if _is_number(text):
        kind = "int" if labels and text.strip().isdigit() else "float"
        return f"numbers that are written as text are np.asarray({name}, {kind})"
    if labels:
        return (
            f"classes, {name} = np.unique({name}, return_inverse=True) makes integer labels, "
            "and classes[labels] names again"
        )
    if frame:
        return f"leave it out, or make columns of 0 and 1 of it, as pandas.get_dummies({name}) does"
    return "leave texts out, or make a column of 0 and 1 for each that occurs"


def _place(values: Any, array: NDArray, index: int) -> str:
    """Where the entry is, in words: a frame's column by its name, else the index."""
    indices = [int(i) for i in np.unravel_index(index, array.shape)]
    columns = getattr(values, "columns", None)
    if columns is not None and array.ndim == 2:
        return f" in column {list(columns)[indices[1]]!r}"
    return f" at {indices}" if indices else ""


def _times(name: str, durations: bool) -> str:
    since = name if durations else f"({name} - start)"
    return f"seconds are {since} / np.timedelta64(1, 's')"


def _is_real(kind: type) -> bool:
    """Whether it is a type of real numbers; NumPy counts its timedelta64 among them."""
    return kind is not np.timedelta64 and issubclass(
        kind, (numbers.Real, np.bool_, _of("decimal", "Decimal"))
    )


def _is_number(text: str | bytes) -> bool:
    with suppress(ValueError):
        float(text)
        return True
    return False


def _a(kind: str) -> str:
    """With its article."""
    return f"an {kind}" if kind[:1].lower() in tuple("aeiou") else f"a {kind}"
