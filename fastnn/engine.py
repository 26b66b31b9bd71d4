"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters, a trainer all that a training needs besides.
They take arrays that the faces have validated, hand them to the kernels, and unpack what
comes back. They check nothing, print nothing and know no labels.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn import first_layer
from fastnn.kernels import (
    epoch,
    evaluation,
    extras,
    functions,
    norms,
    sparse,
    sparse_lazy,
    sparse_sorted,
    workspace,
)
from fastnn.kernels import optimizers as optimizer_kernels
from fastnn.kernels import shuffle as shuffle_kernels
from fastnn.kernels.layout import ROW_UNIT, Plan, aligned_empty, plan_layers
from fastnn.kernels.simd.registers import REGISTER_BYTES
from fastnn.kernels.team import Member
from fastnn.threads import available_cores, run_team

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "Engine",
    "Inputs",
    "OptimizerMemory",
    "Predictor",
    "Trainer",
    "UpdateRule",
    "share_inputs",
    "shuffle",
]

ACTIVATIONS, COSTS = functions.ACTIVATIONS, functions.COSTS

# Rows that a pass without updates takes at a time: enough to reuse each weight often,
# few enough for their activations to stay in the cache.
_BLOCK = 128

_WORTH_THREADS = 1e-3  # seconds: to wake a thread takes some 50 microseconds
_SAMPLE = 1_000  # rows that are looked at to find out
_LARGEST_DECAY = 0.5  # of an update, for which the closed forms of sparse_lazy are meant
_PROGRESS = 4  # numbers that say how far a training has come, see kernels.epoch


class UpdateRule(NamedTuple):
    """How a training changes parameters.

    mini_batch_size, eta   rows of a mini-batch, learning rate
    l1, l2                 the book's lmbda, twice: one for all weights, or one a layer
    n                      the training set's size
    optimizer              a name, see kernels.optimizers, and its settings; rho is beta2
    proximal               whether L1 is a soft threshold instead of a sub-gradient
    max_norm               largest norm of a neuron's weights, for all or one a layer; 0: any
    clip_norm              largest norm of a mini-batch's mean gradient; 0: any
    drop                   rate of dropout: of all layers but the output, or one each, the input's
                           first; drop_seed decides who is dropped
    steady                 whether all mini-batches have the learning rate eta
    """

    mini_batch_size: int
    eta: float
    l1: float | Sequence[float]
    l2: float | Sequence[float]
    n: int
    optimizer: str = "sgd"
    mu: float = 0.0
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0
    proximal: bool = False
    max_norm: float | Sequence[float] = 0.0
    clip_norm: float = 0.0
    drop: float | Sequence[float] = 0.0
    drop_seed: int = 0
    steady: bool = True


class OptimizerMemory:
    """What an optimizer remembers between updates, laid out as the parameters.

    first    v of momentum, Adam's first moment
    second   Adam's second moment, RMSProp's mean square
    updates  how many updates were done
    """

    def __init__(self, optimizer: str, parameters: int, dtype: DTypeLike):
        """Zeros for the arrays that this optimizer has, empty arrays for the others."""
        first = 0 if optimizer in ("sgd", "rmsprop") else parameters
        second = parameters if optimizer in ("rmsprop", "adam", "adamw") else 0
        self.first, self.second = _aligned_zeros(first, dtype), _aligned_zeros(second, dtype)
        self.updates = 0


class Engine:
    """Packed parameters of a network, and the kernels at work on them.

    parameters  all weights and biases, (p,), as kernels.layout places them
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
    ):
        """`activations` has every layer's but the input's.

        Each is a name from ACTIVATIONS or a pair of functions (sigma, sigma'); `cost` is one from
        COSTS or a pair (C, dC/da).
        """
        self.dtype = np.dtype(dtype)
        self.sizes = list(sizes)
        self.cost, self._cost_functions = functions.cost(cost, self.dtype)
        self._activations = [functions.activation(given, self.dtype) for given in activations]
        self._plan = self.plan(_BLOCK)
        self.parameters = _aligned_zeros(self._plan.parameters, self.dtype)
        self.weights, self.biases = self.matrices(self.parameters)

    def plan(self, rows: int, threads: int = 1, drop: float | Sequence[float] = 0.0) -> Plan:
        """The memory layout for passes of up to `rows` rows at a time; `drop` as in UpdateRule."""
        called = [function for _, function in self._activations]
        dropping = [*np.broadcast_to(drop, len(called))[1:], 0.0]
        return plan_layers(
            self.sizes, [code for code, _ in self._activations], self.dtype, rows, threads,
            slopes=[
                function is not None or rate > 0
                for function, rate in zip(called, dropping, strict=True)
            ],
            functions=[function.address if function else 0 for function in called],
            cost_functions=[function.address for function in self._cost_functions],
        )  # fmt: skip

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
        packed = _aligned_zeros(self._plan.parameters, self.dtype)
        for targets, values in zip(self.matrices(packed), (weights, biases), strict=True):
            for target, value in zip(targets, values, strict=True):
                target[...] = value
        return packed

    def train(
        self, x: NDArray, y: NDArray, order: NDArray, *,
        mini_batch_size: int, eta: float, l1: float, l2: float, n: int,
    ) -> tuple[float, int]:  # fmt: skip
        """Plain stochastic gradient descent over the rows of `order`, see `Trainer`.

        Returns the sum of the rows' data costs and how many were classified correctly, each
        before the update of its mini-batch.
        """
        trainer = Trainer(self, x, y, UpdateRule(mini_batch_size, eta, l1, l2, n))
        trainer.run(order)
        trainer.finish_epoch()
        return trainer.cost_sum, trainer.correct

    def gradients(self, x: NDArray, y: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
        rule = UpdateRule(_BLOCK, 0.0, 0.0, 0.0, 1, "accumulate")
        trainer = Trainer(self, x, y, rule)
        trainer.run(np.arange(len(x)))
        return self.matrices(trainer.memory.first)

    def evaluate(
        self,
        x: NDArray,
        y: NDArray,
        multi_label: bool = False,
        weights: NDArray | None = None,
        n_threads: int | None = None,
    ) -> tuple[float, int]:
        """The sum of the rows' data costs, and how many rows are classified correctly.

        multi_label  every output decides for itself, and all of a row's must be right
        weights      (rows,): how much each row's cost counts; None: 1 each
        n_threads    the most to use, all cores if None
        """
        x, y = _read_only(x), _read_only(y, self.dtype)
        weights = None if weights is None else _read_only(weights, self.dtype)
        blocks = -(-len(x) // _BLOCK)
        costs, correct = np.empty(blocks), np.empty(blocks, np.int64)

        def part(room: evaluation.Room, first: int, last: int) -> None:
            evaluation.evaluate(
                self._plan.table, self.cost, multi_label or self.sizes[-1] == 1, self.parameters,
                room, x, y, weights, first, last, _BLOCK, costs, correct,
            )  # fmt: skip

        self._for_all_rows(part, len(x), n_threads)
        return float(np.cumsum(costs)[-1]), int(correct.sum())

    def outputs(self, x: NDArray) -> NDArray:
        """The output layer's activations, (rows, outputs), of the parameters' dtype."""
        x = _read_only(x)
        result = np.empty((len(x), self.sizes[-1]), self.dtype)

        def part(room: evaluation.Room, first: int, last: int) -> None:
            evaluation.outputs(
                self._plan.table, self.parameters, room, x, first, last, _BLOCK, result
            )

        self._for_all_rows(part, len(x))
        return result

    def predictor(self) -> "Predictor":
        """One row's outputs at a time, with everything prepared beforehand."""
        return Predictor(self)

    def room(self, rows: int, plan: Plan) -> evaluation.Room:
        """One thread's memory for blocks of at most `rows` rows, with a plan for as many."""
        room = rows * self.sizes[0] + sparse.SPARE
        return evaluation.Room(
            aligned_empty(plan.scratch, self.dtype), np.arange(rows + 1),
            np.empty(rows + 1, np.int64), np.empty(room, np.uint16), np.empty(room, self.dtype),
        )  # fmt: skip

    def _for_all_rows(
        self,
        part: Callable[[evaluation.Room, int, int], None],
        rows: int,
        n_threads: int | None = None,
    ) -> None:
        """Call part(room, first, last) until all rows are done, on more threads if it takes long.

        How long is measured on the first block. Rows are independent of each other, so the
        result is the same bits for any number of threads.
        """
        start, first = time.perf_counter(), min(rows, _BLOCK)
        part(self.room(first, self._plan), 0, first)
        seconds_a_row = (time.perf_counter() - start) / max(1, first)
        blocks = -(-(rows - first) // _BLOCK)
        if blocks == 0:
            return
        worth = seconds_a_row * (rows - first) > _WORTH_THREADS
        size = min((n_threads or available_cores()) if worth else 1, blocks)

        def share(member: Member) -> None:
            begin, end = (
                first + blocks * k // size * _BLOCK for k in (member.number, member.number + 1)
            )
            part(self.room(_BLOCK, self._plan), begin, min(end, rows))

        run_team(share, size)


class Predictor:
    """Outputs of one row at a time, without preparing anything for each call.

    It sees changes of the network's parameters. Its memory serves one call at a time: give
    each thread a predictor of its own.
    """

    def __init__(self, engine: Engine):
        plan = engine.plan(1)
        self._engine = engine  # its parameters and functions must outlive this
        self._inputs = (engine.sizes[0],)
        self._x = np.zeros((1, engine.sizes[0]), engine.dtype)
        self._row = self._x[0]
        self._result = np.empty((1, engine.sizes[-1]), engine.dtype)
        room = engine.room(1, plan)
        self._arguments = (
            plan.table, engine.parameters, room, _read_only(self._x), 0, 1, 1, self._result,
        )  # fmt: skip

    def __call__(self, row: NDArray) -> NDArray:
        """The outputs (outputs,) of a row (inputs,), in a new array."""
        if row.shape != self._inputs:
            raise ValueError(f"row: expected shape {self._inputs}, got {row.shape}")
        self._row[:] = row
        evaluation.outputs(*self._arguments)
        return self._result[0].copy()


class Trainer:
    """Training of an engine's network on one data set, in as many calls as one likes.

    memory  the optimizer's
    """

    def __init__(
        self,
        engine: Engine,
        x: "NDArray | Inputs",
        y: NDArray,
        rule: UpdateRule,
        memory: OptimizerMemory | None = None,
        max_threads: int = 1,
        weights: NDArray | None = None,
        multi_label: bool = False,
    ):
        """x (rows, inputs) of any float dtype, y (rows, outputs) targets.

        weights (rows,): how much each row counts in costs and gradients; None: 1 each.
        multi_label: see Engine.evaluate
        """
        self._engine = engine
        self._mini_batch_size = min(rule.mini_batch_size, len(y))
        self._eta = rule.eta
        self.memory = memory or OptimizerMemory(
            rule.optimizer, engine.parameters.size, engine.dtype
        )
        self._inputs = x if isinstance(x, Inputs) else _inputs(x, engine.dtype)
        self._y = _read_only(y, engine.dtype)
        self._weighted = weights is not None
        self._weights = _read_only(np.ones(0) if weights is None else weights, engine.dtype)
        self._each_output = multi_label or engine.sizes[-1] == 1
        plan = engine.plan(self._mini_batch_size, max_threads, rule.drop)
        units = -(-self._mini_batch_size // ROW_UNIT)
        self._table = plan.table
        self._memory = workspace.Memory(
            engine.parameters, self.memory.first, self.memory.second,
            aligned_empty(plan.scratch, engine.dtype), np.empty(units), np.empty(units, np.int64),
        )  # fmt: skip
        way = self._first_layer(rule)
        self._nonzeros = None if way == first_layer.DENSE else self._inputs.nonzeros
        self._bins = self._make_bins(max_threads) if way == first_layer.SORTED else None
        self._lazy = self._make_lazy(max_threads) if way == first_layer.LAZY else None
        self._extras = _extras(rule, engine)
        self._progress = np.zeros(_PROGRESS)
        self._progress[epoch.UPDATES], self._progress[epoch.SCALE] = self.memory.updates, 1.0
        self._hyperparameters = _hyperparameters(rule, len(engine.sizes) - 1)

    def _first_layer(self, rule: UpdateRule) -> str:
        """The way in which layer 1 takes the rows."""
        engine, inputs = self._engine, self._inputs
        if engine.sizes[0] > inputs.MOST_COLUMNS:
            return first_layer.DENSE
        lanes = REGISTER_BYTES // engine.dtype.itemsize
        ways = [first_layer.DENSE, first_layer.SORTED]
        if rule.optimizer == "sgd" and not (rule.clip_norm or np.ravel(rule.drop)[0]):
            if not np.ravel(rule.l1)[0]:
                ways.append(first_layer.SCALED)
            elif rule.steady and rule.eta * np.ravel(rule.l2)[0] / rule.n < _LARGEST_DECAY:
                ways.append(first_layer.LAZY)
        return first_layer.fastest(
            ways, inputs.density, engine.sizes[0], -(-engine.sizes[1] // lanes), REGISTER_BYTES,
            self._mini_batch_size, rule.optimizer,
        )  # fmt: skip

    def _make_bins(self, threads: int) -> sparse_sorted.Bins:
        """Memory for sorting a mini-batch's non-zeros."""
        nonzeros = self._inputs.nonzeros
        inputs = self._engine.sizes[0]
        room = self._mini_batch_size * int(np.diff(nonzeros.starts).max())
        return sparse_sorted.Bins(
            np.empty((threads, inputs + 1), np.int64), np.empty((threads, room), np.int32),
            np.empty((threads, room), self._engine.dtype), inputs + 1, room,
        )  # fmt: skip

    def _make_lazy(self, threads: int) -> sparse_lazy.Lazy:
        """Memory of how far each input's weights are regularized."""
        inputs = self._engine.sizes[0]
        totals = np.array([1.0, 0.0, 0.0])
        return sparse_lazy.Lazy(
            totals, np.tile(totals, (inputs, 1)), np.full(inputs, self.memory.updates),
            np.zeros((threads, inputs), np.int64), np.zeros((threads, inputs), np.int64), inputs,
        )  # fmt: skip

    @property
    def cost_sum(self) -> float:
        """Sum of the data costs of this epoch's rows, each before its own update."""
        return float(self._progress[epoch.COST_SUM])

    @property
    def correct(self) -> int:
        """How many of this epoch's rows were classified correctly, each before its update."""
        return int(self._progress[epoch.CORRECT])

    @property
    def updates(self) -> int:
        """How many updates the optimizer has done."""
        return int(self._progress[epoch.UPDATES])

    @property
    def divisible(self) -> bool:
        """Whether `state` is all that there is within an epoch: lazy weights remember more."""
        return self._lazy is None

    def state(self) -> list[float]:
        """What `restore` needs to go on between two calls of `run`, besides arrays.

        Those are the parameters and the optimizer's memory as they are just then, without
        `finish_epoch`: weights[0] lacks the factor that `factor_in` gives.
        """
        return self._progress.tolist()

    def restore(self, state: Sequence[float]) -> None:
        """Go on where another trainer gave this state."""
        self._progress[:] = state
        scaled = self._nonzeros is not None and self._bins is None and self._lazy is None
        if self._progress[epoch.SCALE] != 1.0 and not scaled:  # on another CPU: another way
            epoch.finish(self._table, self._memory, self._progress)

    @staticmethod
    def check_state(state: Sequence[float]) -> None:
        """ValueError unless `state` could have given this."""
        if len(state) != _PROGRESS or not np.isfinite(state).all():
            raise ValueError(f"expected {_PROGRESS} finite numbers, got {state}")

    @staticmethod
    def factor_in(state: Sequence[float]) -> float:
        """What weights[0] must be multiplied with to be the network's."""
        return state[epoch.SCALE]

    @staticmethod
    def updates_in(state: Sequence[float]) -> int:
        """How many updates the optimizer had done."""
        return int(state[epoch.UPDATES])

    def start_epoch(self) -> None:
        """Count cost_sum and correct from 0 again."""
        self._progress[epoch.COST_SUM] = self._progress[epoch.CORRECT] = 0.0

    def run(self, order: NDArray, threads: int = 1, etas: NDArray | None = None) -> None:
        """Train on the rows of `order` (k,), int64, k <= rows, one update a mini-batch.

        etas (mini-batches,) float64: each one's learning rate; None takes the rule's for all.

        All that follows from it is the same bits for any number of threads, and however an
        epoch is cut into calls at whole mini-batches. `finish_epoch` completes it.
        """
        if etas is None:
            etas = np.full(-(-len(order) // self._mini_batch_size), float(self._eta))
        data = workspace.Data(
            self._inputs.x, self._y, self._each_output, self._weighted, self._weights,
            _read_only(order), len(order), _read_only(etas, np.float64),
        )  # fmt: skip
        run_team(
            lambda member: epoch.train(
                self._table, self._engine.cost, self._memory, data, self._nonzeros, self._bins,
                self._lazy, self._extras, self._mini_batch_size, self._hyperparameters,
                self._progress, member,
            ),
            threads,
        )  # fmt: skip

    def finish_epoch(self) -> None:
        """Complete the parameters, which between calls of `run` may lack a common factor."""
        self.memory.updates = int(self._progress[epoch.UPDATES])
        if self._progress[epoch.SCALE] != 1.0:
            epoch.finish(self._table, self._memory, self._progress)
        if self._lazy is not None:
            epoch.finish_lazily(
                self._table, self._memory, self._lazy, self._hyperparameters, float(self._eta),
                self._progress,
            )  # fmt: skip


def shuffle(state: NDArray, order: NDArray) -> None:
    """Shuffle order (n,) int64 as random.shuffle does.

    state (625,) int64 is random.getstate()[1], and is left as random.shuffle leaves it.
    """
    shuffle_kernels.shuffle(state, order)


def _of_each(values: float | Sequence[float], layers: int) -> NDArray:
    """One number for all layers, or one each, as an array."""
    return np.broadcast_to(np.asarray(values, np.float64), layers).copy()


def _hyperparameters(rule: UpdateRule, layers: int) -> optimizer_kernels.Hyperparameters:
    """The rule as kernels take it; `layers` have weights."""
    return optimizer_kernels.Hyperparameters(
        optimizer_kernels.CODES[rule.optimizer], int(rule.n), float(rule.mu), float(rule.beta1),
        float(rule.beta2), float(rule.epsilon), _of_each(rule.l1, layers),
        _of_each(rule.l2, layers), bool(rule.proximal),
    )  # fmt: skip


def _extras(rule: UpdateRule, engine: Engine) -> extras.Extras | None:
    """What the rule asks for beyond the usual, with the memory for it."""
    layers = len(engine.sizes) - 1
    max_norm, drop = _of_each(rule.max_norm, layers), _of_each(rule.drop, layers)
    if not (rule.clip_norm or max_norm.any() or drop.any()):
        return None
    clipping = engine.parameters.size if rule.clip_norm else 0
    return extras.Extras(
        float(rule.clip_norm), _aligned_zeros(clipping, engine.dtype),
        np.empty(norms.square_units(engine.sizes)), bool(max_norm.any()), max_norm,
        bool(drop.any()), drop, int(rule.drop_seed),
    )  # fmt: skip


class Inputs:
    """The rows of a data set as trainings take them; several may share it.

    x        (rows, inputs), read-only
    density  fraction of the inputs that aren't 0, in a sample of the rows
    """

    MOST_COLUMNS = 2**16  # that the non-zeros' indices can tell apart

    def __init__(self, x: NDArray, dtype: DTypeLike):
        """`dtype` is that of the networks which x is for."""
        self.x, self._dtype = _read_only(x), np.dtype(dtype)
        sample = self.x[:: max(1, len(x) // _SAMPLE)]
        self.density = np.count_nonzero(sample) / sample.size
        self._nonzeros: sparse.Nonzeros | None = None
        self._lock = threading.Lock()

    @property
    def nonzeros(self) -> sparse.Nonzeros:
        """The rows compressed to their non-zeros, when first asked for."""
        with self._lock:
            if self._nonzeros is None:
                self._nonzeros = _compress(self.x, self._dtype)
            return self._nonzeros


def _compress(x: NDArray, dtype: np.dtype) -> sparse.Nonzeros:
    starts = np.empty(len(x) + 1, np.int64)
    sparse.count_nonzeros(x, starts)
    columns = np.empty(starts[-1] + sparse.SPARE, np.uint16)
    values = np.empty(starts[-1] + sparse.SPARE, dtype)
    sparse.compress(x, columns, values)
    return sparse.Nonzeros(*(_read_only(array) for array in (starts, columns, values)))


_shared_inputs: dict[tuple, Inputs] = {}


@contextmanager
def share_inputs(inputs: Inputs) -> Iterator[None]:
    """While this lasts, all trainings on the array that `inputs` are of take these.

    It is known by its place in memory, and must not change.
    """
    place = _place(inputs.x, inputs._dtype)
    if place in _shared_inputs:  # whoever shares them already will end it
        yield
        return
    _shared_inputs[place] = inputs
    try:
        yield
    finally:
        _shared_inputs.pop(place, None)


def _inputs(x: NDArray, dtype: np.dtype) -> Inputs:
    return _shared_inputs.get(_place(x, dtype)) or Inputs(x, dtype)


def _place(x: NDArray, dtype: np.dtype) -> tuple:
    return x.__array_interface__["data"][0], x.shape, x.dtype, dtype


def _aligned_zeros(size: int, dtype: DTypeLike) -> NDArray:
    array = aligned_empty(size, dtype)
    array[:] = 0
    return array


def _read_only(array: NDArray, dtype: DTypeLike | None = None) -> NDArray:
    """The array as kernels take their inputs: C-contiguous, and typed as read-only.

    Read-only and writable arrays are different types to Numba; passing every input as
    read-only spares a second compilation, and lets memory maps pass.
    """
    view = np.require(array, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view
