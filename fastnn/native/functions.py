"""Which code, and which functions to call, an activation or a cost has.

Both are given by name, or as the user's own functions of numbers: (sigma, sigma') of z, or (C,
dC/da) of a and y. These are compiled by Numba, for one dtype.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fastnn.layout import codes
from fastnn.machine.choice import CHOICE, INTERPRETED
from fastnn.native import calling

__all__ = ["Called", "Given", "activation", "cost"]

# A name; the user's (sigma, sigma') or (C, dC/da); or the name and the numbers of a cost with some.
Given = str | tuple[Callable, Callable] | tuple[str, tuple[float, ...]]


class Called(NamedTuple):
    """A function that kernels call, at its address; `owner` must live as long as that is used."""

    address: int
    owner: Any = None


@lru_cache
def activation(given: Given, dtype: np.dtype) -> tuple[int, Called | None]:
    """The activation's run-time code, and what it calls."""
    if isinstance(given, str) and given in codes.ACTIVATION_CODES:
        return codes.ACTIVATION_CODES[given], None
    if isinstance(given, str):
        return codes.CALLED_ACTIVATION, _named(given, dtype)
    from fastnn.kernels.functions import user_functions

    return codes.CALLED_ACTIVATION, _own(user_functions.activation(*given), dtype)


@lru_cache
def cost(given: Given, dtype: np.dtype) -> tuple[int, tuple[Called, ...]]:
    """The cost's run-time code, and what it calls: the cost, and its derivative if need be."""
    if not isinstance(given, str) and isinstance(given[0], str):
        given = given[0]
    if isinstance(given, str) and given in codes.COST_CODES:
        return codes.COST_CODES[given], ()
    if isinstance(given, str) and given in codes.CLIPPED_COSTS.values():
        return codes.CALLED_COST_WITH_Z, (_named(given, dtype),)
    if isinstance(given, str):
        code, functions = codes.RARE_COSTS[given], [given]
        if code == codes.CALLED_COST:
            functions.append(f"{given}-derivative")
        return code, tuple(_named(name, dtype) for name in functions)
    from fastnn.kernels.functions import user_functions

    value, derivative = given
    own = user_functions.cost(value), user_functions.cost_derivative(derivative)
    return codes.CALLED_COST, tuple(_own(function, dtype) for function in own)


def _named(name: str, dtype: np.dtype) -> Called:
    """One of fastnn's own."""
    key = f"called.{name.replace('-', '_')}({dtype.kind}{dtype.itemsize}*)"
    if CHOICE.mode == INTERPRETED:
        from fastnn.kernels import entry_points

        calling.reached.add(key)
        return Called(entry_points.interpreted_address(key))
    return Called(calling.address(key))


def _own(function: Callable, dtype: np.dtype) -> Called:
    """One of the user's."""
    from fastnn.kernels.functions import calls

    called = calls.Called(function, dtype)
    return Called(called.address, called)
