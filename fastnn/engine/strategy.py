"""Which of three ways layer 1 takes the training rows, by what each is estimated to cost.

    dense    all inputs, as matrix products; in halves that threads share, or not
    scaled   a row's non-zeros, one row after the other; plain SGD with L2 only
    sorted   a mini-batch's non-zeros, sorted by input; every optimizer

See kernels.layer1. Which one is fastest depends on the density of the rows, on the layer's size and
on the mini-batch. It must not depend on a clock, for they round differently, and the same seed has
to give the same bits; nor on how many threads there are. So their costs are estimated, with
constants that `bench/first_layer.py` was used to measure; whatever machine runs it, only the ratios
matter.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from fastnn.engine.compression import MOST_COLUMNS
from fastnn.engine.rule import UpdateRule
from fastnn.machine.registers import REGISTER_BYTES

__all__ = ["DENSE", "SCALED", "SORTED", "Strategy", "Work", "possible_ways", "usual", "work_of"]

DENSE, SCALED, SORTED = "dense", "scaled", "sorted"

# Nanoseconds on one core with AVX-512, for one vector of neurons and one input or non-zero: the
# logarithms of all figures of a table fitted, with a share of the other layers in each.
_PRODUCT = 0.23  # dense: forward, and its part of the gradient
_SGD, _OTHERS = 1.4, 5.2  # an update of a vector of weights
_NONZERO_SCALED, _VECTOR_SCALED, _VECTOR_SCALED_LARGE = 0.44, 0.82, 1.16
_NONZERO_SORTED, _VECTOR_SORTED, _VECTOR_SORTED_LARGE, _VECTOR_SORTED_HUGE = 1.6, 0.57, 0.81, 0.91
_INPUT_SORTED = 5.0  # sorted: what an input takes in each mini-batch, whatever its non-zeros

_MANY_INPUTS, _FEW_ROWS = 256, 20  # dense inputs, rows: two threads gain up to a third by halves
_LARGE_WEIGHTS = 1 << 19  # bytes: no longer at home in the L2 cache
_LARGE_MINI_BATCH = 256  # rows: their errors no longer are in the L1 cache
_HUGE_MINI_BATCH = 1 << 20  # bytes of errors: nor in the L2 cache


class Work(NamedTuple):
    """What layer 1 has to do in a training.

    density       fraction of the inputs that aren't 0
    inputs        of a row
    vectors       how many SIMD registers of `vector_bytes` hold the layer's neurons
    m             rows of a mini-batch
    optimizer     its name
    """

    density: float
    inputs: int
    vectors: int
    vector_bytes: int
    m: int
    optimizer: str


class Strategy:
    """How a training decides what it may choose; another one decides otherwise."""

    def way(self, possible: Sequence[str], work: Work) -> str:
        """The one of the possible ways that costs least."""
        return min(possible, key=_costs(work).__getitem__)

    def shares_inputs(self, work: Work) -> bool:
        """Whether threads should share dense inputs in halves, and not the rows of a mini-batch."""
        return work.inputs >= _MANY_INPUTS and work.m <= _FEW_ROWS


# What a trainer goes by that is handed none. Tests which train through a face, that hands none in,
# put another one here.
usual = Strategy()


def work_of(sizes: Sequence[int], density: float, m: int, optimizer: str, dtype: DTypeLike) -> Work:
    """The work of a network with these sizes."""
    lanes = REGISTER_BYTES // np.dtype(dtype).itemsize
    return Work(density, sizes[0], -(-sizes[1] // lanes), REGISTER_BYTES, m, optimizer)


def possible_ways(inputs: int, rule: UpdateRule) -> list[str]:
    """The ways in which rows of so many inputs can be taken by this rule, the most special last."""
    if inputs > MOST_COLUMNS:
        return [DENSE]
    each_weight = rule.clip_norm or np.ravel(rule.drop)[0] or np.ravel(rule.l1)[0]
    if rule.optimizer == "sgd" and not each_weight:
        return [DENSE, SORTED, SCALED]
    return [DENSE, SORTED]


def _costs(work: Work) -> dict[str, float]:
    """Nanoseconds that a row takes, by way."""
    density, inputs, vectors, vector_bytes, m, optimizer = work
    nonzeros = density * inputs
    update = vectors * (_SGD if optimizer == "sgd" else _OTHERS)
    pairs = 2 * -(-vectors // 2)  # tiles are two vectors wide
    large = inputs * vectors * vector_bytes > _LARGE_WEIGHTS
    per_vector = _VECTOR_SORTED_LARGE if m > _LARGE_MINI_BATCH else _VECTOR_SORTED
    if m * vectors * vector_bytes > _HUGE_MINI_BATCH:
        per_vector = _VECTOR_SORTED_HUGE
    return {
        DENSE: inputs * (pairs * _PRODUCT + update / m),
        SCALED: nonzeros
        * (_NONZERO_SCALED + vectors * (_VECTOR_SCALED_LARGE if large else _VECTOR_SCALED)),
        SORTED: nonzeros * (_NONZERO_SORTED + vectors * per_vector)
        + inputs * (_INPUT_SORTED + update) / m,
    }
