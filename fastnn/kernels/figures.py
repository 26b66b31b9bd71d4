"""What the weights of each layer look like: what an epoch reports of them, and its penalty.

All sums are in float64, also of float32 weights.
"""

import math

import numpy as np

from fastnn.kernels.jit import inner, kernel
from fastnn.kernels.layer import layers_of
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import (
    absolute,
    advance,
    fma,
    item,
    lanes_at,
    load_as,
    max_lanes,
    maximum,
    minimum,
    set_item,
    sum_lanes,
    where_positive,
    zeros,
)
from fastnn.layout.figures import BIASES, LARGEST, MAGNITUDES, NORM, SQUARES, ZERO_SHARE

__all__ = ["measure", "weight_figures"]


@kernel
def measure(table, parameters, figures):
    """figures (FIGURES, L) float64 out: those of these parameters, see layout.layers.Plan."""
    weight_figures(layers_of(table), parameters, figures)


@inner
def weight_figures(layers, parameters, figures):
    """figures (FIGURES, L) float64 out. A weight that is NaN makes all but the zeros NaN."""
    for l in range(layers.last):
        rows, width = item(layers.sizes, l), item(layers.widths, l + 1)
        start, stride = advance(parameters, item(layers.w, l)), item(layers.strides, l + 1)
        w = Matrix(start, stride, rows, width)
        squares, magnitudes, zero, largest = _sums(w, 1.0, figures)
        norm = math.sqrt(squares)
        if math.isinf(squares) and not math.isinf(largest):  # float64 weights above 1e154
            scaled, _, _, _ = _sums(w, 1.0 / largest, figures)
            norm = largest * math.sqrt(scaled)
        size = item(layers.sizes, l + 1)
        zero -= rows * (width - size)  # the padding
        column = advance(figures, l)
        set_item(column, NORM * layers.last, norm)
        set_item(column, ZERO_SHARE * layers.last, zero / (rows * size))
        set_item(column, LARGEST * layers.last, squares if math.isnan(squares) else largest)
        set_item(column, SQUARES * layers.last, squares)
        set_item(column, MAGNITUDES * layers.last, magnitudes)
        b = advance(parameters, item(layers.b, l))
        _, magnitudes, _, _ = _sums(Matrix(b, width, np.int64(1), width), 1.0, figures)
        set_item(column, BIASES * layers.last, magnitudes * 0.0)


@inner
def _sums(w, factor, like):
    """Of w times a factor: sum w^2, sum |w|, how many are 0, max |w| but for NaN.

    The factor keeps squares from overflowing. `like` points to float64, what vectors are made of.
    """
    squares, magnitudes, zero, largest = zeros(like), zeros(like), zeros(like), zeros(like)
    for start in range(0, w.rows * w.stride, w.stride):
        for j in range(start, start + w.width, lanes_at(like)):
            size = absolute(load_as(like, w.start, j) * factor)
            squares = fma(size, size, squares)
            magnitudes = magnitudes + size
            largest = maximum(largest, size)
            # The minimum is a number also where the size is NaN, which is not 0.
            zero = zero + where_positive(minimum(size, 1.0), 0.0, 1.0)
    return sum_lanes(squares), sum_lanes(magnitudes), sum_lanes(zero), max_lanes(largest)
