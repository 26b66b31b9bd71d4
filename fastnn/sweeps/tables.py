"""The histories of many networks as one table, ready for a data frame."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from fastnn.sweeps.fit_many import Fitted

__all__ = ["table"]


def table(results: "Sequence[Fitted]") -> dict[str, list]:
    """What `fit_many` returned as a dict of equally long lists, one row a network and epoch.

        frame = pandas.DataFrame(fastnn.table(results))

    Its columns are `network`, the spec's index; the keywords that differ between the specs, None
    where a spec hasn't one, lists as tuples; then those of `History.table`, None for layers that
    a network hasn't. A keyword with the name of one of these becomes `spec_` and the name:
    `spec_learning_rate` is what the spec says, `learning_rate` what each epoch ended with.
    """
    histories = [fitted.history.table() for fitted in results]
    columns = list(dict.fromkeys(name for history in histories for name in history))
    varied = _varied([fitted.spec for fitted in results])
    names = {name: f"spec_{name}" if name in ("network", *columns) else name for name in varied}
    rows: dict[str, list] = {name: [] for name in ("network", *names.values(), *columns)}
    for i, (fitted, history) in enumerate(zip(results, histories, strict=True)):
        epochs = len(fitted.history["epoch"])
        rows["network"] += [i] * epochs
        for name, column in names.items():
            rows[column] += [_hashable(fitted.spec.get(name))] * epochs
        for name in columns:
            rows[name] += history.get(name, [None] * epochs)
    return rows


def _varied(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keywords whose values aren't the same in all specs, in the order they appear."""
    names = dict.fromkeys(name for spec in specs for name in spec)
    first = specs[0] if specs else {}
    return [n for n in names if any(not _same(spec.get(n), first.get(n)) for spec in specs)]


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and bool(np.array_equal(one, other)))


def _hashable(value: Any) -> Any:
    """Lists as tuples, so that a data frame can group by them."""
    return tuple(_hashable(v) for v in value) if isinstance(value, list) else value
