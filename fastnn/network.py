"""`Network`: fastnn's native API, thin: it validates, and hands arrays to the engine."""

import copy
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn import interrupts
from fastnn.arguments import checks
from fastnn.arguments.keywords import hinting
from fastnn.data import rows
from fastnn.data.rows import ValidationData
from fastnn.data.sample_weights import ClassWeight
from fastnn.data.sparse import as_rows
from fastnn.engine import Predictor, gradients
from fastnn.engine.being_trained import alone
from fastnn.model.costs import smoothed_cost
from fastnn.model.gradient_check import GradientCheck, compare_gradients
from fastnn.model.output_layer import as_threshold, check_numbers, predictions
from fastnn.model.output_range import warn_of_range
from fastnn.model.own_functions import MissingFunctionError, UserActivation, from_names, named
from fastnn.model.portable import PortableNetwork
from fastnn.regularization.check import check_rule
from fastnn.storage import checkpoints, npz
from fastnn.storage.checkpoints import Checkpoint
from fastnn.training.callbacks import (
    Behaviour,
    Callback,
    Progress,
    as_callbacks,
    call_all,
    functions_of,
    only,
)
from fastnn.training.early_stopping import EarlyStopping
from fastnn.training.full_batch import FullBatchTraining
from fastnn.training.history import Epoch, Evaluation, History
from fastnn.training.last_fit import Asked
from fastnn.training.loop import Training
from fastnn.training.measuring import measure
from fastnn.training.optimizers import LBFGS, Optimizer
from fastnn.training.penalty import L1, Penalty, PerLayer
from fastnn.training.progress import Report, in_turn, verbosity
from fastnn.training.schedules import Schedule
from fastnn.training.settings import Recipe, Settings, check_monitored
from fastnn.training.trial import try_out, try_plain_descent
from fastnn.views.shown_network import ShownNetwork

__all__ = ["Gradients", "Network", "load"]


class Gradients(NamedTuple):
    """Mean over rows of the data cost's derivatives, in the shapes of weights and biases."""

    weights: list[NDArray]
    biases: list[NDArray]


class Network(ShownNetwork):
    """A feedforward network, trained by stochastic gradient descent.

        net = fastnn.Network([784, 100, 10], seed=0)
        history = net.fit(x, y, epochs=30, batch_size=10, learning_rate=0.5, l2=5.0)

    weights   one (outputs, inputs) array a layer, biases one (outputs, 1) array a layer, as in
              the book. Reading and writing both work, also in place.
    history   all epochs so far, see `History`
    sizes, activation, output_activation, cost, dtype
              as given, read-only
    """

    @hinting("Network.fit")
    def fit(  # noqa: PLR0913  the user's own keywords
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 10,
        learning_rate: float | Schedule | Callable[[float], float] = 0.5,
        l2: PerLayer = 0.0,
        l1: L1 = 0.0,
        max_norm: PerLayer | Sequence[float | None] | None = None,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        optimizer: str | Optimizer = "sgd",
        validation_data: ValidationData | None = None,
        validation_split: float = 0.0,
        sample_weight: ArrayLike | None = None,
        mean_over: str = "rows",
        class_weight: ClassWeight | None = None,
        shuffle: bool = True,
        callbacks: Callback | Behaviour | Sequence[Callback | Behaviour] | None = None,
        n_threads: int | None = None,
        check_regularization: bool = True,
        verbose: int = 0,
    ) -> History:
        """Train for `epochs` epochs, going on from the present weights.

        x                (rows, inputs) finite numbers, or rows of several axes, such as pictures;
                         used without a copy if C-contiguous and of the network's dtype or
                         uint8; or a sparse matrix of SciPy's, whose zeros take no memory
        y                integer labels (rows,), one-hot rows or float targets (rows, outputs);
                         of a multi-label network rows with any number of 1s, else 0s, whose
                         accuracy is the share of rows with all outputs right. Rows of 0 and 1
                         that are not one-hot are an error for sigmoid outputs of any other
        batch_size       rows a mini-batch (m); the last one of an epoch may be shorter
        learning_rate    eta: a number, a schedule such as fastnn.Cosine(0.5), or a function of
                         the epochs, a float, since this call began; see fastnn.training.schedules
        l2, l1           the book's lmbda for either penalty: a number, or one for each layer's
                         weights. An update is
                         w <- (1 - eta l2 / n) w - (eta l1 / n) sgn(w) - (eta / m) sum dC/dw
                         with n = rows; biases are not regularized. l1=fastnn.Proximal(5) gives
                         weights that are exactly 0
        max_norm         the largest norm that the weights into a neuron may have after an
                         update: a number, or one for each layer's weights, None for any
        dropout          the share of a hidden layer's activations that each update leaves out: a
                         number, or one for each hidden layer. The rest are multiplied by
                         1 / (1 - dropout), so that the network needs no change afterwards
        input_dropout    the same of the inputs
        optimizer        "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lbfgs" (all
                         rows at once, by SciPy), fastnn.Momentum(mu=0.8), fastnn.SGD(clip_norm=1)
                         and so on; see fastnn.training.optimizers, for the update above is plain
                         SGD's. Its memory lasts from one call to the next with the same optimizer
        validation_data  (x, y) or (x, y, sample_weight), measured after each epoch
        validation_split share of the rows to measure instead of training on them, the same share
                         of each class. Drawn from the network's own seed, and the same in every
                         call for as many rows of the same classes. n is what is left
        sample_weight    (rows,): how much each row counts in costs and gradients
        mean_over        what a mini-batch's sums over its rows are divided by: "rows", their
                         number m, or "weights", the sum of their weights, as in scikit-learn
        class_weight     {label: weight}, or "balanced"; see fastnn.data.sample_weights
        shuffle          whether each epoch takes the rows in a new order, from the network's own
                         seed, else in the order given
        callbacks        functions called with (network, `Epoch`) after each epoch, one of which
                         returning True ends the training; and, anywhere among them,
                         fastnn.EarlyStopping(...), fastnn.Checkpoint(...) and
                         fastnn.Progress(...); see fastnn.training.callbacks
        n_threads        None takes what is found to be fastest; the result is the same bits
                         for any number
        check_regularization
                         before the first update, refuse penalties that must fail and warn of
                         suspicious ones, see fastnn.explain_regularization
        verbose          0 shows nothing, 1 a progress bar and a line an epoch, 2 the lines only,
                         all on standard error; the logger "fastnn" gets the lines in any case

        Returns the history of this fit, which no later one changes; `net.history` has all epochs.
        On KeyboardInterrupt, or an exception in a callback, the network keeps what it has learned
        so far. Raises TypeError or ValueError, before anything changes, and RuntimeError for a
        network that is being trained, by another thread or by the call whose callback calls this.
        Targets that the outputs can't reach are a TargetRangeWarning. If the loss or the weights
        become NaN or infinite, raises DivergenceError and leaves the network as it was before
        that epoch.
        """
        recipe = Recipe(
            self._hidden(),
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            l2=l2,
            l1=l1,
            max_norm=max_norm,
            dropout=dropout,
            input_dropout=input_dropout,
            optimizer=optimizer,
            shuffle=shuffle,
            mean_over=mean_over,
            n_threads=n_threads,
        )
        verbose = verbosity("verbose", verbose)
        callbacks = as_callbacks("callbacks", callbacks)
        stopping = only("callbacks", callbacks, EarlyStopping)
        checkpoint = only("callbacks", callbacks, Checkpoint)
        given = rows.read(self.row_format, x, y, validation_data, validation_split, sample_weight)
        check_monitored(recipe.schedule, stopping, given)
        self._weights.check_finite()
        self._biases.check_finite()
        checkpoints.check(checkpoint, recipe.optimizer)
        resumed = checkpoints.read(checkpoint, self)

        seed = resumed.seed if resumed else self._state.dropout_seed
        data, validation = given.split(seed)
        data = rows.to_train(self.row_format, data, class_weight)
        settings = recipe.settings(data, validation, seed, stopping)
        if not resumed:  # which has passed all this before its first update
            if not data.targets.classes:
                warn_of_range("y", data.targets.values, self._output_activation)
            if check_regularization and not isinstance(recipe.optimizer, LBFGS):
                check_rule(self._weights, settings.rule, recipe.optimizer)
        with interrupts.held(), alone(self._engine, "fit"):
            if resumed:
                resumed.restore_network(self._restore, settings)
            state, penalty = self._state, Penalty(recipe.l1, recipe.l2, len(data.x))
            past = len(state.history.epoch) - (resumed.position.epochs if resumed else 0)
            training = interrupts.allow(
                self._training, recipe.optimizer, settings, penalty, past, resumed
            )
            state.flat_targets, state.penalty = data.targets.flat, penalty
            state.asked = Asked.of(recipe)
            state.history.best_epoch = training.best_epoch
            saver = checkpoints.Saver(checkpoint, training, self._as_saved)
            with Report(verbose, recipe.epochs, len(data.x), len(training.epochs)) as report:
                self._run(training, past, report, callbacks, saver)
            return History.of(training.epochs, training.best_epoch)

    def _training(
        self,
        optimizer: Optimizer,
        settings: Settings,
        penalty: Penalty,
        past: int,
        resumed: checkpoints.Resumed | None,
    ) -> Training | FullBatchTraining:
        """A fit that is about to begin, or to go on; `past` epochs went before."""
        engine, state = self._engine, self._state
        memory = state.memory_of(optimizer, engine.parameters.size, self._dtype)
        if isinstance(optimizer, LBFGS):
            return FullBatchTraining(engine, settings, optimizer, penalty, past)
        training = Training(engine, settings, memory, state.rng, penalty, past)
        if resumed:
            resumed.restore_training(training)
        return training

    def _run(
        self,
        training: Training | FullBatchTraining,
        past: int,
        report: Report,
        callbacks: Sequence[Callback | Behaviour],
        saver: checkpoints.Saver,
    ) -> None:
        """Train to the end, telling whoever is to know; `past` epochs went before."""
        functions = functions_of(callbacks)
        shown = [each.function for each in callbacks if isinstance(each, Progress)]
        progress = in_turn(report.progress, *shown, saver.progress)
        watched = bool(functions) or saver.saves

        def after(epoch: Epoch) -> None:
            report.epoch(epoch)
            if functions and call_all(functions, self, epoch):
                training.end()
            saver.epoch_ended()

        def each(epoch: Epoch) -> None:
            self.history.follow(training.epochs, past)
            self.history.best_epoch = training.best_epoch
            if watched or report.speaks:  # else epochs may be shorter than the call
                interrupts.allow(after, epoch)

        try:
            training.run(each, progress, saver.interrupted, watched=watched)
        finally:  # several short epochs end at once, also when Ctrl-C comes
            self.history.follow(training.epochs, past)
            training.give_back()
        interrupts.allow(saver.training_ended)

    def evaluate(
        self, x: ArrayLike, y: ArrayLike, *, sample_weight: ArrayLike | None = None
    ) -> Evaluation:
        """Measure the network on rows x with targets y, both and their weights as for `fit`.

        A row is not classified correctly if one of its outputs is NaN.
        """
        data = self.row_format.read(x, y, "", sample_weight).weighted()
        data_cost, accuracy = measure(self._engine, data)
        figures = self._engine.figures()
        penalty = self._state.penalty.of(figures.squares, figures.magnitudes)
        return Evaluation(data_cost, penalty, accuracy, *figures.weights)

    def feedforward(self, x: ArrayLike) -> NDArray:
        """The output layer's activations, (rows, outputs), for x (rows, inputs)."""
        return self._engine.outputs(as_rows("x", x, self._sizes[0], self._dtype))

    def predict(self, x: ArrayLike, *, threshold: float | None = None) -> NDArray:
        """A label for each row of x, (rows,) int64: the output with the largest activation.

        With a single sigmoid output: 1 where it is above 1/2, or the `threshold`, else 0. Of a
        multi-label network, and with a threshold and several outputs: (rows, outputs) int64, 1
        where an output is above that. A network does regression, and its outputs (rows, outputs)
        are returned, unless they are sigmoid or softmax; with the quadratic cost, several tanh or
        relu outputs name a class as well. A single output of regression comes as y did in the last
        fit, (rows,) or (rows, 1). Raises ValueError, also for outputs that are NaN.
        """
        threshold = as_threshold("threshold", threshold, self._output_activation)
        given = as_rows("x", x, self._sizes[0], self._dtype)
        return predictions(
            self._engine.outputs_in_pieces(given),
            self._output_activation,
            self._cost,
            self._multi_label,
            threshold,
            self._state.flat_targets,
        )

    def predict_proba(self, x: ArrayLike) -> NDArray:
        """Probabilities (rows, outputs): rows sum to 1 for softmax, not for sigmoid outputs.

        Raises ValueError for a network whose outputs aren't probabilities, and if one is NaN.
        """
        if self._output_activation not in ("sigmoid", "softmax"):
            raise ValueError(
                "predict_proba: expected sigmoid or softmax outputs, this network's are "
                f"{named(self._output_activation)}; feedforward gives them"
            )
        return check_numbers("predict_proba", self.feedforward(x))

    def predictor(self) -> Predictor:
        """A function of one row (inputs,) that returns its outputs (outputs,), quickly.

        feedforward checks and prepares its input anew at each call, which for a single row takes
        longer than the network. This prepares once, and then checks no more of an array than its
        shape: NaN gives NaN. It sees later changes of the network. A predictor serves one call
        at a time; give each thread its own.
        """
        return self._engine.predictor(lambda row: checks.real("row", row))

    def gradients(self, x: ArrayLike, y: ArrayLike) -> Gradients:
        """Mean over the rows of dC/dw and dC/db, by backpropagation; without the penalty."""
        data = self.row_format.read(x, y)
        nabla_w, nabla_b = gradients(self._engine, data.x, data.targets.values)
        for nabla in (*nabla_w, *nabla_b):
            nabla /= len(data.x)
        return Gradients(nabla_w, nabla_b)

    def check_gradients(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        entries: int = 100,
        tolerance: float = 1e-5,
        seed: int = 0,
    ) -> GradientCheck:
        """Compare backpropagation with central differences of the data cost, on these rows.

        entries    at most so many weights and biases of each layer, drawn with `seed`
        tolerance  the largest relative error that passes

        Each entry costs two evaluations of x: some dozen rows are enough. The arithmetic is in
        float64, with a copy of the network if it is float32. Activations and costs with kinks
        (relu) have no derivative at them: an entry may differ if a row lies on one by chance, or
        by design, such as inputs and biases of 0. `print` the result for a table. Raises
        TypeError or ValueError.
        """
        entries, seed = checks.count("entries", entries), checks.count("seed", seed, least=0)
        tolerance = checks.number("tolerance", tolerance, positive=True)
        twin = copy.copy(self)
        twin.__setstate__({**self.__getstate__(), "_dtype": np.dtype(np.float64)})
        data = twin.row_format.read(x, y)
        engine = twin._engine  # noqa: SLF001  a copy of this one
        return compare_gradients(engine, data.x, data.targets.values, entries, tolerance, seed)

    def compile(
        self, x: ArrayLike | None = None, y: ArrayLike | None = None, **settings: Any
    ) -> float:
        """Load, or compile if need be, what `fit` and `evaluate` run; returns the seconds.

        x, y, settings   of the fit to come, which is begun with a copy of the network, for a small
                         part of an epoch: what it runs depends on the rows' zeros, on the sizes
                         and on the settings. Without x and y: what plain SGD runs on dense rows

        Both happen by themselves when they are needed, in `fit` before the first epoch begins;
        this moves them to a chosen moment. Raises what `fit` raises.
        """
        start = time.perf_counter()
        if x is None:
            try_plain_descent(self._dtype)
            return time.perf_counter() - start
        twin, given = copy.deepcopy(self), (x, cast(ArrayLike, y))  # None is refused as any y
        try_out(partial(twin.fit, *given), settings)
        first = twin.row_format.read(*given, "", settings.get("sample_weight"))
        measure(twin._engine, first.take(np.arange(1)))  # noqa: SLF001  a copy of this one
        twin._engine.figures()  # noqa: SLF001  a copy of this one
        return time.perf_counter() - start

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        """Write a page on which one draws a digit and sees what the network makes of it, and why.

        title    of the page
        classes  what the outputs are called, by default 0, 1 and so on

        It is one HTML file, which needs no server and loads nothing. Inputs are the 784 pixels of
        28 x 28, from 0 to 1, or of a network with an `input_scale` from 0 to 255: a drawing is
        prepared as MNIST's were. Up to 153,000 parameters are in it as float32, more are rounded to
        float16. Written atomically. Raises OSError as `open`, TypeError or ValueError: also for a
        network with other inputs, whose outputs name no class, or with activations of your own.
        """
        from fastnn.demo.page import write_page

        write_page(PortableNetwork.of(self, classes), path, title=title)


def load(path: str | os.PathLike[str], *, functions: Iterable[UserActivation] = ()) -> Network:
    """The network that `save` wrote; it trains on as the saved one would.

    `functions` are the UserActivations and UserCosts that it was made with; a file holds no more
    than their names.

    A checkpoint gives the network as it was then; fastnn.Checkpoint(path, resume=True) goes on with
    its training.

    Raises OSError as `open` does, or ValueError for a file that is foreign or damaged.
    """
    saved = npz.read(path)
    try:
        saved = checkpoints.as_network(saved)
        settings = saved.settings
        activation, output_activation, cost = (
            from_names(name, settings[name], functions)
            for name in ("activation", "output_activation", "cost")
        )
        net = Network(
            settings["sizes"],
            activation,
            smoothed_cost(cost, settings.get("label_smoothing", 0.0)),
            output_activation=output_activation,
            dtype=settings["dtype"],
            input_scale=settings.get("input_scale", 1.0),
            multi_label=settings.get("multi_label", False),
        )
        net._restore(saved)  # noqa: SLF001  made here
    except MissingFunctionError as error:
        raise ValueError(f"{os.fsdecode(path)}: {error}") from None
    except npz.MEANINGLESS as error:
        raise ValueError(f"{os.fsdecode(path)}: the file is damaged: {error}") from None
    return net
