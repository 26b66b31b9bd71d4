"""The history as rows of numbers, one an epoch: how files hold it."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.training.history import Epoch

__all__ = ["HistoryRows", "as_lists", "check", "row_type"]

_HINTS = get_type_hints(Epoch)
_PER_LAYER = [name for name, hint in _HINTS.items() if hint == tuple[float, ...] | None]
_MAY_LACK = [name for name, hint in _HINTS.items() if type(None) in get_args(hint)]
# Which figures an epoch has not, a bit each: a number that is NaN is another thing.
_LACKING = "lacking"
_BITS = {name: 1 << i for i, name in enumerate(Epoch._fields)}
_LARGEST = 2**53  # whole numbers up to this are exact wherever they are read
_WRONG = (TypeError, ValueError, OverflowError)  # what figures that are none raise


def row_type(layers: int) -> np.dtype:
    """A row's type, for a network with so many layers of weights."""
    fields: list[tuple] = [("epoch", "<i8")]
    fields += [
        (name, "<f8", (layers,)) if name in _PER_LAYER else (name, "<f8")
        for name in Epoch._fields[1:]
    ]
    return np.dtype([*fields, (_LACKING, "<u8")])


class HistoryRows:
    """Makes rows of a history again and again, as it grows: only what is new is converted.

    For a checkpoint is written after each epoch, and there may be 100,000 before it: to convert
    all of these takes some 0.2 s, to see that none has changed some milliseconds.
    """

    def __init__(self, layers: int):
        self._layers = layers
        self._forget()

    def _forget(self) -> None:
        # The figures that rows were made of, and an array that begins with these rows.
        self._known: dict[str, list] = {name: [] for name in Epoch._fields}
        self._rows = np.empty(0, row_type(self._layers))

    def of(self, history: Mapping[str, list]) -> NDArray:
        """The rows (epochs,); ValueError unless the lists are such as `fit` makes.

        They are read-only, and may be those of the next call as well.
        """
        lists: dict[str, list] = {name: history.get(name, []) for name in Epoch._fields}
        counts = {len(figures) if isinstance(figures, list) else -1 for figures in lists.values()}
        if counts == {-1} or len(counts) > 1 or not history.keys() >= lists.keys():
            raise ValueError(f"history: expected lists of one length: {', '.join(lists)}")
        (count,) = counts
        known, rows = self._known, self._rows
        self._forget()  # until all has gone well
        first = len(known["epoch"])
        for name, figures in lists.items():
            known[name] += figures[first:]
        # Lists of the same objects are equal at a glance: only if somebody changed what was there
        # before, all is converted, to an array of its own, as others may read the old one.
        if known != lists:
            known, rows, first = {name: figures[:] for name, figures in lists.items()}, rows[:0], 0
        if count > len(rows):
            rows, old = np.empty(max(count, 2 * first), rows.dtype), rows
            rows[:first] = old[:first]
        new = {name: figures[first:] for name, figures in known.items()}
        self._convert(new, rows[first:count], first)
        self._known, self._rows = known, rows
        result = rows[:count]
        result.flags.writeable = False
        return result

    def _convert(self, lists: dict[str, list], rows: NDArray, first: int) -> None:
        rows[_LACKING] = 0
        for name, figures in lists.items():
            try:
                rows[name] = self._column(name, figures)
                continue
            except _WRONG:
                lacking = np.array([figure is None for figure in figures])
            if name in _MAY_LACK:
                nothing: Any = (np.nan,) * self._layers if name in _PER_LAYER else np.nan
                figures = [nothing if figure is None else figure for figure in figures]
                rows[_LACKING][lacking] |= np.uint64(_BITS[name])
            try:
                rows[name] = self._column(name, figures)
            except _WRONG:
                raise self._error(name, figures, first) from None

    def _column(self, name: str, figures: Sequence) -> NDArray:
        """The figures as numbers; one of _WRONG if some are none."""
        if name == "epoch":
            if set(map(type, figures)) - {int}:
                figures = [checks.count(name, figure) for figure in figures]
            column = np.fromiter(figures, np.int64, len(figures))
            if ((column < 1) | (column > _LARGEST)).any():
                raise ValueError
            return column
        if name not in _PER_LAYER:
            return _numbers(figures)
        if set(map(len, figures)) - {self._layers}:
            raise ValueError
        return _numbers(list(chain.from_iterable(figures))).reshape(-1, self._layers)

    def _error(self, name: str, figures: list, first: int) -> ValueError:
        """What to say of a column with something wrong in it."""
        expected = f"{self._layers} numbers" if name in _PER_LAYER else "a number"
        if name == "epoch":
            expected = f"a whole number from 1 to {_LARGEST}"
        i = next(i for i, figure in enumerate(figures) if not self._is_right(name, figure))
        return ValueError(
            f"history: {name}[{first + i}]: expected {expected}, got {figures[i]!r:.60}"
        )

    def _is_right(self, name: str, figure: Any) -> bool:
        try:
            self._column(name, [figure])
        except _WRONG:
            return False
        return True


def check(rows: NDArray) -> None:
    """ValueError unless HistoryRows could have made them."""
    if (rows["epoch"] < 1).any() or (rows["epoch"] > _LARGEST).any():
        raise ValueError("history: expected epochs that are counted from 1")
    if (rows[_LACKING] & ~np.uint64(sum(_BITS[name] for name in _MAY_LACK))).any():
        raise ValueError("history: expected figures that every epoch has")


def as_lists(rows: NDArray) -> dict[str, list]:
    """The history's lists."""
    lists = {}
    for name, bit in _BITS.items():
        figures: list = rows[name].T.tolist()
        if name in _PER_LAYER:
            figures = list(zip(*figures))
        for i in np.flatnonzero(rows[_LACKING] & np.uint64(bit)).tolist():
            figures[i] = None
        lists[name] = figures
    return lists


def _numbers(figures: Sequence) -> NDArray:
    """TypeError for what is no number: None and text become one when NumPy converts them."""
    sum(figures)
    return np.fromiter(figures, np.float64, len(figures))
