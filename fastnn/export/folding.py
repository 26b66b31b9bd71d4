"""For programs that have no factor before the first layer: it goes into the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fastnn.arguments import checks
from fastnn.model.portable import PortableNetwork

__all__ = ["without_input_scale"]


def without_input_scale(portable: PortableNetwork) -> PortableNetwork:
    """A network of the same outputs, to rounding, that takes its inputs as they are.

    Where there is no such factor, it is the same one. Raises ValueError for weights that become
    too large for their dtype.
    """
    if portable.input_scale == 1:
        return portable
    first, *others = portable.weights
    with np.errstate(over="ignore"):
        scaled = (first.astype(np.float64) * portable.input_scale).astype(first.dtype)
    checks.finite("weights[0] * input_scale", scaled)
    return replace(portable, weights=(scaled, *others), input_scale=1.0)
