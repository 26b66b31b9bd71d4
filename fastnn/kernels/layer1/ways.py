"""The way in which layer 1 takes the rows: chosen by its type, when the kernel is compiled."""

from fastnn.kernels.jit import by_type
from fastnn.kernels.layer1 import dense, scaled, sorted
from fastnn.kernels.layer1.dense import Dense
from fastnn.kernels.layer1.scaled import Scaled
from fastnn.kernels.layer1.sorted import Sorted

__all__ = ["complete", "update", "weigh"]


@by_type({Dense: dense.weigh, Scaled: scaled.weigh, Sorted: sorted.weigh})
def weigh(way, t, batch, extras):
    """z = x w + b of layer 1, for the thread's rows of the mini-batch.

    False: the team gives up. See where the threads meet in shares.
    """


@by_type({Dense: dense.update, Scaled: scaled.update, Sorted: sorted.update})
def update(way, t, batch, state, step):
    """One step of the thread's share of all parameters; returns layer 1's scale from now on.

    state  the parameters and the optimizer's memory, or where the gradient is to be added up
    step   that of biases
    """


@by_type({Dense: dense.complete, Scaled: scaled.complete, Sorted: sorted.complete})
def complete(way, t, scale):
    """Complete the thread's share of the weights when an epoch ends."""
