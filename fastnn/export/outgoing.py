"""What goes out: a portable network of whatever a writer is given. All writers begin here."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastnn.arguments import checks
from fastnn.model.architecture import Architecture
from fastnn.model.portable import PortableNetwork

__all__ = ["as_dtype", "as_portable"]


def as_portable(net: Any, classes: Sequence[str] | None = None) -> PortableNetwork:
    """That of a Network, of a fitted estimator of fastnn.sklearn, or the one given.

    `classes` are what its outputs stand for; by default an estimator's. Raises what
    `PortableNetwork.of` raises, and TypeError for anything else.
    """
    if isinstance(net, PortableNetwork):
        return net if classes is None else net.with_classes(classes)
    if hasattr(type(net), "network_"):  # which says so itself if it is not fitted
        if classes is None and hasattr(net, "classes_"):
            classes = [str(label) for label in net.classes_]
        net = net.network_
    if not isinstance(net, Architecture):
        raise TypeError(f"net: expected a fastnn.Network, got {checks.shown(net)}")
    return PortableNetwork.of(net, classes)


def as_dtype(portable: PortableNetwork, dtype: Any) -> PortableNetwork:
    """The same with parameters of another dtype; ValueError if one is too large for it."""
    dtype = checks.float_dtype("dtype", dtype)
    if portable.dtype == dtype:
        return portable

    def cast(name: str, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(checks.numeric(f"{name}[{l}]", a, dtype) for l, a in enumerate(arrays))

    weights, biases = cast("weights", portable.weights), cast("biases", portable.biases)
    scale = checks.scale("input_scale", portable.input_scale, np.dtype(dtype))
    return dataclasses.replace(portable, weights=weights, biases=biases, input_scale=scale)
