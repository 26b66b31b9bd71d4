"""The arithmetic of a header with float32 weights: in C, and in NumPy."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.arguments import checks
from fastnn.export.c99.constants import Constant
from fastnn.model.portable import PortableNetwork
from fastnn.reference.network import Reference

__all__ = ["Floats", "in_float32"]

_SUMS = """\
/* z = w a + b, for weights w (outputs, n). Four sums of a row take turns: an addition need not wait
 * for the one before it, and less is lost by rounding. */
static inline void nn_sums(
    const float *w, const float *b, const float *a, float scale, size_t n, float *z, size_t outputs)
{
    const size_t fours = n - n % 4;
    size_t i, j;
    for (i = 0; i < outputs; ++i, w += n) {
        float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
        for (j = 0; j < fours; j += 4) {
            s0 += w[j] * a[j];
            s1 += w[j + 1] * a[j + 1];
            s2 += w[j + 2] * a[j + 2];
            s3 += w[j + 3] * a[j + 3];
        }
        for (j = fours; j < n; ++j)
            s0 += w[j] * a[j];
        z[i] = b[i] + scale * ((s0 + s1) + (s2 + s3));
    }
}
"""


class Floats:
    """A network whose weights are float32, and so is all that is computed."""

    headers: tuple[str, ...] = ()
    candidates = 3  # for rows of the self test: any are good

    def __init__(self, network: PortableNetwork):
        """Raises ValueError for numbers that float32 can't hold."""
        self.network = in_float32(network)
        self.weights_are = "float32" if network.dtype == np.float32 else "float32, were float64"
        self.scaled = self.network.input_scale != 1

    @property
    def functions(self) -> list[str]:
        """What the layers have in common."""
        if self.scaled:
            return [_SUMS]
        return [_SUMS.replace("a, float scale,", "a,").replace("scale * (", "(")]

    @property
    def constants(self) -> list[Constant]:
        """Parameters, in the order in which they are used."""
        network, found = self.network, list[Constant]()
        for l, (w, b) in enumerate(zip(network.weights, network.biases), start=1):
            found += [
                Constant(f"weights_{l}", "float", w),
                Constant(f"biases_{l}", "float", b[np.newaxis]),
            ]
        return found

    @property
    def scratch(self) -> int:
        """Floats: a layer and the next one are needed at once, and no more than these."""
        hidden = self.network.sizes[1:-1]
        return max([1, *hidden, *(one + other for one, other in pairwise(hidden))])

    @property
    def places(self) -> list[str]:
        """Where hidden layers are in the scratch, as C: at its two ends, in turn."""
        places = []
        for l, size in enumerate(self.network.sizes[1:-1], start=1):
            start = "" if l % 2 or size == self.scratch else f" + {self.scratch - size}"
            places.append(f"float *const layer_{l} = scratch{start};")
        return places or ["(void)scratch; /* nothing to keep: there is no hidden layer */"]

    def place(self, l: int) -> str:
        """What layer l is called in C."""
        return {0: "input", len(self.network.weights): "output"}.get(l, f"layer_{l}")

    def sums(self, l: int) -> list[str]:
        """C that puts layer l's z, l from 1 on, in its place."""
        sizes, a, z = self.network.sizes, self.place(l - 1), self.place(l)
        scale = "" if not self.scaled else " NN_INPUT_SCALE," if l == 1 else " 1.0f,"
        return [
            f"nn_sums(nn_weights_{l}, nn_biases_{l}, {a},{scale} {sizes[l - 1]}, {z}, {sizes[l]});"
        ]

    def certainty(self, x: NDArray) -> NDArray:
        """(rows,): nothing is rounded to bytes, see Int8."""
        return np.full(len(x), np.inf)

    def outputs(self, x: NDArray, dtype: DTypeLike = np.float32) -> NDArray:
        """(rows, outputs), computed in `dtype`, for x (rows, inputs)."""
        network = self.network
        twin = Reference(
            [w.astype(dtype) for w in network.weights],
            [b.astype(dtype)[:, np.newaxis] for b in network.biases],
            network.activations,
            "quadratic",  # of no importance here
            network.input_scale,
        )
        with np.errstate(over="ignore", invalid="ignore"):
            return twin.feedforward(x.astype(dtype))


def in_float32(network: PortableNetwork) -> PortableNetwork:
    """The same network with parameters rounded to float32; ValueError for what that can't hold."""
    float32 = np.dtype(np.float32)
    return replace(
        network,
        weights=tuple(
            checks.numeric(f"weights[{l}]", w, float32) for l, w in enumerate(network.weights)
        ),
        biases=tuple(
            checks.numeric(f"biases[{l}]", b, float32) for l, b in enumerate(network.biases)
        ),
        input_scale=float(float32.type(checks.scale("input_scale", network.input_scale, float32))),
    )
