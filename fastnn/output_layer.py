"""Which output layer belongs to which cost."""

from fastnn import checks
from fastnn.engine import ACTIVATIONS

__all__ = ["output_activation_for"]

# The output layers that a cost is made for, the usual one first.
_OUTPUTS_OF_COST = {
    "quadratic": ACTIVATIONS,
    "cross-entropy": ("sigmoid",),
    "log-likelihood": ("softmax",),
}


def output_activation_for(activation: str, cost: str, asked: str | None) -> str:
    """The output layer's activation; None takes what the cost is made for.

    For the quadratic cost that is sigmoid in a sigmoid network, as in the book, and identity in
    all others. Raises ValueError for an unknown name or one that the cost can't go with.
    """
    fitting = _OUTPUTS_OF_COST[cost]
    if asked is None:
        if cost != "quadratic":
            return fitting[0]
        return "sigmoid" if activation == "sigmoid" else "identity"
    checks.known("output_activation", asked, ACTIVATIONS)
    if asked not in fitting:
        raise ValueError(
            f"output_activation: expected {fitting[0]} with the {cost} cost, got {asked}"
        )
    return asked
