"""Which code, and which functions to call, an activation or a cost has.

Both are given by name, or as the user's own functions of numbers: (sigma, sigma') of z, or (C,
dC/da) of a and y. What is called gets compiled here, for one dtype.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from fastnn.kernels.functions import (
    activations,
    costs,
    rare_activations,
    rare_costs,
    user_functions,
)
from fastnn.kernels.functions.calls import Called

__all__ = ["ACTIVATIONS", "COSTS", "Given", "activation", "cost"]

ACTIVATIONS = (*activations.CODES, *rare_activations.FUNCTIONS)
COSTS = (*costs.CODES, *rare_costs.FUNCTIONS)

Given = str | tuple[Callable, Callable]


@lru_cache
def activation(given: Given, dtype: np.dtype) -> tuple[int, Called | None]:
    """The activation's run-time code, and what it calls."""
    if not isinstance(given, str):
        function = user_functions.activation(*given)
        return activations.CALLED, Called(function, dtype, cache=False)
    if given in activations.CODES:
        return activations.CODES[given], None
    return activations.CALLED, Called(rare_activations.FUNCTIONS[given], dtype, cache=True)


@lru_cache
def cost(given: Given, dtype: np.dtype) -> tuple[int, tuple[Called, ...]]:
    """The cost's run-time code, and what it calls: the cost, and its derivative if need be."""
    if not isinstance(given, str):
        value, derivative = given
        own = user_functions.cost(value), user_functions.cost_derivative(derivative)
        return costs.CALLED, tuple(Called(f, dtype, cache=False) for f in own)
    if given in costs.CODES:
        return costs.CODES[given], ()
    code, *functions = rare_costs.FUNCTIONS[given]
    return code, tuple(Called(f, dtype, cache=True) for f in functions if f is not None)
