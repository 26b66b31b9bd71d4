"""Which of three ways layer 1 takes the training rows, by what each is estimated to cost.

    dense    all inputs, as matrix products
    scaled   a row's non-zeros, one row after the other; plain SGD with L2 only
    sorted   a mini-batch's non-zeros, sorted by input; every optimizer

Which one is fastest depends on the density of the rows, on the layer's size and on the
mini-batch. It must not depend on a clock, for the three round differently, and the same seed has to
give the same bits. So their costs are estimated, with constants that `bench/first_layer.py` was
used to measure; whatever machine runs it, only the ratios matter.
"""

__all__ = ["DENSE", "SCALED", "SORTED", "fastest"]

DENSE, SCALED, SORTED = "dense", "scaled", "sorted"

# Nanoseconds on one core with AVX-512, for one vector of neurons and one input or non-zero.
_PRODUCT = 0.26  # dense: forward, and its part of the gradient
_SGD, _OTHERS = 1.2, 3.4  # an update of a vector of weights
_NONZERO_SCALED, _VECTOR_SCALED, _VECTOR_SCALED_LARGE = 0.6, 1.0, 2.0
_NONZERO_SORTED, _VECTOR_SORTED, _VECTOR_SORTED_LARGE = 2.0, 0.8, 1.2
_INPUT_SORTED = 14.0  # sorted: what an input takes in each mini-batch, whatever its non-zeros

_LARGE_WEIGHTS = 1 << 19  # bytes: no longer at home in the L2 cache
_LARGE_MINI_BATCH = 256  # rows: their errors no longer are in the L1 cache


def fastest(
    density: float, inputs: int, vectors: int, vector_bytes: int, m: int, optimizer: str,
    *, scalable: bool,
) -> str:  # fmt: skip
    """DENSE, SCALED or SORTED.

    density       fraction of the inputs that aren't 0
    inputs        K, of a row
    vectors       how many SIMD registers of `vector_bytes` hold the first layer's neurons
    m             rows of a mini-batch
    scalable      whether SCALED is possible: an update multiplies all weights by one number
    """
    nonzeros = density * inputs
    update = vectors * (_SGD if optimizer == "sgd" else _OTHERS)
    pairs = 2 * -(-vectors // 2)  # tiles are two vectors wide
    per_vector = _VECTOR_SORTED_LARGE if m > _LARGE_MINI_BATCH else _VECTOR_SORTED
    costs = {
        DENSE: inputs * (pairs * _PRODUCT + update / m),
        SORTED: nonzeros * (_NONZERO_SORTED + vectors * per_vector)
        + inputs * (_INPUT_SORTED + update) / m,
    }
    if scalable:
        large = inputs * vectors * vector_bytes > _LARGE_WEIGHTS
        per_vector = _VECTOR_SCALED_LARGE if large else _VECTOR_SCALED
        costs[SCALED] = nonzeros * (_NONZERO_SCALED + vectors * per_vector)
    return min(costs, key=costs.__getitem__)
