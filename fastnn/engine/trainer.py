"""Training of a network on one data set, by the kernels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import progress
from fastnn.engine import strategy as strategies
from fastnn.engine.arrays import read_only
from fastnn.engine.engine import BLOCK, Engine
from fastnn.engine.inputs import Inputs, inputs_of, is_shared
from fastnn.engine.memory import TrainingMemory, make_rows
from fastnn.engine.rule import OptimizerMemory, UpdateRule, extras_of, hyperparameters
from fastnn.engine.sparse_rows import SparseRows
from fastnn.engine.strategy import SCALED, Strategy, possible_ways, work_of
from fastnn.engine.targets import ONE_EACH, Counting, OneHot, as_kernels_take
from fastnn.engine.threads import run_team
from fastnn.engine.weight_figures import EpochsFigures
from fastnn.layout import figures
from fastnn.layout.training import Data, Piece
from fastnn.native import kernels

__all__ = ["Trainer", "gradients", "shuffle", "train"]


class Trainer:
    """Training of an engine's network on one data set, in as many calls as one likes.

    memory  the optimizer's
    way     how layer 1 takes the rows, see strategy
    """

    def __init__(
        self,
        engine: Engine,
        x: "NDArray | SparseRows | Inputs",
        y: NDArray | OneHot,
        rule: UpdateRule,
        memory: OptimizerMemory | None = None,
        max_threads: int = 1,
        counting: Counting = ONE_EACH,
        strategy: Strategy | None = None,
    ):
        """x (rows, inputs) of any float dtype or uint8, or their non-zeros; y (rows, outputs).

        counting: how each row counts
        strategy: how layer 1's way is chosen; None: as usual
        """
        self._engine, self._eta = engine, rule.eta
        self._mini_batch_size = m = min(rule.mini_batch_size, len(y))
        self.memory = memory or OptimizerMemory(
            rule.optimizer, engine.parameters.size, engine.dtype
        )
        self._inputs = inputs_of(x, engine.dtype, engine.input_scale)
        self._owns_inputs = self._inputs is not x and not is_shared(self._inputs)
        chosen_by = strategy or strategies.usual
        work = work_of(engine.sizes, self._inputs.density, m, rule.optimizer, engine.dtype)
        possible = possible_ways(engine.sizes[0], rule, dense=self._inputs.dense)
        self.way = chosen_by.way(possible, work)
        rows = make_rows(self.way, self._inputs, work, max_threads, rule.drop, chosen_by)
        plan = engine.plan(m, max_threads, rule.drop, clipped=counting.clipped)
        self._table = plan.table
        self._memory = TrainingMemory(engine, plan, self.memory, m, rows)
        self._progress = self._memory.arrays.progress
        row_weights = counting.row_weights
        data = Data(
            as_kernels_take(y, engine.dtype),
            counting.classes,
            counting.multi_label or engine.sizes[-1] == 1,
            row_weights is not None,
            read_only(np.ones(0) if row_weights is None else row_weights, engine.dtype),
            counting.by_weight and row_weights is not None,
        )
        extras = extras_of(rule, engine.sizes, engine.parameters.size, engine.dtype)
        self._penalties = extras.penalties
        self._ended = np.empty((0, 0))  # the figures of epochs, see `run_epochs`
        self._train = kernels.train.with_first(
            plan.table,
            self._memory.arrays,
            data,
            rows,
            extras,
            hyperparameters(rule, m, len(engine.sizes) - 1),
        )

    @property
    def cost_sum(self) -> float:
        """Sum of the data costs of this epoch's rows, each before its own update.

        Where rows count by weight, a mini-batch has its weighted mean, times its rows.
        """
        return float(self._progress[figures.COST_SUM])

    @property
    def penalty_sum(self) -> float:
        """Sum over this epoch's rows of the penalty before each one's update.

        It has the divisor that the update has. Only for rules `with_penalty`.
        """
        return float(self._penalties[0])

    @property
    def correct(self) -> int:
        """How many of this epoch's rows were classified correctly, each before its update."""
        return int(self._progress[figures.CORRECT])

    @property
    def updates(self) -> int:
        """How many updates the optimizer has done."""
        return int(self._progress[figures.UPDATES])

    @property
    def _is_scaled(self) -> bool:
        """Whether weights[0] may lack a factor within an epoch."""
        return self.way == SCALED

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
        if self._progress[figures.SCALE] != 1.0 and not self._is_scaled:
            kernels.finish(self._table, self._engine.parameters, self._progress)

    check_state = staticmethod(progress.check_state)
    factor_in = staticmethod(progress.factor_in)
    updates_in = staticmethod(progress.updates_in)
    correct_in = staticmethod(progress.correct_in)

    def give_back(self) -> None:
        """Leave large pieces of memory to others; there can be no more training."""
        del self._train  # it holds all of it
        self._memory.give_back()
        if self._owns_inputs:
            self._inputs.give_back()

    def compile(self) -> None:
        """Load, or compile if need be, what the other methods run; before the first of them."""
        self.run(np.zeros(0, np.int64))
        if self._is_scaled:
            kernels.finish(self._table, self._engine.parameters, self._progress)

    def start_epoch(self) -> None:
        """Count cost_sum and correct from 0 again."""
        self._progress[figures.COST_SUM] = self._progress[figures.CORRECT] = 0.0
        self._penalties[:1] = 0.0

    def run(self, order: NDArray, threads: int = 1, etas: NDArray | None = None) -> None:
        """Train on the rows of `order` (k,), int64, k <= rows, one update a mini-batch.

        etas (mini-batches,) float64: each one's learning rate; None takes the rule's for all.

        All that follows from it is the same bits for any number of threads, and however an
        epoch is cut into calls at whole mini-batches. `finish_epoch` completes it.
        """
        if etas is None:
            etas = np.full(-(-len(order) // self._mini_batch_size), float(self._eta))
        self._run(order, len(order) + 1, threads, etas, np.empty((0, 0)))

    def run_epochs(self, orders: NDArray, threads: int, etas: NDArray) -> None:
        """Train on whole epochs, one after the other.

        orders (epochs, rows), etas (epochs, mini-batches): as for `run`. All is the same bits as
        of `start_epoch`, `run` and `finish_epoch` for each of them. `ended` has their figures.
        """
        count, rows = orders.shape
        self.start_epoch()
        self._ended = np.empty((count, figures.epoch_figures(len(self._engine.weights))))
        self._run(orders.reshape(-1), rows, threads, etas.reshape(-1), self._ended)

    @property
    def ended(self) -> EpochsFigures:
        """The figures of the epochs of the last `run_epochs`."""
        table, layers = self._ended, len(self._engine.weights)
        columns = (table[:, k : k + layers] for k in range(2, table.shape[1], layers))
        return EpochsFigures(bool(np.isfinite(table).all()), table[:, 0], table[:, 1], *columns)

    def _run(
        self, order: NDArray, epoch_rows: int, threads: int, etas: NDArray, ended: NDArray
    ) -> None:
        order, etas = read_only(order), read_only(etas, np.float64)
        piece = Piece(order, len(order), epoch_rows, etas, ended)
        run_team(lambda member: self._train(piece, member), threads)

    def finish_epoch(self) -> None:
        """Complete the parameters, which between calls of `run` may lack a common factor."""
        self.memory.updates = int(self._progress[figures.UPDATES])
        if self._progress[figures.SCALE] != 1.0:
            kernels.finish(self._table, self._engine.parameters, self._progress)


def train(
    engine: Engine, x: NDArray, y: NDArray, order: NDArray, rule: UpdateRule
) -> tuple[float, int]:
    """Train on the rows of `order`, see `Trainer`.

    Returns the sum of the rows' data costs and how many were classified correctly, each
    before the update of its mini-batch.
    """
    trainer = Trainer(engine, x, y, rule)
    trainer.run(order)
    trainer.finish_epoch()
    return trainer.cost_sum, trainer.correct


def gradients(
    engine: Engine, x: "NDArray | SparseRows", y: NDArray | OneHot
) -> tuple[list[NDArray], list[NDArray]]:
    """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
    rule = UpdateRule(BLOCK, 0.0, 0.0, 0.0, 1, "accumulate")
    trainer = Trainer(engine, x, y, rule, counting=Counting(classes=False))
    trainer.run(np.arange(len(x)))
    return engine.matrices(trainer.memory.first)


def shuffle(state: NDArray, order: NDArray) -> None:
    """Shuffle order (n,) int64 as random.shuffle does.

    state (625,) int64 is random.getstate()[1], and is left as random.shuffle leaves it.
    """
    kernels.shuffle(state, order, len(order))
