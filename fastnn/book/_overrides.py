"""What of the book's code a user has replaced, and the warning that it is slower.

The kernels compute what the book's methods compute. Where a method, a function of the module
or a cost is the user's own, it is called instead, sample by sample, as the book's code would.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from fastnn.arguments.user_warnings import warn_user

__all__ = ["Book", "Function", "SlowPathWarning", "book_of", "check_cost", "cost_name", "warn_once"]

Function = Callable[..., Any]


_ATTRIBUTE = "_fastnn_book"  # of a network's class: no subclass of a user's has such a name


class SlowPathWarning(UserWarning):
    """Something of the user's own is obeyed in NumPy, so that it is slower than the kernels.

    Given once for each network object and each reason.
    """


class Book:
    """One of the book's modules as it is without a user's changes, and what has been changed.

    module        the module's globals
    network       its class Network, which is told what it belongs to, see book_of
    methods       names of the methods that a user may replace
    functions     names of the module's functions that a user may replace
    gradient      those of both that the book's backprop stands on
    output        those of both that the output for an input, or its target, stands on
    costs         the module's cost classes and the engine's names of them; none of them if the
                  network's cost is always the quadratic one
    output_error  (net, z, a, y) -> delta of the output layer (BP1)
    """

    def __init__(
        self,
        module: dict[str, Any],
        network: type,
        *,
        methods: Iterable[str],
        functions: Iterable[str],
        gradient: tuple[str, ...],
        output: tuple[str, ...],
        costs: Mapping[Any, str],
        output_error: Function,
    ):
        self._module = module
        self._methods = {name: getattr(network, name) for name in methods}
        self._functions = {name: module[name] for name in functions}
        self._gradient, self._output = gradient, output
        self._costs = [(cost.delta, cost.fn, name) for cost, name in costs.items()]
        self.output_error = output_error
        setattr(network, _ATTRIBUTE, self)

    def function(self, name: str) -> Function:
        """The module's function of this name as it is now."""
        function: Function = self._module[name]
        return function

    def has_own(self, name: str) -> bool:
        """Whether the module's function of this name is the user's own."""
        return self._module[name] is not self._functions[name]

    def replaced(self, net: object, *names: str) -> list[str]:
        """Which of these methods and functions are others now, in a few words each.

        Methods may be replaced in a subclass, in the class itself or in the object, functions in
        the module.
        """
        reasons, kind, attributes = [], type(net), vars(net)
        for name in names:
            if name in self._functions:
                if self._module[name] is not self._functions[name]:
                    reasons.append(f"{self._module['__name__']}.{name} is not the book's")
            elif name in attributes or getattr(kind, name) is not self._methods[name]:
                reasons.append(f"{kind.__name__}.{name} is not the book's")
        return reasons

    def trained_cost(self, net: Any) -> str | None:
        """The engine's name of the cost whose delta trains the network, None for others."""
        if not self._costs:
            return "quadratic"
        own = getattr(net.cost, "delta", None)
        for delta, _, name in self._costs:
            if delta is own:
                return name
        return None

    def measured_cost(self, net: Any) -> str | None:
        """The engine's name of the cost whose fn measures the network, None for others."""
        if not self._costs:
            return "quadratic"
        own = getattr(net.cost, "fn", None)
        return next((name for _, fn, name in self._costs if fn is own), None)

    def own_gradient(self, net: Any) -> list[str]:
        """What is the user's own in the gradient of a sample."""
        own = self.replaced(net, "backprop", *self._gradient)
        if self.trained_cost(net) is None:
            own.append(f"{cost_name(net.cost)}.delta is not the book's")
        return own

    def backprops_cost(self, net: Any) -> str | None:
        """The engine's name of the cost, if what the book's backprop calls is the book's; None."""
        return None if self.replaced(net, *self._gradient) else self.trained_cost(net)

    def own_output(self, net: Any) -> list[str]:
        """What is the user's own in the output for an input, or in its target."""
        return self.replaced(net, *self._output)

    def own_cost(self, net: Any) -> list[str]:
        """What is the user's own in the cost of a sample."""
        if self.measured_cost(net):
            return []
        return [f"{cost_name(net.cost)}.fn is not the book's"]


# The module of the book that a network is of.
book_of: Callable[[Any], Book] = attrgetter(_ATTRIBUTE)


def check_cost(cost: Any, method: str) -> None:
    """Refuse what has not this method of a cost."""
    if not callable(getattr(cost, method, None)):
        raise TypeError(
            "cost: expected a class with fn(a, y) and delta(z, a, y), as CrossEntropyCost is,"
            f" got {cost!r} without {method}"
        )


def cost_name(cost: Any) -> str:
    """The name of a cost class, or of an instance's class."""
    return cost.__name__ if isinstance(cost, type) else type(cost).__name__


def warn_once(net: object, reasons: list[str]) -> None:
    """Warn of the reasons that this network was not warned of yet: one warning."""
    warned = vars(net).setdefault("_fastnn_warned", set())
    new = [reason for reason in reasons if reason not in warned]
    if new:
        warned.update(new)
        warn_user(
            f"slow path: {'; '.join(new)}. It is obeyed, sample by sample in NumPy, which is"
            " many times slower than the compiled kernels",
            SlowPathWarning,
        )
