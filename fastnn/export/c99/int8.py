"""The arithmetic of a header with weights in bytes: in C, and in NumPy.

A neuron's weights are whole numbers from -127 to 127 times a scale of its own; what comes into a
layer are such numbers times one scale, found anew for each row. Sums of their products are int32
and exact, so that both programs here have the same bits but for what expf and its like differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.export.c99.constants import Constant
from fastnn.export.c99.floats import in_float32
from fastnn.model.portable import PortableNetwork
from fastnn.reference.network import ACTIVATIONS

__all__ = ["MOST_INPUTS", "Int8"]

_TOP = 127  # not -128 either: bytes are as symmetric as weights are
MOST_INPUTS = (2**31 - 1) // _TOP**2  # of a layer, for a sum that int32 holds in any case

_LEAST = 1e-30  # of a row's largest number: 127 divided by much less would be infinite

_FUNCTIONS = """\
/* Numbers as bytes, from -127 to 127, times what is returned. Infinity and NaN become 0, times
 * infinity or NaN: all sums are NaN. */
static inline float nn_to_bytes(const float *a, size_t n, signed char *bytes)
{
    float largest = 0.0f, factor;
    size_t j;
    for (j = 0; j < n; ++j) {
        const float size = a[j] < 0.0f ? -a[j] : a[j];
        if (!(size <= largest) && largest <= 3.40282347e+38f) /* NaN, once found, stays */
            largest = size;
    }
    factor = largest > 1e-30f && largest <= 3.40282347e+38f ? 127.0f / largest : 0.0f;
    for (j = 0; j < n; ++j) {
        const float scaled = factor > 0.0f ? a[j] * factor : 0.0f;
        bytes[j] = (signed char)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
    }
    return largest / 127.0f;
}

/* z = w a + b, for weights w (outputs, n) times a scale for each output, and a times `scale`.
 * A product fits in an int of 16 bits. */
static inline void nn_sums(
    const signed char *w, const float *scales, const float *b, const signed char *a, float scale,
    size_t n, float *z, size_t outputs)
{
    size_t i, j;
    for (i = 0; i < outputs; ++i, w += n) {
        int32_t sum = 0;
        for (j = 0; j < n; ++j)
            sum += (int32_t)(w[j] * a[j]);
        z[i] = b[i] + scales[i] * scale * (float)sum;
    }
}
"""


class _Bytes(NamedTuple):
    """Rows (rows, numbers) as whole numbers from -127 to 127.

    values     (rows, numbers) whole, though floats
    scale      (rows, 1): what these are times
    certainty  (rows,): how far from being rounded to another one, at least
    """

    values: NDArray
    scale: NDArray
    certainty: NDArray


class Int8:
    """A network whose weights are bytes, and so is what comes into its layers."""

    weights_are = "int8, times a float32 for each neuron"
    headers = ("stdint.h",)
    candidates = 32  # for rows of the self test: not all are certain, see `certainty`

    def __init__(self, network: PortableNetwork):
        """Raises ValueError for too many inputs, and for numbers that float32 can't hold."""
        widest = max(network.sizes[:-1])
        if widest > MOST_INPUTS:
            raise ValueError(
                f"int8: expected at most {MOST_INPUTS:,} inputs of a layer, whose sum int32 holds "
                f"in any case; got {widest:,}"
            )
        self.network = in_float32(network)
        self.weights, self.scales = zip(*map(_rows_to_bytes, self.network.weights))

    @property
    def functions(self) -> list[str]:
        """What the layers have in common."""
        return [_FUNCTIONS]

    @property
    def constants(self) -> list[Constant]:
        """Parameters, in the order in which they are used."""
        found = list[Constant]()
        layers = zip(self.weights, self.scales, self.network.biases)
        for l, (w, scales, b) in enumerate(layers, start=1):
            found += [
                Constant(f"weights_{l}", "signed char", w),
                Constant(f"scales_{l}", "float", scales[np.newaxis]),
                Constant(f"biases_{l}", "float", b[np.newaxis]),
            ]
        return found

    @property
    def _hidden(self) -> int:
        """Floats for a hidden layer, each in turn: it is bytes before the next one is written."""
        return max([0, *self.network.sizes[1:-1]])

    @property
    def scratch(self) -> int:
        """Floats: a hidden layer's, and room for what comes into a layer as bytes."""
        return self._hidden + -(-max(self.network.sizes[:-1]) // 4)

    @property
    def places(self) -> list[str]:
        """Where numbers and bytes are in the scratch, as C."""
        start = f"scratch + {self._hidden}" if self._hidden else "scratch"
        layer = ["float *const layer = scratch; /* each hidden one in turn */"]
        return [
            *(layer if self._hidden else []),
            f"signed char *const bytes = (signed char *)({start});",
            "float scale;",
        ]

    def place(self, l: int) -> str:
        """What layer l is called in C."""
        return {0: "input", len(self.weights): "output"}.get(l, "layer")

    def sums(self, l: int) -> list[str]:
        """C that puts layer l's z, l from 1 on, in its place."""
        n, outputs = self.network.sizes[l - 1 : l + 1]
        scaled = " * NN_INPUT_SCALE" if l == 1 and self.network.input_scale != 1 else ""
        return [
            f"scale = nn_to_bytes({self.place(l - 1)}, {n}, bytes){scaled};",
            f"nn_sums(nn_weights_{l}, nn_scales_{l}, nn_biases_{l}, bytes, scale, {n}, "
            f"{self.place(l)}, {outputs});",
        ]

    def outputs(self, x: NDArray, dtype: DTypeLike = np.float32) -> NDArray:
        """(rows, outputs) for x (rows, inputs), with floats of `dtype`."""
        return self._forward(x.astype(dtype))[0]

    def certainty(self, x: NDArray) -> NDArray:
        """(rows,): how far the least certain byte of each row is from being another one.

        A machine that fuses a multiplication and an addition, or whose expf has other last digits,
        has the same bytes where this is above some 1e-5.
        """
        return self._forward(x.astype(np.float64))[1]

    def _forward(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """Outputs (rows, outputs) and certainty (rows,), with floats of x's dtype."""
        a, certainty = x, np.full(len(x), np.inf)
        layers = zip(self.weights, self.scales, self.network.biases, self.network.activations)
        with np.errstate(over="ignore", invalid="ignore"):
            for l, (w, scales, b, activation) in enumerate(layers):
                given = _to_bytes(a)
                scale = given.scale * x.dtype.type(self.network.input_scale if l == 0 else 1)
                # Sums of whole numbers, exact in float64, whose products are quicker than int32's.
                sums = (given.values.astype(np.float64) @ w.T.astype(np.float64)).astype(x.dtype)
                a = ACTIVATIONS[activation][0](b + scales * scale * sums)
                certainty = np.minimum(certainty, given.certainty)
        return a, certainty


def _rows_to_bytes(w: NDArray) -> tuple[NDArray, NDArray]:
    """Weights (outputs, n) as int8, and the scale of each neuron's (outputs,) float32."""
    scales = (np.abs(w).max(axis=1) / _TOP).astype(np.float32)
    wide = scales.astype(np.float64)[:, np.newaxis]
    whole = np.divide(w, wide, out=np.zeros(w.shape), where=wide > 0)
    return np.rint(whole).clip(-_TOP, _TOP).astype(np.int8), scales


def _to_bytes(a: NDArray) -> _Bytes:
    """As the C function: step by step the same floats, if they are float32."""
    largest = np.abs(a).max(axis=1, keepdims=True)
    usable = (largest > a.dtype.type(_LEAST)) & np.isfinite(largest)
    factor = np.divide(_TOP, largest, out=np.zeros_like(largest), where=usable)
    scaled = np.where(usable, a * factor, 0)
    whole = np.trunc(scaled + np.copysign(a.dtype.type(0.5), scaled))
    to_half = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5)
    certain = np.where(to_half == 0, 1, to_half).min(axis=1)  # a half is one on every machine
    return _Bytes(whole, largest / a.dtype.type(_TOP), certain)
