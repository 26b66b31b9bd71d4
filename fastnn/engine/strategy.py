"""Which of three ways layer 1 takes the training rows, by what each is estimated to cost.

    dense    all inputs, as matrix products; in halves that threads share, or not
    scaled   a row's non-zeros, one row after the other; plain SGD with L2 only
    sorted   a mini-batch's non-zeros, sorted by input; every optimizer

See kernels.layer1. Which one is fastest depends on the density of the rows, on the layer's size and
on the mini-batch. It must not depend on a clock, for they round differently, and the same seed has
to give the same bits; nor on how many threads there are. So their costs are estimated, with
constants that were measured once for each kind of registers; whatever machine runs it, only the
ratios matter.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from fastnn.engine.compression import MOST_COLUMNS
from fastnn.engine.rule import UpdateRule
from fastnn.machine.registers import KIND, REGISTER_BYTES

__all__ = [
    "COSTS",
    "DENSE",
    "SCALED",
    "SORTED",
    "Costs",
    "Strategy",
    "Work",
    "cheapest",
    "estimates",
    "possible_ways",
    "usual",
    "work_of",
]

DENSE, SCALED, SORTED = "dense", "scaled", "sorted"


class Costs(NamedTuple):
    """Nanoseconds on one core, for one vector of neurons and one input or non-zero.

    product         dense: forward, and its part of the gradient
    update_sgd      an update of a vector of weights, by plain SGD
    update_others   by any other optimizer
    scaled_nonzero  scaled: for a non-zero, however many vectors it meets
    scaled_vector   for each of them
    scaled_large    for each, of weights that are larger than _LARGE_WEIGHTS
    sorted_nonzero  sorted: likewise
    sorted_vector
    sorted_large    for each, of mini-batches of more rows than _LARGE_MINI_BATCH
    sorted_huge     for each, of errors that are larger than _HUGE_MINI_BATCH
    sorted_input    sorted: what an input takes in each mini-batch, whatever its non-zeros
    """

    product: float
    update_sgd: float
    update_others: float
    scaled_nonzero: float
    scaled_vector: float
    scaled_large: float
    sorted_nonzero: float
    sorted_vector: float
    sorted_large: float
    sorted_huge: float
    sorted_input: float


# By the registers that kernels are made for, as `python bench/first_layer.py` fits them.
_AVX512 = Costs(0.23, 1.4, 5.2, 0.44, 0.82, 1.16, 1.6, 0.57, 0.81, 0.91, 5.0)
# An update on AVX2 is that of weights in the L1 cache: 3.4 was fitted, for those of 784 inputs, but
# by it rows of 64 inputs would be taken in a way that is slower.
_AVX2 = Costs(0.43, 1.4, 9.2, 0.97, 0.89, 1.4, 3.1, 1.1, 1.4, 1.4, 6.0)
# The smaller registers were not measured: they have the costs of the nearest.
COSTS = {"avx512": _AVX512, "avx2": _AVX2, "sse2": _AVX2, "neon": _AVX2}

_MANY_INPUTS, _FEW_ROWS = 256, 20  # dense inputs, rows: two threads gain up to a third by halves
_LARGE_WEIGHTS = 1 << 13  # vectors: no longer at home in the L2 cache
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
        return cheapest(possible, work, COSTS[KIND])

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


def possible_ways(inputs: int, rule: UpdateRule, *, dense: bool = True) -> list[str]:
    """The ways in which rows of so many inputs can be taken by this rule, the most special last.

    dense  whether rows may be taken with their zeros
    """
    ways = [DENSE] if dense else []
    if inputs > MOST_COLUMNS:
        return ways or [SORTED]
    ways.append(SORTED)
    each_weight = rule.clip_norm or np.ravel(rule.drop)[0] or np.ravel(rule.l1)[0]
    if rule.optimizer == "sgd" and not each_weight:
        ways.append(SCALED)
    return ways


def cheapest(possible: Sequence[str], work: Work, costs: Costs) -> str:
    """The one of the possible ways that is estimated to cost least."""
    return min(possible, key=estimates(work, costs).__getitem__)


def estimates(work: Work, costs: Costs) -> dict[str, float]:
    """Nanoseconds that a row takes, by way: sums of products with the costs."""
    density, inputs, vectors, vector_bytes, m, optimizer = work
    nonzeros = density * inputs
    update = vectors * (costs.update_sgd if optimizer == "sgd" else costs.update_others)
    in_products = max(vectors, 2)  # one alone takes as long: few sums are at work
    large = inputs * vectors > _LARGE_WEIGHTS
    in_scaled = costs.scaled_large if large else costs.scaled_vector
    in_sorted = costs.sorted_large if m > _LARGE_MINI_BATCH else costs.sorted_vector
    if m * vectors * vector_bytes > _HUGE_MINI_BATCH:
        in_sorted = costs.sorted_huge
    return {
        DENSE: inputs * (in_products * costs.product + update / m),
        SCALED: nonzeros * (costs.scaled_nonzero + vectors * in_scaled),
        SORTED: nonzeros * (costs.sorted_nonzero + vectors * in_sorted)
        + inputs * (costs.sorted_input + update) / m,
    }
