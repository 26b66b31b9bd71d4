"""Which of three ways layer 1 takes the training rows, by what each is estimated to cost.

    dense    all inputs, as matrix products
    scaled   a row's non-zeros, one row after the other; plain SGD with L2 only
    sorted   a mini-batch's non-zeros, sorted by input; every optimizer

Which one is fastest depends on the density of the rows, on the layer's size and on the
mini-batch. It must not depend on a clock, for they round differently, and the same seed has to
give the same bits. So their costs are estimated, with constants that `bench/first_layer.py` was
used to measure; whatever machine runs it, only the ratios matter.
"""

from collections.abc import Sequence

__all__ = ["DENSE", "SCALED", "SORTED", "fastest", "shares_inputs"]

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


def fastest(
    ways: Sequence[str],
    density: float,
    inputs: int,
    vectors: int,
    vector_bytes: int,
    m: int,
    optimizer: str,
) -> str:
    """The one of `ways` that costs least.

    density       fraction of the inputs that aren't 0
    inputs        K, of a row
    vectors       how many SIMD registers of `vector_bytes` hold the first layer's neurons
    m             rows of a mini-batch
    """
    nonzeros = density * inputs
    update = vectors * (_SGD if optimizer == "sgd" else _OTHERS)
    pairs = 2 * -(-vectors // 2)  # tiles are two vectors wide
    large = inputs * vectors * vector_bytes > _LARGE_WEIGHTS
    row = nonzeros * (
        _NONZERO_SCALED + vectors * (_VECTOR_SCALED_LARGE if large else _VECTOR_SCALED)
    )
    per_vector = _VECTOR_SORTED_LARGE if m > _LARGE_MINI_BATCH else _VECTOR_SORTED
    if m * vectors * vector_bytes > _HUGE_MINI_BATCH:
        per_vector = _VECTOR_SORTED_HUGE
    costs = {
        DENSE: inputs * (pairs * _PRODUCT + update / m),
        SCALED: row,
        SORTED: nonzeros * (_NONZERO_SORTED + vectors * per_vector)
        + inputs * (_INPUT_SORTED + update) / m,
    }
    return min(ways, key=costs.__getitem__)


def shares_inputs(inputs: int, m: int) -> bool:
    """Whether threads should share dense inputs in halves, and not the m rows of a mini-batch.

    This, too, must not depend on how many threads there are: it is another order of additions.
    """
    return inputs >= _MANY_INPUTS and m <= _FEW_ROWS
