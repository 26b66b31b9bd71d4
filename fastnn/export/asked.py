"""What whoever reads a file asks for besides: a cost, and what its outputs lack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastnn.model.costs import Pinball
from fastnn.model.own_functions import known, named
from fastnn.model.portable import PortableNetwork

__all__ = ["as_asked"]


def as_asked(
    portable: PortableNetwork, cost: Any = None, output_activation: Any = None
) -> PortableNetwork:
    """The network with this cost, and this activation of its outputs; None changes nothing.

    Raises TypeError or ValueError, also for outputs that have an activation already.
    """
    if cost is not None:
        cost = known("cost", cost)
        if not isinstance(cost, (str, Pinball)):
            raise TypeError(f"cost: expected a name or a fastnn.Pinball, got {cost!r}")
        portable = replace(portable, cost=named(cost))
    if output_activation is None:
        return portable
    *hidden, last = portable.activations
    asked = known("output_activation", output_activation)
    if not isinstance(asked, str):
        raise TypeError(f"output_activation: expected a name, got {asked!r}")
    if last != "identity":
        raise ValueError(f"output_activation: expected None, as the outputs are {last}")
    return replace(portable, activations=(*hidden, asked))
