"""Where each layer's weights, activations and errors lie in memory.

A network's parameters are one flat array, and so is the scratch memory of a mini-batch.
`Layers` says at which offset each part begins. Letters as in the book: layer 0 is the
input, `w[l]` leads from layer l to layer l + 1.

Weights are stored by rows of the layer below, (inputs, outputs): one input's weights to
all neurons lie side by side, ready for whole vectors. The book's (outputs, inputs) matrix
is the transposed view of it.

Every row is padded to whole vectors, and weights to as many rows as whole tiles and squares of
vectors have, mini-batches to half tiles. So no kernel needs a case for the rest.
**Padding of weights, biases, activations, slopes and errors is always zero**: products with it add
nothing, and updates leave it as it is.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.machine.registers import (
    ALIGNMENT,
    LINE_BYTES,
    PANEL_ROWS,
    REGISTER_BYTES,
    TILE_ROWS,
    TILE_VECTORS,
    lanes,
)

__all__ = [
    "BUFFER_VECTORS",
    "COLUMNS_ROOM",
    "COLUMNS_VECTORS",
    "GAP_VECTORS",
    "HALF_TILE",
    "HALVES",
    "INPUT_GROUP",
    "NEURON_UNIT",
    "PANELS",
    "ROW_UNIT",
    "SMALL_MINI_BATCH",
    "UPDATE_UNIT",
    "Functions",
    "Layers",
    "Plan",
    "aligned_empty",
    "aligned_in",
    "plan_layers",
    "square_units",
]

HALF_TILE = TILE_ROWS // 2
INPUT_GROUP = 4  # inputs whose weights sorted takes together; tiles have so many or twice

# Inputs may be shared in halves: what each adds to layer 1's z is then summed up by itself.
HALVES = 2

# A thread's own room: for the gradients of TILE_ROWS rows of up to 16 vectors; for copies of
# columns, a quarter of the smallest L2 cache; for copies of panels, at most so many. Between groups
# of columns and between panels is a line.
BUFFER_VECTORS = TILE_ROWS * 16
COLUMNS_VECTORS = 128 * 1024 // REGISTER_BYTES
PANELS = 80
GAP_VECTORS = LINE_BYTES // REGISTER_BYTES
COLUMNS_ROOM = COLUMNS_VECTORS + COLUMNS_VECTORS // PANEL_ROWS * lanes(4) // TILE_ROWS * GAP_VECTORS

# sorted takes layer 1's neurons in panels of so many vectors, or of twice as many.
NEURON_UNIT = TILE_ROWS // 4

# What threads are handed: mini-batch rows and weight rows come in these units, so that the
# tiles are the same for any number of threads. A square of vectors has 16 rows at most, and those
# of two threads must not overlap.
ROW_UNIT = 8
SMALL_MINI_BATCH = 24  # of fewer rows: for them 8 at a time would be lopsided
UPDATE_UNIT = 16

Offsets = NDArray[np.int64]


class Layers(NamedTuple):
    """Sizes and offsets, in elements: arrays, in kernels pointers.

    last        L, the number of weight matrices; layer L is the output
    sizes       (L+1,)  neurons of each layer
    widths      (L+1,)  the same, padded to whole vectors and tiles
    strides     (L+1,)  distance of rows in memory, at least widths, see _stride
    activations (L+1,)  run-time code of sigma; the input's is not used
    a           (L+1,)  in scratch: activations, (mini-batch, strides[l])
    delta       (L+1,)  in scratch: errors, (mini-batch, strides[l]); the input has none
    slope       (L+1,)  in scratch: da/dz, (mini-batch, strides[l]), of layers that keep it
    w           (L,)    in parameters: weights, (widths[l], strides[l+1])
    b           (L,)    in parameters: biases, (strides[l+1],)
    w_t         (L,)    in scratch: w transposed, (widths[l+1], strides[l]); w[0] needs none
    y           (1,)    in scratch: targets, (mini-batch, strides[L])
    sums        (1,)    in scratch: gradients, as parameters lie, if a mini-batch is in parts
    room        (2,)    in scratch: the first thread's own room, and how far it is to the next one's
    functions   (L+1,)  addresses of compiled activations, see kernels.functions; 0 for none
    cost        (1,)    run-time code of the cost
    cost_functions (2,) addresses of a compiled cost and of its derivative; 0 for none
    cost_numbers (1,)   address of the numbers that a cost has, float64; 0 for none
    """

    last: int
    sizes: Offsets
    widths: Offsets
    strides: Offsets
    activations: Offsets
    a: Offsets
    delta: Offsets
    slope: Offsets
    w: Offsets
    b: Offsets
    w_t: Offsets
    y: Offsets
    sums: Offsets
    room: Offsets
    functions: Offsets
    cost: Offsets
    cost_functions: Offsets
    cost_numbers: Offsets


class Functions(NamedTuple):
    """Activations and the cost, as kernels find them; lists have an item for each layer above 0.

    activations     run-time codes, see activations.CODES
    slopes          whether a layer keeps da/dz
    addresses       of what is called; 0 for none
    cost            run-time code, see costs.CODES
    cost_addresses  of the cost and of its derivative, if they are called
    cost_numbers    address of the cost's numbers; 0 for none
    """

    activations: Sequence[int]
    slopes: Sequence[bool]
    addresses: Sequence[int]
    cost: int
    cost_addresses: Sequence[int]
    cost_numbers: int = 0


class Plan(NamedTuple):
    """The layers, how many elements parameters and scratch memory take, rows with padding, threads.

    table (fields, L+1) int64 has one row for each field of layers, in their order, the first one
    too: kernels take it instead, for one array is quicker to hand over than ten.
    """

    table: Offsets
    layers: Layers
    parameters: int
    scratch: int
    rows: int
    threads: int


def _stride(width: int, itemsize: int, unit: int = 1) -> int:
    """A distance of rows, at least of whole units of vectors, that spreads them over the cache.

    Which of the cache's sets a line may lie in follows from a few bits of its address. Rows
    whose distance is a multiple of 8 lines share an eighth of the sets or less, and push each
    other out of a cache that has room for all: at 256 float32 neurons that took 4 times as long.
    """
    stride = _round_up(width, unit * lanes(itemsize))
    conflict = stride * itemsize % (8 * LINE_BYTES) == 0
    return stride + unit * lanes(itemsize) if conflict else stride


def square_units(sizes: Sequence[int]) -> int:
    """How many partial sums of squares kernels.norms writes."""
    return sum(-(-size // UPDATE_UNIT) + 1 for size in sizes[:-1])


class _Counter:
    """Hands out consecutive pieces of memory, each aligned."""

    def __init__(self, itemsize: int):
        self.size, self._line = 0, ALIGNMENT // itemsize

    def take(self, rows: int, stride: int) -> int:
        start = self.size
        self.size += _round_up(rows * stride, self._line)
        return start


def _round_up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple


def plan_layers(
    sizes: Sequence[int], functions: Functions, dtype: DTypeLike, rows: int, threads: int = 1
) -> Plan:
    """Lay out a network of these sizes for mini-batches of up to `rows` rows."""
    itemsize = np.dtype(dtype).itemsize
    widths = [_round_up(n, max(lanes(itemsize), TILE_ROWS)) for n in sizes]
    strides = [
        _stride(width, itemsize, NEURON_UNIT if l == 1 else 1) for l, width in enumerate(widths)
    ]
    rows = _round_up(rows, HALF_TILE)
    parameters, scratch = _Counter(itemsize), _Counter(itemsize)
    w, b = [], []
    for l in range(len(sizes) - 1):
        w.append(parameters.take(widths[l], strides[l + 1]))
        b.append(parameters.take(1, strides[l + 1]))
    a = [scratch.take(rows, stride) for stride in strides]
    delta = [scratch.take(rows if l else 0, stride) for l, stride in enumerate(strides)]
    kept = [False, *functions.slopes]
    slope = [scratch.take(rows if kept[l] else 0, stride) for l, stride in enumerate(strides)]
    w_t = [scratch.take(widths[l + 1] if l else 0, strides[l]) for l in range(len(sizes) - 1)]
    y = scratch.take(rows, strides[-1])
    sums = scratch.take(1, parameters.size if rows > PANEL_ROWS else 0)
    panels = min(PANELS, max(strides[1:]) // (lanes(itemsize) * TILE_VECTORS) + 1)
    vectors = BUFFER_VECTORS + COLUMNS_ROOM + panels * (PANEL_ROWS * TILE_VECTORS + GAP_VECTORS)
    own = _round_up(vectors * lanes(itemsize), ALIGNMENT)
    room = scratch.take(threads, own)
    fields = {
        "sizes": sizes,
        "widths": widths,
        "strides": strides,
        "activations": [-1, *functions.activations],
        "a": a,
        "delta": delta,
        "slope": slope,
        "w": w,
        "b": b,
        "w_t": w_t,
        "y": [y],
        "sums": [sums],
        "room": [room, own],
        "functions": [0, *functions.addresses],
        "cost": [functions.cost],
        "cost_functions": functions.cost_addresses,
        "cost_numbers": [functions.cost_numbers],
    }
    layers = Layers(
        last=len(sizes) - 1, **{name: np.array(field, np.int64) for name, field in fields.items()}
    )
    table = np.zeros((1 + len(fields), len(sizes)), np.int64)
    table[0, 0] = layers.last
    for row, field in zip(table[1:], layers[1:], strict=True):
        row[: len(field)] = field
    return Plan(table, layers, parameters.size, scratch.size, rows, threads)


def aligned_empty(size: int, dtype: DTypeLike) -> NDArray:
    """A flat array, its content undefined, that starts at a multiple of ALIGNMENT bytes."""
    return aligned_in(np.empty(size * np.dtype(dtype).itemsize + ALIGNMENT, np.uint8), size, dtype)


def aligned_in(memory: NDArray[np.uint8], size: int, dtype: DTypeLike) -> NDArray:
    """The same as a part of `memory`, which has ALIGNMENT bytes more than that needs, or above."""
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size * np.dtype(dtype).itemsize].view(dtype)
