"""Targets that no output can reach: sin(x) for sigmoid outputs, 2 for tanh."""

import math
from typing import Any

from fastnn.arguments.user_warnings import warn_user
from fastnn.model.own_functions import Given

__all__ = ["TargetRangeWarning", "warn_of_range"]

# The least and the largest value of each activation; those of no bounds are left out.
_RANGES = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf),
    "exponential": (0.0, math.inf),
    "elu": (-1.0, math.inf),
    "gelu": (-0.16997, math.inf),
    "silu": (-0.27847, math.inf),
    "selu": (-1.75810, math.inf),
    "mish": (-0.30885, math.inf),
}
_ROUNDING = 1e-3  # targets that were scaled to a range may lie so far outside of it

_IDENTITY = "output_activation='identity' gives any number"


class TargetRangeWarning(UserWarning):
    """Targets that the output layer's activation can't reach: they are not going to be learned."""


def warn_of_range(argument: str, targets: Any, activation: Given, cure: str = _IDENTITY) -> None:
    """Warn the user of targets, an array (rows, outputs), beyond the values of the activation.

    `cure` says what other outputs to take. The range of a user's own activation is unknown.
    """
    if not isinstance(activation, str) or activation not in _RANGES:
        return
    least, most = _RANGES[activation]
    lowest, highest = float(targets.min()), float(targets.max())
    if not (lowest < least - _ROUNDING or highest > most + _ROUNDING):  # nor if they are NaN
        return
    reached = f"of {least:.2g} and more" if most == math.inf else f"from {least:g} to {most:g}"
    warn_user(
        f"{argument}: expected targets {reached}, the values of {activation} outputs, got targets "
        f"from {lowest:.4g} to {highest:.4g}, which can't be learned; {cure}, or scale the targets",
        TargetRangeWarning,
    )
