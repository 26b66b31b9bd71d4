"""A network's packed parameters, and the passes that change nothing: outputs and figures."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import aligned_zeros, number, raw_rows, read_only
from fastnn.engine.being_trained import Markable
from fastnn.engine.compression import Compressor
from fastnn.engine.sparse_rows import SparseRows
from fastnn.engine.targets import OneHot, as_kernels_take
from fastnn.engine.threads import available_cores, run_team
from fastnn.engine.weight_figures import ParameterFigures, WeightFigures
from fastnn.layout import codes
from fastnn.layout.evaluation import Judged, Room, RowsToEvaluate
from fastnn.layout.figures import FIGURES
from fastnn.layout.layers import Functions, Plan, aligned_empty, plan_layers
from fastnn.layout.rows import SPARE
from fastnn.layout.team import Member
from fastnn.native import functions, kernels

__all__ = ["BLOCK", "Engine", "Predictor"]

# Rows that a pass without updates takes at a time: enough to reuse each weight often,
# few enough for their activations to stay in the cache.
BLOCK = 128

_PIECE = 1 << 22  # outputs that pieces have at most, if blocks have no more

_WORTH_THREADS = 1e-3  # seconds: to wake a thread takes some 50 microseconds


class Engine(Markable):
    """Packed parameters of a network, and the kernels at work on them.

    parameters  all weights and biases, (p,), as layout.layers places them
    weights     list of (outputs, inputs) arrays, biases list of (outputs, 1): views of the
                packed parameters, so that writing to them is writing to the network

    Calls that don't train may run at the same time in several threads: scratch memory is
    each call's own.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activations: Sequence[functions.Given],
        cost: functions.Given,
        dtype: DTypeLike,
        input_scale: float = 1.0,
    ):
        """`activations` has every layer's but the input's.

        Each is a name from ACTIVATIONS or a pair of functions (sigma, sigma'); `cost` is one from
        COSTS, a pair (C, dC/da), or ("pinball", quantiles), one or one for each output. Inputs are
        multiplied by `input_scale`.
        """
        self.dtype = np.dtype(dtype)
        self.input_scale = number(input_scale, dtype)
        self.sizes = list(sizes)
        self._cost, self._cost_functions = functions.cost(cost, self.dtype)
        self._clipped = codes.CLIPPED_COSTS.get(cost, cost)
        numbers = cost[1] if isinstance(cost, tuple) and isinstance(cost[0], str) else ()
        self._cost_numbers = np.zeros(sizes[-1])  # of each output, at an address that kernels have
        if numbers:
            self._cost_numbers[:] = numbers
        self._activations = [functions.activation(given, self.dtype) for given in activations]
        self._plan = self.plan(BLOCK)
        self._no_nonzeros = Compressor(0, 1, self.dtype).nonzeros()
        self.parameters = aligned_zeros(self._plan.parameters, self.dtype)
        self.weights, self.biases = self.matrices(self.parameters)

    def plan(
        self,
        rows: int,
        threads: int = 1,
        drop: float | Sequence[float] = 0.0,
        *,
        clipped: bool = False,
    ) -> Plan:
        """The memory layout for passes of up to `rows` rows at a time.

        drop     as in UpdateRule
        clipped  as in Counting
        """
        cost, cost_functions = self._cost, self._cost_functions
        if clipped:
            cost, cost_functions = functions.cost(self._clipped, self.dtype)
        called = [function for _, function in self._activations]
        dropping = [*np.broadcast_to(drop, len(called))[1:], 0.0]
        layer_functions = Functions(
            activations=[code for code, _ in self._activations],
            slopes=[f is not None or rate > 0 for f, rate in zip(called, dropping, strict=True)],
            addresses=[function.address if function else 0 for function in called],
            cost=cost,
            cost_addresses=[function.address for function in cost_functions],
            cost_numbers=self._cost_numbers.ctypes.data,
        )
        return plan_layers(self.sizes, layer_functions, self.dtype, rows, threads)

    def matrices(self, packed: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """Weights and biases as views of an array that is laid out as the parameters."""
        layers = self._plan.layers
        weights, biases = [], []
        for l, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            stride, w, b = layers.strides[l + 1], layers.w[l], layers.b[l]
            weights.append(packed[w : w + n_in * stride].reshape(n_in, stride)[:, :n_out].T)
            biases.append(packed[b : b + n_out].reshape(n_out, 1))
        return weights, biases

    def packed(self, weights: Sequence[NDArray], biases: Sequence[NDArray]) -> NDArray:
        """A new array that is laid out as the parameters, with these values."""
        packed = aligned_zeros(self._plan.parameters, self.dtype)
        for targets, values in zip(self.matrices(packed), (weights, biases), strict=True):
            for target, value in zip(targets, values, strict=True):
                target[...] = value
        return packed

    def figures(self, packed: NDArray | None = None) -> ParameterFigures:
        """Of the parameters, or of others that are laid out alike."""
        table = np.empty((FIGURES, len(self.sizes) - 1))
        kernels.measure(self._plan.table, self.parameters if packed is None else packed, table)
        norms, zero_shares, largest, *others = map(tuple, table.tolist())
        return ParameterFigures(WeightFigures(norms, zero_shares, largest), *others)

    def evaluate(
        self,
        x: NDArray | SparseRows,
        y: NDArray | OneHot,
        multi_label: bool = False,
        row_weights: NDArray | None = None,
        n_threads: int | None = None,
    ) -> tuple[float, int]:
        """The sum of the rows' data costs, and how many rows are classified correctly.

        x            (rows, inputs) of any float dtype or uint8, or their non-zeros
        y            (rows, outputs) targets
        multi_label  every output decides for itself, and all of a row's must be right
        row_weights  (rows,): how much each row's cost counts; None: 1 each
        n_threads    the most to use, all cores if None
        """
        rows, blocks = self.to_evaluate(x), -(-len(x) // BLOCK)
        judged = Judged(
            as_kernels_take(y, self.dtype),
            multi_label or self.sizes[-1] == 1,
            row_weights is not None,
            read_only(np.ones(0) if row_weights is None else row_weights, self.dtype),
            np.empty(blocks),
            np.empty(blocks, np.int64),
        )

        def part(room: Room, first: int, last: int) -> None:
            kernels.evaluate(self._plan.table, self.parameters, room, rows, judged, first, last)

        self._for_all_rows(part, rows, len(x), n_threads)
        return float(np.cumsum(judged.costs)[-1]), int(judged.correct.sum())

    def outputs(self, x: NDArray | SparseRows, n_threads: int | None = None) -> NDArray:
        """The output layer's activations, (rows, outputs), of the parameters' dtype.

        x, n_threads  as for evaluate
        """
        return next(self.outputs_in_pieces(x, max(1, len(x)), n_threads))

    def outputs_in_pieces(
        self, x: NDArray | SparseRows, rows: int | None = None, n_threads: int | None = None
    ) -> Iterator[NDArray]:
        """The same bits, some rows at a time, so that no more of them take memory at once.

        rows  how many; None: those whose outputs take some megabytes
        """
        given, outputs = self.to_evaluate(x), self.sizes[-1]
        rows = rows or max(1, _PIECE // outputs // BLOCK) * BLOCK
        for offset in range(0, len(x) or 1, rows):
            size = min(rows, len(x) - offset)
            yield self._outputs(given, offset, np.empty((size, outputs), self.dtype), n_threads)

    def to_evaluate(self, x: NDArray | SparseRows) -> RowsToEvaluate:
        """Rows as kernels take them that evaluate; all must outlive the call."""
        if isinstance(x, SparseRows):
            nonzeros = x.nonzeros(self.dtype, self.input_scale)
            return RowsToEvaluate(raw_rows(np.empty((0, 1), self.dtype)), True, nonzeros)
        return RowsToEvaluate(raw_rows(x), False, self._no_nonzeros)

    def _outputs(
        self, x: RowsToEvaluate, offset: int, result: NDArray, n_threads: int | None
    ) -> NDArray:
        """Fill in the result with the outputs of as many rows, from row `offset` on."""

        def part(room: Room, first: int, last: int) -> None:
            kernels.outputs(
                self._plan.table,
                self.parameters,
                room,
                x,
                offset + first,
                offset + last,
                result,
                offset,
            )

        self._for_all_rows(part, x, len(result), n_threads)
        return result

    def predictor(self, read: Callable[[Any], NDArray] = np.asarray) -> "Predictor":
        """One row's outputs at a time, with everything prepared beforehand.

        `read` makes an array of a row that is none.
        """
        return Predictor(self, read)

    def room(self, rows: int, plan: Plan, x: RowsToEvaluate) -> Room:
        """One thread's memory for blocks of at most `rows` rows, with a plan for as many."""
        room = SPARE if x.compressed else rows * self.sizes[0] + SPARE
        return Room(
            BLOCK,
            aligned_empty(plan.scratch, self.dtype),
            np.arange(rows + 1),
            np.empty(rows + 1, np.int64),
            np.empty(room, np.uint16),
            np.empty(room, self.dtype),
            np.empty(rows),
            self.input_scale,
        )

    def _for_all_rows(
        self,
        part: Callable[[Room, int, int], None],
        x: RowsToEvaluate,
        rows: int,
        n_threads: int | None,
    ) -> None:
        """Call part(room, first, last) until all rows are done, on more threads if it takes long.

        How long is measured on the first block. Rows are independent of each other, so the
        result is the same bits for any number of threads.
        """
        start, first = time.perf_counter(), min(rows, BLOCK)
        part(self.room(first, self._plan, x), 0, first)
        seconds_a_row = (time.perf_counter() - start) / max(1, first)
        blocks = -(-(rows - first) // BLOCK)
        if blocks == 0:
            return
        worth = seconds_a_row * (rows - first) > _WORTH_THREADS
        size = min((n_threads or available_cores()) if worth else 1, blocks)

        def share(member: Member) -> None:
            begin, end = (
                first + blocks * k // size * BLOCK for k in (member.number, member.number + 1)
            )
            part(self.room(BLOCK, self._plan, x), begin, min(end, rows))

        run_team(share, size)


class Predictor:
    """Outputs of one row at a time, without preparing anything for each call.

    It sees changes of the network's parameters. Its memory serves one call at a time: give
    each thread a predictor of its own.
    """

    def __init__(self, engine: Engine, read: Callable[[Any], NDArray]):
        plan = engine.plan(1)
        self._engine = engine  # its parameters and functions must outlive this
        self._read = read
        self._inputs = (engine.sizes[0],)
        self._x = np.zeros((1, engine.sizes[0]), engine.dtype)
        self._row = self._x[0]
        self._result = np.empty((1, engine.sizes[-1]), engine.dtype)
        x = engine.to_evaluate(self._x)
        self._outputs = kernels.outputs.with_first(
            plan.table, engine.parameters, engine.room(1, plan, x), x, 0, 1, self._result, 0
        )

    def __reduce__(self) -> tuple:  # a copy has memory of its own
        return Predictor, (self._engine, self._read)

    def __call__(self, row: NDArray) -> NDArray:
        """The outputs (outputs,) of a row (inputs,), in a new array."""
        if type(row) is not np.ndarray:
            row = self._read(row)
        if row.shape != self._inputs:
            raise ValueError(f"row: expected shape {self._inputs}, got {row.shape}")
        self._row[:] = row
        self._outputs()
        return self._result[0].copy()
