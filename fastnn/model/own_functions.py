"""Activations and costs of the user's own, and how functions are given and named."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from fastnn.arguments import checks
from fastnn.engine import ACTIVATIONS, COSTS
from fastnn.machine.choice import CHOICE, INTERPRETED
from fastnn.model.costs import Pinball, SmoothedCost, pinball_of

__all__ = [
    "Given",
    "GivenCost",
    "MissingFunctionError",
    "UserActivation",
    "UserCost",
    "compiled",
    "from_names",
    "hidden_activations",
    "known",
    "named",
    "underscored",
]

# The kernels' names by fastnn's, which have underscores.
_IN_KERNELS = {name.replace("-", "_"): name for name in (*ACTIVATIONS, *COSTS)}


class MissingFunctionError(ValueError):
    """A file names a function that is not fastnn's."""


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

    arguments: tuple[str, ...] = ("z",)

    def __init__(self, function: Callable, derivative: Callable, name: str | None = None):
        kind = type(self).__name__
        for argument, value in (("function", function), ("derivative", derivative)):
            if not callable(value):
                raise TypeError(f"{kind}'s {argument}: expected a function, got {value!r}")
        name = getattr(function, "__name__", None) if name is None else name
        if not isinstance(name, str) or not name:
            raise TypeError(f"{kind}'s name: expected a text, got {name!r}")
        if name.replace("-", "_") in _IN_KERNELS:
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
GivenCost = str | UserCost | SmoothedCost | Pinball


class _Kind(NamedTuple):
    names: Sequence[str]
    type: type[UserActivation]


_KINDS = {"cost": _Kind([name.replace("-", "_") for name in COSTS], UserCost)}
_ACTIVATION = _Kind(ACTIVATIONS, UserActivation)


def known(argument: str, value: Any) -> Any:
    """A name, or one of the user's: a cost if `argument` is "cost", else an activation."""
    names, kind = _KINDS.get(argument, _ACTIVATION)
    if kind is UserCost and isinstance(found := pinball_of(value), Pinball):
        return found
    if isinstance(value, SmoothedCost) and kind is UserCost:
        return value if value.label_smoothing else value.name
    if isinstance(value, UserActivation) and type(value) is kind:
        return value
    if callable(value) or isinstance(value, UserActivation):
        ways = f"fastnn.{kind.__name__}(function, derivative)"
        if kind is UserCost:
            ways += " or fastnn.CrossEntropy(label_smoothing=...)"
        raise TypeError(f"{argument}: expected a name or a {ways}, got {checks.shown(value)}")
    return checks.option(argument, value, names)


def hidden_activations(value: Any, layers: int) -> list[Given]:
    """One activation for each hidden layer, from one for all or from a list of as many."""
    if not isinstance(value, (list, tuple)):
        return [known("activation", value)] * layers
    if len(value) != layers:
        raise ValueError(
            f"activation: expected one for each of the {layers} hidden layers, got {len(value)}"
        )
    return [known(f"activation[{i}]", each) for i, each in enumerate(value)]


def named(given: Any) -> Any:
    """What is saved: the name, or a list of names."""
    if isinstance(given, list):
        return [named(each) for each in given]
    own = (UserActivation, SmoothedCost, Pinball)
    return given.name if isinstance(given, own) else given


def from_names(argument: str, names: Any, functions: Iterable[UserActivation]) -> Any:
    """What `named` made names of, with the user's `functions` put in.

    Raises MissingFunctionError.
    """
    if isinstance(names, list):
        return [from_names(argument, each, functions) for each in names]
    known_names, kind = _KINDS.get(argument, _ACTIVATION)
    if kind is UserCost and isinstance(found := pinball_of(names), Pinball):
        return found
    if names is None or underscored(names) in known_names:
        return underscored(names)
    for function in functions:
        if type(function) is kind and function.name == names:
            return function
    raise MissingFunctionError(
        f"{argument}: {names!r} is none of {', '.join(known_names)}: expected the "
        f"fastnn.{kind.__name__} of that name in functions=[...], or the file is damaged"
    )


def underscored(name: Any) -> Any:
    """Fastnn's spelling of a name that files of version 0.1 have with hyphens; others as it is."""
    plain = name.replace("-", "_") if isinstance(name, str) else None
    return plain if plain in _IN_KERNELS else name


def compiled(argument: str, given: Given | GivenCost, dtype: DTypeLike) -> Any:
    """As the engine wants it. Raises TypeError for a function that can't be compiled."""
    if isinstance(given, Pinball):
        return "pinball", given.quantiles
    if not isinstance(given, UserActivation):
        return _IN_KERNELS[named(given)]
    dtype = np.dtype(dtype)
    pair = []
    for role, function in (("function", given.function), ("derivative", given.derivative)):
        try:
            pair.append(_compiled(function, len(given.arguments), dtype))
        except Exception as error:  # Numba, and in interpreted runs the function, raise anything
            reason = next((line for line in str(error).splitlines()[1:] if line), str(error))
            raise TypeError(
                f"{argument}: expected a {role} of ({', '.join(given.arguments)}) that Numba can "
                f"compile and that returns a number; {given.name} does not: {reason.strip()}"
            ) from None
    return pair[0], pair[1]


@lru_cache
def _compiled(given: Callable, arguments: int, dtype: np.dtype) -> Callable:
    """The function, compiled for numbers of this dtype."""
    import inspect

    function = given
    if CHOICE.mode == INTERPRETED:
        value = function(*[dtype.type(0.5)] * arguments)
        if not isinstance(value, (int, float, np.floating, np.integer)):
            raise TypeError(f"it returns {value!r}")
        return function
    import numba
    from numba import types

    jitted: Any = function
    if not hasattr(function, "overloads"):
        if not inspect.isfunction(function):  # math.tanh, say, which Numba knows as a callee only
            function = (lambda z: given(z)) if arguments == 1 else (lambda a, y: given(a, y))
        jitted = numba.njit(nogil=True, error_model="numpy")(function)
    signature = (numba.from_dtype(dtype),) * arguments
    jitted.compile(signature)
    result = jitted.overloads[signature].signature.return_type
    if not isinstance(result, (types.Float, types.Integer, types.Boolean)):
        raise TypeError(f"it returns {result}")
    return jitted
