"""Activations and costs of the user's own, and how functions are given and named."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numba.core import config
from numba.core.errors import NumbaError
from numpy.typing import DTypeLike

from fastnn import checks
from fastnn.engine import ACTIVATIONS, COSTS

__all__ = ["UserActivation", "UserCost", "compiled", "known", "name_of", "per_layer"]


class UserActivation:
    """An activation of your own: sigma(z), and its derivative.

        swish = fastnn.UserActivation(
            lambda z: z / (1 + math.exp(-z)),
            lambda z: (1 + math.exp(-z) * (1 + z)) / (1 + math.exp(-z)) ** 2,
            name="swish",
        )
        net = fastnn.Network([784, 100, 10], activation=swish)

    function, derivative  of one number z, returning one; Python that Numba can compile (`math`,
                          arithmetic, `if`), or functions that numba.njit has compiled. z is of
                          the network's dtype. They are compiled when a network is made, and run
                          inside the kernels
    name                  what the network is saved with; by default the function's

    A wrong derivative makes wrong gradients, and nobody notices. Raises TypeError or ValueError.
    """

    arguments = ("z",)

    def __init__(self, function: Callable, derivative: Callable, name: str | None = None):
        kind = type(self).__name__
        for argument, value in (("function", function), ("derivative", derivative)):
            if not callable(value):
                raise TypeError(f"{kind}'s {argument}: expected a function, got {value!r}")
        name = getattr(function, "__name__", None) if name is None else name
        if not isinstance(name, str) or not name:
            raise TypeError(f"{kind}'s name: expected a text, got {name!r}")
        if name in ACTIVATIONS or name in COSTS:
            raise ValueError(f"{kind}'s name: expected one that is not fastnn's, got {name!r}")
        self.function, self.derivative, self.name = function, derivative, name

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.function, self.derivative, self.name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class UserCost(UserActivation):
    """A cost of your own: C(a, y) of one output a and its target y, and dC/da.

        log_cosh = fastnn.UserCost(
            lambda a, y: math.log(math.cosh(a - y)), lambda a, y: math.tanh(a - y), name="log-cosh"
        )
        net = fastnn.Network([8, 20, 1], cost=log_cosh, output_activation="identity")

    A row's cost is the sum over its outputs. Arguments as for `UserActivation`.
    """

    arguments = ("a", "y")


Given = str | UserActivation


class _Kind(NamedTuple):
    names: Sequence[str]
    type: type


_KINDS = {"cost": _Kind(COSTS, UserCost)}
_ACTIVATION = _Kind(ACTIVATIONS, UserActivation)


def known(argument: str, value: Any, functions: Iterable[UserActivation] = ()) -> Given:
    """An activation or, if `argument` is "cost", a cost: a name, or one of the user's.

    `functions` are those of the user's that may be named. Raises ValueError.
    """
    names, kind = _KINDS.get(argument, _ACTIVATION)
    if type(value) is kind:
        return value
    for function in functions:
        if type(function) is kind and function.name == value:
            return function
    return checks.known(argument, value, names)


def per_layer(
    argument: str, value: Any, layers: int, functions: Iterable[UserActivation] = ()
) -> list[Given]:
    """One activation for each hidden layer, from one for all or from a list of as many."""
    if not isinstance(value, (list, tuple)):
        return [known(argument, value, functions)] * layers
    if len(value) != layers:
        raise ValueError(
            f"{argument}: expected one for each of the {layers} hidden layers, got {len(value)}"
        )
    return [known(f"{argument}[{i}]", each, functions) for i, each in enumerate(value)]


def name_of(given: Given) -> str:
    """What it is saved as."""
    return given if isinstance(given, str) else given.name


def compiled(argument: str, given: Given, dtype: DTypeLike) -> str | tuple[Callable, Callable]:
    """As the engine wants it. Raises TypeError for a function that can't be compiled."""
    if isinstance(given, str):
        return given
    dtype = np.dtype(dtype)
    pair = []
    for role, function in (("function", given.function), ("derivative", given.derivative)):
        try:
            pair.append(_compiled(function, len(given.arguments), dtype))
        except (NumbaError, TypeError) as error:
            reason = next((line for line in str(error).splitlines()[1:] if line), str(error))
            raise TypeError(
                f"{argument}: expected a {role} of ({', '.join(given.arguments)}) that Numba can "
                f"compile and that returns a number; {given.name} does not: {reason.strip()}"
            ) from None
    return pair[0], pair[1]


@lru_cache
def _compiled(function: Callable, arguments: int, dtype: np.dtype) -> Callable:
    """The function, compiled for numbers of this dtype."""
    if config.DISABLE_JIT:
        value = function(*[dtype.type(0.5)] * arguments)
        if not isinstance(value, (int, float, np.number)):
            raise TypeError(f"it returns {value!r}")
        return function
    jitted: Any = function
    if not hasattr(function, "get_compile_result"):
        jitted = numba.njit(nogil=True, error_model="numpy")(function)
    signature = (numba.from_dtype(dtype),) * arguments
    jitted.compile(signature)
    result = jitted.get_compile_result(signature).signature.return_type
    if not isinstance(result, (types.Float, types.Integer, types.Boolean)):
        raise TypeError(f"it returns {result}")
    return jitted
