"""What a training reads and writes, as Python hands it over."""

from typing import Any, NamedTuple

__all__ = ["Data", "Extras", "Hyperparameters", "Memory", "Piece", "State", "Targets"]


class State(NamedTuple):
    """Parameters, and the optimizer's memory, which is laid out alike: arrays, in kernels pointers.

    first   v of momentum, Adam's first moment
    second  Adam's second moment, RMSProp's mean square
    """

    value: Any
    first: Any
    second: Any


class Hyperparameters(NamedTuple):
    """What stays the same for all updates of a training.

    optimizer  its code; ACCUMULATE only adds the gradient to State.first
    mini_batch_size  rows of a mini-batch
    n          size of the training set, by which penalties are divided; 0: what divides the
               mini-batch's sums divides them too
    mu         momentum
    beta1, beta2, epsilon  Adam's; beta2 is also RMSProp's rho
    epsilon_hat  whether epsilon is added before Adam's correction
    l1, l2     (L,) float64, in kernels pointers: lambda1 and lambda2 of each layer's weights
    proximal   whether L1 is a soft threshold
    """

    optimizer: int
    mini_batch_size: int
    n: int
    mu: float
    beta1: float
    beta2: float
    epsilon: float
    epsilon_hat: bool
    l1: Any
    l2: Any
    proximal: bool


class Extras(NamedTuple):
    """Settings, and the memory that they need: arrays, in kernels pointers.

    clip_norm        largest norm of a mini-batch's mean gradient, all layers together; 0: any
    gradient (p,)    zeros between mini-batches; may be empty without clipping
    squares (units,) float64, see norms.sum_squares
    limited          whether any max_norm is not 0:
    max_norm (L,)    float64: largest norm of a neuron's weights, for each layer; 0: any
    drop (L,)        float64: each layer's rate of dropout, the input's first; 0: none
    drop_seed        int64: of who is dropped
    with_penalty     whether the penalty of each mini-batch's weights is counted, before the update:
    penalties (1 + units,) float64: that of the epoch so far, see kernels.penalty_sum; may be empty
    """

    clip_norm: float
    gradient: Any
    squares: Any
    limited: bool
    max_norm: Any
    drop: Any
    drop_seed: int
    with_penalty: bool
    penalties: Any


class Targets(NamedTuple):
    """The targets of all rows, in one of two forms: read-only arrays, or pointers.

    rows (n, outputs)  target rows, of the parameters' dtype; empty where there are labels
    labels (n,) int32  each row's label: an output; empty where there are rows
    labelled           which of the two there is
    on, off            the target of a label's output, and of all others; of the parameters' dtype

    A row of ones and zeros takes as many times a label's memory as there are classes.
    """

    rows: Any
    labels: Any
    labelled: bool
    on: float
    off: float


class Data(NamedTuple):
    """What belongs to the inputs of a training set: arrays, in kernels pointers.

    y                   see targets.Targets
    classes             whether rows can be classified correctly, so that these are counted
    each                whether every output decides for itself, see costs.count_correct
    weighted            whether rows count differently in cost and gradient:
    row_weights (rows,) how much each does, the parameters' dtype
    by_weight           whether these also divide a mini-batch's sums, instead of its rows' number
    """

    y: Targets
    classes: bool
    each: bool
    weighted: bool
    row_weights: Any
    by_weight: bool


class Memory(NamedTuple):
    """What training writes to: arrays, in kernels pointers.

    state               (p,) each: all weights and biases, and the optimizer's memory, which may be
                        empty where it has none
    scratch (s,)        room for a mini-batch; its content does not matter
    parts (HALVES * r,) room for what each half of the inputs adds to layer 1's z
    part_size           r
    costs (m,)          float64: of each row of a mini-batch
    correct (threads,)  int64: how many rows each thread counted as classified correctly
    progress (4,)       float64: see figures.UPDATES and the following; it is not returned, for an
                        interrupt that has come meanwhile would lose what is returned
    """

    state: State
    scratch: Any
    parts: Any
    part_size: int
    costs: Any
    correct: Any
    progress: Any


class Piece(NamedTuple):
    """What one call of `train` does: arrays, in kernels pointers.

    order (k,) int64  the rows to take, in this order
    k                 how many those are
    epoch_rows        how many of them are an epoch's, which ends with a whole or a shorter
                      mini-batch; more than k if none ends
    etas (updates,)   float64: the learning rate of each mini-batch
    epochs (e, f)     float64 out: figures of each epoch that ends, see figures.epoch_figures
    """

    order: Any
    k: int
    epoch_rows: int
    etas: Any
    epochs: Any
