"""A network whose parameters stay where their owner has them, see kernels.columns."""

from typing import Any, NamedTuple

__all__ = ["Unpacked"]


class Unpacked(NamedTuple):
    """Layers of sigmoid neurons: arrays (L+1,) int64, in kernels pointers.

    last             L, the number of weight matrices
    sizes            neurons of each layer
    weights, biases  from item 1 on the addresses of the arrays that lead to a layer, float64,
                     C-contiguous: (sizes[l], sizes[l - 1]) and (sizes[l], 1)
    """

    last: int
    sizes: Any
    weights: Any
    biases: Any
