"""Training of a network on one data set, by the kernels."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import buffer_pool, first_layer
from fastnn.engine.arrays import read_only
from fastnn.engine.compression import MOST_COLUMNS
from fastnn.engine.halves import in_halves
from fastnn.engine.inputs import Inputs, shared
from fastnn.engine.passes import BLOCK, Engine
from fastnn.engine.rule import MOST_UPDATES, OptimizerMemory, UpdateRule, extras_of, hyperparameters
from fastnn.engine.targets import OneHot, as_kernels_take
from fastnn.engine.threads import run_team
from fastnn.kernels import epoch, workspace
from fastnn.kernels import shuffle as shuffle_kernels
from fastnn.kernels.layer1 import compressed
from fastnn.kernels.layer1.sorted import Bins, make_bins
from fastnn.kernels.layer1.sparse import SMALLEST_SCALE
from fastnn.kernels.layout import HALVES, INPUT_GROUP, UPDATE_UNIT, Plan
from fastnn.kernels.simd.registers import REGISTER_BYTES

__all__ = ["EpochsFigures", "Trainer", "gradients", "shuffle", "train"]

# The optimizer's work on the weights of INPUT_GROUP inputs, in entries': for each vector of them
# Adam takes some 10 cycles and SGD 3, and an entry's forward pass and gradient 6 in all.
_SGD_UPDATE, _UPDATE = 2.0, 7.0
_PROGRESS = 4  # numbers that say how far a training has come, see kernels.epoch


class EpochsFigures(NamedTuple):
    """Figures of several epochs, all float64.

    all_finite          whether all of these are, and with them costs and parameters
    cost_sums, correct  (epochs,): of the rows, each before its own update
    norms, ...          (epochs, layers): of the parameters that each epoch leaves, see
                        ParameterFigures
    """

    all_finite: bool
    cost_sums: NDArray
    correct: NDArray
    norms: NDArray
    zero_shares: NDArray
    largest_weights: NDArray
    squares: NDArray
    magnitudes: NDArray
    biases: NDArray


class Trainer:
    """Training of an engine's network on one data set, in as many calls as one likes.

    memory  the optimizer's
    """

    def __init__(
        self,
        engine: Engine,
        x: "NDArray | Inputs",
        y: NDArray | OneHot,
        rule: UpdateRule,
        memory: OptimizerMemory | None = None,
        max_threads: int = 1,
        weights: NDArray | None = None,
        multi_label: bool = False,
        classes: bool = True,
    ):
        """x (rows, inputs) of any float dtype or uint8, y (rows, outputs) targets.

        weights (rows,): how much each row counts in costs and gradients; None: 1 each.
        multi_label: see Engine.evaluate
        classes: whether targets name classes; else none of the rows is `correct`
        """
        self._engine = engine
        self._mini_batch_size = min(rule.mini_batch_size, len(y))
        self._eta = rule.eta
        self.memory = memory or OptimizerMemory(
            rule.optimizer, engine.parameters.size, engine.dtype
        )
        inputs = x if isinstance(x, Inputs) else shared(x, engine.dtype, engine.input_scale)
        self._owns_inputs = inputs is None
        self._inputs = inputs or Inputs(np.asarray(x), engine.dtype, engine.input_scale)
        self._y = as_kernels_take(y, engine.dtype)
        self._weighted = weights is not None
        self._weights = read_only(np.ones(0) if weights is None else weights, engine.dtype)
        self._classes = classes
        self._each_output = multi_label or engine.sizes[-1] == 1
        way = self._first_layer(rule)
        dense = way == first_layer.DENSE  # else nobody reads x, which may not even be there
        self._dense: workspace.Dense | None = None
        if dense:
            middle = self._dense_middle(rule)
            self._dense = workspace.Dense(self._inputs.x, middle, engine.input_scale)
        self._ended = np.empty((0, 0))  # the figures of epochs, see `run_epochs`
        self._extras = extras_of(rule, engine.sizes, engine.parameters.size, engine.dtype)
        self._spare: list[NDArray] = []  # what `give_back` leaves to others
        plan = engine.plan(self._mini_batch_size, max_threads, rule.drop)
        self._table = plan.table
        self._memory = self._make_memory(plan, max_threads)
        in_groups = way == first_layer.SORTED
        self._nonzeros = None if dense else self._in_halves(in_groups, rule.optimizer)
        self._bins = self._make_bins(max_threads) if in_groups else None
        self._progress = np.zeros(_PROGRESS)
        self._progress[epoch.UPDATES], self._progress[epoch.SCALE] = self.memory.updates, 1.0
        self._hyperparameters = hyperparameters(rule, len(engine.sizes) - 1)

    def _first_layer(self, rule: UpdateRule) -> str:
        """The way in which layer 1 takes the rows."""
        engine, inputs = self._engine, self._inputs
        if engine.sizes[0] > MOST_COLUMNS:
            return first_layer.DENSE
        lanes = REGISTER_BYTES // engine.dtype.itemsize
        ways = [first_layer.DENSE, first_layer.SORTED]
        each = rule.clip_norm or np.ravel(rule.drop)[0] or np.ravel(rule.l1)[0]
        if rule.optimizer == "sgd" and not each:
            ways.append(first_layer.SCALED)
        return first_layer.fastest(
            ways,
            inputs.density,
            engine.sizes[0],
            -(-engine.sizes[1] // lanes),
            REGISTER_BYTES,
            self._mini_batch_size,
            rule.optimizer,
        )

    def _dense_middle(self, rule: UpdateRule) -> int:
        """Where the halves of dense inputs meet, if they are to come in halves; else 0."""
        inputs = self._engine.sizes[0]
        if np.ravel(rule.drop)[0] or not first_layer.shares_inputs(inputs, self._mini_batch_size):
            return 0
        return inputs // (2 * UPDATE_UNIT) * UPDATE_UNIT

    @property
    def _in_parts(self) -> bool:
        """Whether layer 1's z is summed up in parts, from halves of the inputs."""
        return self._dense is None or self._dense.middle > 0

    def _make_memory(self, plan: Plan, threads: int) -> workspace.Memory:
        """Room for the mini-batches of so many threads."""
        part = plan.rows * int(plan.layers.strides[1]) if self._in_parts else 0
        return workspace.Memory(
            self._engine.parameters,
            self.memory.first,
            self.memory.second,
            self._room(plan.scratch),
            self._room(HALVES, part),
            np.empty(self._mini_batch_size),
            np.zeros(threads, np.int64),
            self._ended,
        )

    def _room(self, *shape: int) -> NDArray:
        """An array whose memory `give_back` leaves to others."""
        array = buffer_pool.empty(math.prod(shape), self._engine.dtype)
        self._spare.append(array)
        return array.reshape(shape)

    def _in_halves(self, in_groups: bool, optimizer: str) -> compressed.Nonzeros:
        """The rows' entries in the form that is asked for."""
        m, inputs = self._mini_batch_size, self._engine.sizes[0]
        if in_groups:
            update = _SGD_UPDATE if optimizer == "sgd" else _UPDATE
            return in_halves(self._inputs.groups, -(-inputs // INPUT_GROUP), m, update)
        return in_halves(self._inputs.nonzeros, inputs, m, 0)

    def _make_bins(self, threads: int) -> Bins:
        """Memory for sorting a mini-batch's entries."""
        assert self._nonzeros is not None
        room = self._mini_batch_size * int(np.diff(self._nonzeros.starts).max())
        return make_bins(threads, self._engine.sizes[0], room, self._engine.dtype)

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
    def _is_scaled(self) -> bool:
        """Whether weights[0] may lack a factor within an epoch."""
        return self._nonzeros is not None and self._bins is None

    def state(self) -> list[float]:
        """What `restore` needs to go on between two calls of `run`, besides arrays.

        Those are the parameters and the optimizer's memory as they are just then, without
        `finish_epoch`: weights[0] lacks the factor that `factor_in` gives.
        """
        return self._progress.tolist()

    def restore(self, state: Sequence[float]) -> None:
        """Go on where another trainer gave this state."""
        self._progress[:] = state
        # Another CPU may have chosen another way.
        if self._progress[epoch.SCALE] != 1.0 and not self._is_scaled:
            epoch.finish(self._table, self._memory, self._progress)

    @staticmethod
    def check_state(state: Sequence[float]) -> None:
        """TypeError or ValueError unless `state` could have given this."""
        numbers = [isinstance(number, (int, float)) for number in state]
        if numbers != [True] * _PROGRESS or not np.isfinite(state).all():
            raise ValueError(f"progress: expected {_PROGRESS} finite numbers, got {state}")
        counts, scale = (state[epoch.UPDATES], state[epoch.CORRECT]), state[epoch.SCALE]
        if any(count % 1 or not 0 <= count <= MOST_UPDATES for count in counts):
            raise ValueError(f"progress: expected counts of updates and rows, got {counts}")
        if not SMALLEST_SCALE <= scale <= 1:
            raise ValueError(f"progress: expected a scale up to 1, got {scale}")

    @staticmethod
    def factor_in(state: Sequence[float]) -> float:
        """What weights[0] must be multiplied with to be the network's."""
        return state[epoch.SCALE]

    @staticmethod
    def updates_in(state: Sequence[float]) -> int:
        """How many updates the optimizer had done."""
        return int(state[epoch.UPDATES])

    @staticmethod
    def correct_in(state: Sequence[float]) -> int:
        """How many of the epoch's rows had been classified correctly."""
        return int(state[epoch.CORRECT])

    def give_back(self) -> None:
        """Leave large pieces of memory to others; there can be no more training."""
        nothing = np.empty(0, self._engine.dtype)
        self._memory = self._memory._replace(scratch=nothing, parts=nothing.reshape(0, 0))
        while self._spare:
            buffer_pool.give_back(self._spare.pop())
        if self._owns_inputs:
            self._nonzeros = None
            self._inputs.give_back()

    def compile(self) -> None:
        """Load, or compile if need be, what the other methods run; before the first of them."""
        self.run(np.zeros(0, np.int64))
        if self._is_scaled:
            epoch.finish(self._table, self._memory, self._progress)

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
        self._run(self._memory, order, len(order) + 1, threads, etas)

    def run_epochs(self, orders: NDArray, threads: int, etas: NDArray) -> None:
        """Train on whole epochs, one after the other.

        orders (epochs, rows), etas (epochs, mini-batches): as for `run`. All is the same bits as
        of `start_epoch`, `run` and `finish_epoch` for each of them. `ended` has their figures.
        """
        count, rows = orders.shape
        self.start_epoch()
        self._ended = np.empty((count, epoch.epoch_figures(len(self._engine.weights))))
        memory = self._memory._replace(epochs=self._ended)
        self._run(memory, orders.reshape(-1), rows, threads, etas.reshape(-1))

    @property
    def ended(self) -> "EpochsFigures":
        """The figures of the epochs of the last `run_epochs`."""
        table, layers = self._ended, len(self._engine.weights)
        columns = (table[:, k : k + layers] for k in range(2, table.shape[1], layers))
        return EpochsFigures(bool(np.isfinite(table).all()), table[:, 0], table[:, 1], *columns)

    def _run(
        self, memory: workspace.Memory, order: NDArray, epoch_rows: int, threads: int, etas: NDArray
    ) -> None:
        data = workspace.Data(
            self._y,
            self._classes,
            self._each_output,
            self._weighted,
            self._weights,
            read_only(order),
            len(order),
            epoch_rows,
            read_only(etas, np.float64),
        )
        run_team(
            lambda member: epoch.train(
                self._table,
                self._engine.cost,
                memory,
                data,
                self._dense,
                self._nonzeros,
                self._bins,
                self._extras,
                self._mini_batch_size,
                self._hyperparameters,
                self._progress,
                member,
            ),
            threads,
        )

    def finish_epoch(self) -> None:
        """Complete the parameters, which between calls of `run` may lack a common factor."""
        self.memory.updates = int(self._progress[epoch.UPDATES])
        if self._progress[epoch.SCALE] != 1.0:
            epoch.finish(self._table, self._memory, self._progress)


def train(
    engine: Engine,
    x: NDArray,
    y: NDArray,
    order: NDArray,
    *,
    mini_batch_size: int,
    eta: float,
    l1: float,
    l2: float,
    n: int,
) -> tuple[float, int]:
    """Plain stochastic gradient descent over the rows of `order`, see `Trainer`.

    Returns the sum of the rows' data costs and how many were classified correctly, each
    before the update of its mini-batch.
    """
    trainer = Trainer(engine, x, y, UpdateRule(mini_batch_size, eta, l1, l2, n))
    trainer.run(order)
    trainer.finish_epoch()
    return trainer.cost_sum, trainer.correct


def gradients(
    engine: Engine, x: NDArray, y: NDArray | OneHot
) -> tuple[list[NDArray], list[NDArray]]:
    """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
    rule = UpdateRule(BLOCK, 0.0, 0.0, 0.0, 1, "accumulate")
    trainer = Trainer(engine, x, y, rule, classes=False)
    trainer.run(np.arange(len(x)))
    return engine.matrices(trainer.memory.first)


def shuffle(state: NDArray, order: NDArray) -> None:
    """Shuffle order (n,) int64 as random.shuffle does.

    state (625,) int64 is random.getstate()[1], and is left as random.shuffle leaves it.
    """
    shuffle_kernels.shuffle(state, order)
