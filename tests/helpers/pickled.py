"""What a network of the book that was pickled holds."""

from itertools import pairwise

import numpy as np

SIZES = [6, 5, 3]


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((y, x)) for x, y in pairwise(SIZES)]
    return weights, [rng.standard_normal((y, 1)) for y in SIZES[1:]]


def state(**more):
    weights, biases = arrays()
    return {"num_layers": 3, "sizes": SIZES, "biases": biases, "weights": weights, **more}
