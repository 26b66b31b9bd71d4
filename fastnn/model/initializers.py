"""How weights and biases begin: `Network(initializer="he_normal")`.

A layer's weights w have shape (outputs, inputs). The variances that the names stand for:

    default          1 / inputs; biases 1            the book, chapter 3: neurons don't saturate
    large            1; biases 1                     the book's first way, chapter 1
    glorot_*         2 / (inputs + outputs)          Glorot and Bengio 2010
    he_*             2 / inputs                      He et al. 2015, for ReLU
    lecun_*          1 / inputs                      LeCun et al. 1998

"*_normal" draws from a normal distribution (not a truncated one, as Keras does), "*_uniform"
from the interval of the same variance, +-sqrt(3 variance). "orthogonal" makes rows, or columns
if they are fewer, orthonormal (Saxe et al. 2014). Biases are 0 but for the book's two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks

__all__ = ["INITIALIZERS", "Initializer", "Parameters", "as_initializer"]

Initializer = str | tuple[ArrayLike, ArrayLike]
Parameters = tuple[Any, Any]  # weights, biases: an array a layer of each


def _normal(variance: Callable[[int, int], float]) -> Callable[..., NDArray]:
    return lambda rng, k, j: rng.standard_normal((k, j)) * math.sqrt(variance(j, k))


def _uniform(variance: Callable[[int, int], float]) -> Callable[..., NDArray]:
    def draw(rng: np.random.Generator, k: int, j: int) -> NDArray:
        limit = math.sqrt(3 * variance(j, k))
        return rng.uniform(-limit, limit, (k, j))

    return draw


def _orthogonal(rng: np.random.Generator, k: int, j: int) -> NDArray:
    """Q of a normal matrix' QR, with R's diagonal positive: every Q is equally likely."""
    q, r = np.linalg.qr(rng.standard_normal((max(k, j), min(k, j))))
    q *= np.where(r.diagonal() < 0, -1, 1)
    return q if k >= j else q.T


def _glorot(j: int, k: int) -> float:
    return 2 / (j + k)


def _he(j: int, k: int) -> float:
    return 2 / j


def _lecun(j: int, k: int) -> float:
    return 1 / j


# Weights of a layer with k neurons and j inputs: draw(rng, k, j), (k, j) float64.
_WEIGHTS: dict[str, Callable[..., NDArray]] = {
    "default": lambda rng, k, j: rng.standard_normal((k, j)) / np.sqrt(j),
    "large": lambda rng, k, j: rng.standard_normal((k, j)),
    "glorot_normal": _normal(_glorot),
    "glorot_uniform": _uniform(_glorot),
    "he_normal": _normal(_he),
    "he_uniform": _uniform(_he),
    "lecun_normal": _normal(_lecun),
    "lecun_uniform": _uniform(_lecun),
    "orthogonal": _orthogonal,
    "zeros": lambda rng, k, j: np.zeros((k, j)),
}
_BOOKS = ("default", "large")  # biases are random, too

INITIALIZERS = tuple(_WEIGHTS)


def as_initializer(
    argument: str, value: Any
) -> Callable[[np.random.Generator, list[int]], Parameters]:
    """A function (generator, sizes) that gives weights and biases; TypeError or ValueError.

    `value` is one of INITIALIZERS, or a pair (weights, biases) of a list of arrays each, which
    are returned as they are.
    """
    if not isinstance(value, str) and isinstance(value, (tuple, list)) and len(value) == 2:
        return lambda rng, sizes: (value[0], value[1])
    if not isinstance(value, str):
        raise TypeError(
            f"{argument}: expected a name or a pair (weights, biases), got {checks.shown(value)}"
        )
    name = checks.option(argument, value, INITIALIZERS)
    return lambda rng, sizes: _draw(name, rng, sizes)


def _draw(name: str, rng: np.random.Generator, sizes: list[int]) -> Parameters:
    """All biases are drawn before all weights."""
    if name in _BOOKS:
        biases = [rng.standard_normal((k, 1)) for k in sizes[1:]]
    else:
        biases = [np.zeros((k, 1)) for k in sizes[1:]]
    return [_WEIGHTS[name](rng, k, j) for j, k in pairwise(sizes)], biases
