"""What comes in: a `Network` of a portable one. All readers return through here."""

from __future__ import annotations

from fastnn.model.own_functions import MissingFunctionError, from_names
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["as_network", "fitting_cost"]

_COST_OF_OUTPUT = {
    "sigmoid": "cross_entropy",
    "softmax": "log_likelihood",
    "exponential": "poisson",
}


def fitting_cost(output_activation: str) -> str:
    """The cost to train on with, where nobody says which one it was: "quadratic" fits all."""
    return _COST_OF_OUTPUT.get(output_activation, "quadratic")


def as_network(portable: PortableNetwork) -> Network:
    """A network with these weights and biases, to the bit, that computes the same.

    Its cost is the one that `portable` names; if that is "", or a UserCost's, the fitting one. It
    has no history, and no names of classes. Raises ValueError for what no network can be.
    """
    *hidden, output = portable.activations
    arrays = [*portable.weights, *portable.biases]
    if any(array.dtype != portable.dtype for array in arrays):
        raise ValueError("expected weights and biases of one dtype")
    try:
        cost = from_names("cost", portable.cost or fitting_cost(output), ())
    except MissingFunctionError:
        cost = fitting_cost(output)
    return Network(
        portable.sizes,
        hidden[0] if hidden and len(set(hidden)) == 1 else hidden,
        cost,
        output_activation=output,
        initializer=(portable.weights, [b[:, None] for b in portable.biases]),
        dtype=portable.dtype,
        input_scale=portable.input_scale,
        multi_label=portable.multi_label,
    )
