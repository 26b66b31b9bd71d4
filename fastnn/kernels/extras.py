"""What a training may ask for beyond the usual update: clipping, max-norm, dropout.

Most trainings ask for none of it: then all numbers are 0. One compiled function serves them all,
for whether something is asked for is a branch in each mini-batch, which takes no time beside it.
"""

from typing import NamedTuple

__all__ = ["Extras"]


class Extras(NamedTuple):
    """Settings, and the memory that they need: arrays, in kernels pointers.

    clip_norm        largest norm of a mini-batch's mean gradient, all layers together; 0: any
    gradient (p,)    zeros between mini-batches; may be empty without clipping
    squares (units,) float64, see norms.sum_squares
    limited          whether any max_norm is not 0:
    max_norm (L,)    float64: largest norm of a neuron's weights, for each layer; 0: any
    drop (L,)        float64: each layer's rate of dropout, the input's first; 0: none
    drop_seed        int64: of who is dropped
    """

    clip_norm: float
    gradient: object
    squares: object
    limited: bool
    max_norm: object
    drop: object
    drop_seed: int
