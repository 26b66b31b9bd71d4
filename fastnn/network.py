"""`Network`: fastnn's native API, thin: it validates, and hands arrays to the engine."""

import copy
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn import interrupts
from fastnn.arguments import checks
from fastnn.arguments.keywords import hinting
from fastnn.data import rows
from fastnn.data.sample_weights import ClassWeight, as_weights
from fastnn.data.targets import encode, smoothed
from fastnn.engine import Engine, OptimizerMemory, Predictor, UpdateRule, gradients, train
from fastnn.engine.being_trained import alone
from fastnn.model.architecture import Architecture
from fastnn.model.gradient_check import GradientCheck, compare_gradients
from fastnn.model.output_layer import as_threshold, check_numbers, predictions
from fastnn.model.output_range import warn_of_range
from fastnn.model.own_functions import MissingFunction, UserActivation, from_names, named
from fastnn.regularization.check import check_regularization as checked
from fastnn.storage import checkpoints, networks, npz
from fastnn.storage.checkpoints import Checkpoint
from fastnn.training.callbacks import Callback, as_callbacks, call_all
from fastnn.training.dropout import dropout_rates
from fastnn.training.early_stopping import EarlyStopping, as_early_stopping
from fastnn.training.history import Epoch, Evaluation, History
from fastnn.training.loop import Data, Settings, Training, measure
from fastnn.training.optimizers import Optimizer, as_optimizer, rule_settings
from fastnn.training.penalty import Penalty, PerLayer, limits, per_layer
from fastnn.training.progress import Report, in_turn, verbosity
from fastnn.training.schedules import Constant, Schedule, as_schedule
from fastnn.training.trial import try_out

__all__ = ["Gradients", "Network", "load"]


class Gradients(NamedTuple):
    """Mean over rows of the data cost's derivatives, in the shapes of weights and biases."""

    weights: list[NDArray]
    biases: list[NDArray]


class Network(Architecture):
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
    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 10,
        learning_rate: float | Schedule | Callable[[float], float] = 0.5,
        l2: PerLayer = 0.0,
        l1: PerLayer = 0.0,
        l1_mode: str = "subgradient",
        max_norm: PerLayer | Sequence[float | None] | None = None,
        clip_norm: float | None = None,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        optimizer: str | Optimizer = "sgd",
        validation_data: tuple[ArrayLike, ArrayLike] | None = None,
        validation_split: float = 0.0,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        early_stopping: EarlyStopping | int | None = None,
        shuffle: bool = True,
        label_smoothing: float = 0.0,
        callbacks: Callback | Sequence[Callback] | None = None,
        n_threads: int | None = None,
        check_regularization: bool = True,
        verbose: int = 0,
        on_progress: Callable[[int, int], object] | None = None,
        checkpoint: Checkpoint | str | os.PathLike[str] | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> History:
        """Train for `epochs` epochs, going on from the present weights.

        x                (rows, inputs) finite numbers, or rows of several axes, such as pictures;
                         used without a copy if C-contiguous and of the network's dtype or uint8
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
                         with n = rows; biases are not regularized
        l1_mode          "subgradient" as above, or "proximal": after the rest of the update,
                         |w| shrinks by eta l1 / n, but not below 0, which gives exact zeros
        max_norm         the largest norm that the weights into a neuron may have after an
                         update: a number, or one for each layer's weights, None for any
        clip_norm        the largest norm that a mini-batch's mean gradient, of all layers
                         together and without the penalty, may have: a longer one is shortened
        dropout          the share of a hidden layer's activations that are left out of an
                         update, others each time: a number, or one for each hidden layer. The
                         rest are multiplied by 1 / (1 - dropout), so that the network which is
                         used afterwards needs no change
        input_dropout    the same of the inputs
        optimizer        "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", or
                         fastnn.Momentum(mu=0.8) and so on; the update above is plain SGD's, see
                         fastnn.training.optimizers for the others. Its memory lasts from one
                         call to the next with the same optimizer
        validation_data  (x, y), measured after each epoch
        validation_split share of the rows to measure instead of training on them, the same share
                         of each class. Drawn from the network's own seed, and the same in every
                         call for as many rows of the same classes. n is what is left
        sample_weight    (rows,): how much each row counts in costs and gradients
        class_weight     {label: weight}, or "balanced"; see fastnn.data.sample_weights
        early_stopping   fastnn.EarlyStopping(...), or its patience: a number of epochs without
                         a better validation accuracy, after which training ends; the network
                         is then the best epoch's
        shuffle          whether each epoch takes the rows in a new order, from the network's own
                         seed, else in the order given
        label_smoothing  s in [0, 1): train on (1 - s) y + s / k instead of labels y, k being the
                         number of softmax outputs, 2 for sigmoid ones; accuracy and validation
                         are of y itself
        callbacks        functions called with (network, `Epoch`) after each epoch; one that
                         returns True ends the training, see fastnn.training.callbacks
        n_threads        None takes what is measured to be fastest; the result is the same bits
                         for any number
        check_regularization
                         before the first update, refuse penalties that must fail and warn of
                         suspicious ones, see fastnn.explain_regularization
        verbose          0 shows nothing, 1 a progress bar and a line an epoch, 2 the lines only,
                         all on standard error; the logger "fastnn" gets the lines in any case
        on_progress      called with (rows done, rows) several times within a long epoch, and for
                         each short one when several have been trained. Weights may lack a common
                         factor then: read and change them in callbacks
        checkpoint       the path of a file that is written after each epoch, whole or not at
                         all, or fastnn.Checkpoint(...)
        resume           the path of such a file, of a fit with the same settings and data: goes
                         on from there, whatever the network was, and ends with the same bits as
                         if that fit had not been stopped

        Returns `history`. On KeyboardInterrupt, or an exception in a callback, the network
        keeps what it has learned so far. Raises TypeError or ValueError, before anything changes,
        and RuntimeError for a network that is being trained, by another thread or by the call
        whose callback calls this. Targets that the outputs can't reach are a TargetRangeWarning.
        If the loss or the weights become NaN or infinite, raises DivergenceError and leaves the
        network as it was before that epoch.
        """
        epochs = checks.count("epochs", epochs)
        batch_size = checks.count("batch_size", batch_size)
        schedule = as_schedule("learning_rate", learning_rate)
        layers = len(self._sizes) - 1
        l1, l2 = per_layer("l1", l1, layers), per_layer("l2", l2, layers)
        held = limits(layers, l1_mode, max_norm, clip_norm)
        rates = dropout_rates(self._hidden(), dropout, input_dropout)
        optimizer = as_optimizer(optimizer)
        if n_threads is not None:
            n_threads = checks.count("n_threads", n_threads)
        verbose = verbosity("verbose", verbose)
        stopping = as_early_stopping("early_stopping", early_stopping)
        shuffle = checks.flag("shuffle", shuffle)
        callbacks = as_callbacks("callbacks", callbacks)
        checks.callback("on_progress", on_progress)
        smoothing = checks.share("label_smoothing", label_smoothing)
        data, validation, share = rows.read(
            self._data, x, y, validation_data, validation_split, sample_weight
        )
        rows.check_monitored(schedule, stopping, data, data if share else validation)
        eta = schedule.largest(epochs)
        self._weights.check_finite()
        self._biases.check_finite()
        checkpoint = checkpoints.as_checkpoint("checkpoint", checkpoint)
        resumed = checkpoints.read("resume", resume, self)

        seed = resumed.seed if resumed else self._dropout_seed
        if share:
            data, validation = rows.split(data, share, _split_generator(seed))
        data = rows.weighted(data, class_weight)
        targets = smoothed(data.targets, smoothing, self._output_activation)
        data, n = data._replace(targets=targets), len(data.x)
        if not resumed and not targets.classes:
            warn_of_range("y", targets.values, self._output_activation)
        if check_regularization and not resumed:  # which has passed before its first update
            checked(self._weights, eta, l2, l1, n, batch_size, optimizer, l1_mode)
        rule = UpdateRule(
            batch_size,
            eta,
            l1,
            l2,
            n,
            **rule_settings(optimizer),
            **held,
            drop=rates,
            drop_seed=seed,
            steady=isinstance(schedule, Constant),
        )
        settings = Settings(data, validation, rule, schedule, epochs, stopping, shuffle, n_threads)
        with interrupts.held(), alone(self._engine, "fit"):
            if resumed:
                resumed.restore_network(self, settings)
            past = len(self._history.epoch) - (resumed.position.epochs if resumed else 0)
            memory, penalty = self._memory_of(optimizer), Penalty(l1, l2, n)
            training = interrupts.allow(
                Training, self._engine, settings, memory, self._rng, penalty, past
            )
            if resumed:
                resumed.restore_training(training)
            self._flat_targets, self._penalty = targets.flat, penalty
            self._history.best_epoch = training.best_epoch
            saver = checkpoints.Saver(checkpoint, self, training)
            with Report(verbose, epochs, n, len(training.epochs)) as report:
                progress = in_turn(report.progress, on_progress, saver.progress)
                watched = bool(callbacks) or checkpoint is not None

                def after(epoch: Epoch) -> None:
                    report.epoch(epoch)
                    if callbacks and call_all(callbacks, self, epoch):
                        training.end()
                    saver.epoch_ended()

                try:
                    for epoch in training.run(progress, saver.interrupted, watched=watched):
                        self._history.follow(training.epochs, past)
                        self._history.best_epoch = training.best_epoch
                        if watched or report.speaks:  # else epochs may be shorter than the call
                            interrupts.allow(after, epoch)
                finally:  # several short epochs end at once, also when Ctrl-C comes
                    self._history.follow(training.epochs, past)
                    training.give_back()
                interrupts.allow(saver.training_ended)
        return self._history

    def evaluate(
        self, x: ArrayLike, y: ArrayLike, *, sample_weight: ArrayLike | None = None
    ) -> Evaluation:
        """Measure the network on rows x with targets y, both and their weights as for `fit`.

        A row is not classified correctly if one of its outputs is NaN.
        """
        data = self._data(x, y, "", sample_weight)
        data_cost, accuracy = measure(self._engine, rows.weighted(data, None))
        figures = self._engine.figures()
        penalty = self._penalty.of(figures.squares, figures.magnitudes)
        return Evaluation(data_cost, penalty, accuracy, *figures.weights)

    def feedforward(self, x: ArrayLike) -> NDArray:
        """The output layer's activations, (rows, outputs), for x (rows, inputs)."""
        return self._engine.outputs(checks.rows("x", x, self._sizes[0], self._dtype))

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
        rows = checks.rows("x", x, self._sizes[0], self._dtype)
        return predictions(
            self._engine.outputs_in_pieces(rows),
            self._output_activation,
            self._cost,
            self._multi_label,
            threshold,
            self._flat_targets,
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
        data = self._data(x, y, "")
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
        data = twin._data(x, y, "")
        return compare_gradients(
            twin._engine, data.x, data.targets.values, entries, tolerance, seed
        )

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
        if x is not None:
            try_out(copy.deepcopy(self), x, y, settings)
            return time.perf_counter() - start
        tiny = Engine([1, 1], ["sigmoid"], "quadratic", self._dtype)
        x, order = np.zeros((1, 1), self._dtype), np.zeros(1, np.int64)
        train(tiny, x, x, order, UpdateRule(1, 0.0, 0.0, 0.0, 1))
        tiny.evaluate(x, x)
        return time.perf_counter() - start

    def _data(self, x: Any, y: Any, prefix: str, sample_weight: Any = None) -> Data:
        """x and y, validated; `prefix` tells validation data's errors from training data's."""
        rows = checks.rows(f"{prefix}x", x, self._sizes[0], self._dtype)
        encoded = encode(
            f"{prefix}y",
            y,
            len(rows),
            self._sizes[-1],
            self._output_activation,
            self._cost,
            self._dtype,
            self._multi_label,
        )
        return Data(rows, encoded, as_weights(sample_weight, len(rows), self._dtype))

    def _memory_of(self, optimizer: Optimizer) -> OptimizerMemory:
        """The optimizer's memory, begun anew if the last fit was with another one."""
        if self._optimizer != optimizer or type(self._optimizer) is not type(optimizer):
            self._optimizer = optimizer
            self._optimizer_memory = self._new_memory()
        return self._optimizer_memory


def _split_generator(seed: int) -> np.random.Generator:
    """Always in the same state, so that no row changes from one part to the other."""
    return np.random.default_rng([seed, 1])


def load(path: str | os.PathLike[str], *, functions: Iterable[UserActivation] = ()) -> Network:
    """The network that `save` wrote; it trains on as the saved one would.

    `functions` are the UserActivations and UserCosts that it was made with; a file holds no more
    than their names.

    A checkpoint gives the network as it was then; `fit(resume=path)` goes on with its training.

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
            cost,
            output_activation=output_activation,
            dtype=settings["dtype"],
            input_scale=settings.get("input_scale", 1.0),
            multi_label=settings.get("multi_label", False),
        )
        networks.restore(net, saved)
    except MissingFunction as error:
        raise ValueError(f"{os.fsdecode(path)}: {error}") from None
    except npz.MEANINGLESS as error:
        raise ValueError(f"{os.fsdecode(path)}: the file is damaged: {error}") from None
    return net
