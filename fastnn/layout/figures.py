"""Tables of figures that kernels fill in."""

__all__ = [
    "BIASES",
    "CORRECT",
    "COST_SUM",
    "FIGURES",
    "LARGEST",
    "MAGNITUDES",
    "NORM",
    "SCALE",
    "SMALLEST_SCALE",
    "SQUARES",
    "UPDATES",
    "ZERO_SHARE",
    "epoch_figures",
]

# The rows of a table of what weights look like, with a column for each layer's: sqrt(sum w^2), the
# fraction that is exactly 0, max |w|, sum w^2 and sum |w|; and of its biases 0, or NaN unless all
# of them are finite.
NORM, ZERO_SHARE, LARGEST, SQUARES, MAGNITUDES, BIASES = range(6)
FIGURES = 6

# How far a training has come, in an array that each call goes on from: updates done so far, for
# Adam; of the epoch's rows so far the sum of data costs, and how many were classified
# correctly, each row before its own update; and the scale of the weights of sparse inputs, which
# are this times what is in memory until `finish`.
UPDATES, COST_SUM, CORRECT, SCALE = range(4)

# Far above the smallest float32, so that neither SCALE nor what is divided by it loses bits.
SMALLEST_SCALE = 2.0**-20


def epoch_figures(layers: int) -> int:
    """How many figures each epoch that ends within a call has.

    They are COST_SUM and CORRECT of its rows, and all of FIGURES of the weights.
    """
    return 2 + FIGURES * layers
