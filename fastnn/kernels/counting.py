"""What a mini-batch's sums over rows are divided by, and what its rows cost together."""

import math

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import item

__all__ = ["cost_of", "count_of"]


@inline
def count_of(t, start, m):
    """The number of its m rows; or, if they count by weight, the sum of their weights.

    A mini-batch without weight has the sum infinity: so its means and penalties are 0.
    """
    if not t.data.by_weight:
        return float(m)
    total = 0.0
    for i in range(start, start + m):
        total += float(item(t.data.row_weights, item(t.piece.order, i)))
    return total if total > 0.0 else math.inf


@inline
def cost_of(t, m, count, cost_sum):
    """The sum of costs with those of a mini-batch's rows: m times their mean."""
    share = m / count
    for i in range(m):
        cost_sum += share * item(t.memory.costs, i)
    return cost_sum
