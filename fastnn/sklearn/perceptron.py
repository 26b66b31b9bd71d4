"""What both estimators have: fit, partial_fit, and the outputs of their network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.engine import BLOCK, Engine, OneHot, SparseRows
from fastnn.engine.threads import available_cores
from fastnn.network import Network
from fastnn.sklearn import lbfgs, stochastic, stopping, watching
from fastnn.sklearn.constraints import CONSTRAINTS, hidden_sizes
from fastnn.sklearn.library import (
    BaseEstimator,
    CallbackSupportMixin,
    check_is_fitted,
    check_random_state,
    check_sample_weight,
    fit_context,
    is_worker,
    validate_data,
)
from fastnn.sklearn.losses import loss_of
from fastnn.sklearn.optimizers import optimizer_of
from fastnn.sklearn.parameters import adopt, fitted, initial, network_of
from fastnn.sklearn.rows import Rows, Validation, as_rows, check_any, check_inputs, keep_some
from fastnn.sklearn.scoring import check_scoring, score_by
from fastnn.sklearn.watching import Watch

__all__ = ["Perceptron"]

_STOCHASTIC = ("sgd", "adam")
_FEW_NUMBERS = 8192


class Perceptron(CallbackSupportMixin, BaseEstimator, ABC):
    """A multilayer perceptron: scikit-learn's parameters and attributes, fastnn's arithmetic."""

    _parameter_constraints: dict = CONSTRAINTS
    _doc_link_module = "fastnn"

    def _store(self, given: dict[str, Any]) -> None:
        """Set the parameters, as they were given to __init__."""
        for name, value in given.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    @property
    def network_(self) -> Network:
        """The fastnn network: `coefs_` and `intercepts_` are views of its parameters."""
        check_is_fitted(self, "coefs_")
        return network_of(self)

    @property
    def _quantiles(self) -> Sequence[float]:
        """Of the loss that has some: one for each output, or one for all."""
        return ()

    @property
    @abstractmethod
    def _loss(self) -> str:
        """The loss by scikit-learn's name; a classifier's by that of its outputs."""

    @abstractmethod
    def _read(self, X: Any, y: Any, *, first: bool, incremental: bool) -> tuple[Any, NDArray]:
        """X (n, inputs) and y (n, outputs) after scikit-learn's checks; `first` forgets others."""

    @abstractmethod
    def _read_more(self, y: Any) -> NDArray:
        """Validation targets as `_read` gives them."""

    @abstractmethod
    def _out_activation(self) -> str:
        """scikit-learn's name of the output layer's activation."""

    @abstractmethod
    def _truth(self, y: NDArray) -> NDArray:
        """What `_read` has read as y, as the user writes it."""

    @abstractmethod
    def _score(self, y: NDArray, outputs: NDArray, sample_weight: NDArray | None) -> float:
        """What early stopping goes by, unless there is a `scoring`; y as `_read` gives it."""

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Perceptron:
        """Fit the model to data matrix X and target(s) y.

        X              (n_samples, n_features): an array, data frame or sparse matrix of numbers
        y              (n_samples,) or (n_samples, n_outputs)
        sample_weight  (n_samples,): how much each row counts; a mini-batch's mean is over weights
        X_val, y_val, sample_weight_val
                       rows that are measured after each epoch, and that early stopping goes by
                       instead of taking a `validation_fraction` away

        Returns the estimator itself.
        """
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val, y_val: expected both or none of them")
        if X_val is None and sample_weight_val is not None:
            raise ValueError("sample_weight_val: expected X_val and y_val with it")
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple = (),
        *,
        incremental: bool = False,
    ) -> Perceptron:
        given = self._begin_callbacks(X, y, sample_weight, incremental)
        before = dict(vars(self))
        try:
            training = self._prepared(X, y, sample_weight, validation, given, incremental)
        except BaseException:  # what is refused changes nothing
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        training.run(incremental=incremental)
        if not np.isfinite(fitted(self).engine.parameters).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                "values and need to be preprocessed."
            )
        if given:
            self._callback_fit_ctx.call_on_fit_task_end(
                estimator=self, **given, reconstruction_attributes={}
            )
        return self

    def _prepared(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple,
        given: dict[str, Any],
        incremental: bool,
    ) -> stochastic.Training | lbfgs.Training:
        """A training that is about to begin, when all has been checked."""
        hidden = hidden_sizes(self.hidden_layer_sizes)
        first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        X, targets = self._read(X, y, first=first, incremental=incremental)
        given_weights = None if sample_weight is None else check_sample_weight(sample_weight, X)
        weights = self._weights(X, targets, given_weights)
        self.n_outputs_ = targets.shape[1]
        self._random_state = check_random_state(self.random_state)
        if first:
            self._begin([X.shape[1], *hidden, targets.shape[1]], X.dtype)
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        engine = fitted(self).engine
        check_inputs(X, engine)
        if targets.shape[1] != engine.sizes[-1]:
            raise ValueError(
                f"y: expected {engine.sizes[-1]} targets a row, one for each of its outputs, "
                f"got {targets.shape[1]}"
            )
        rows = Rows(
            X, as_rows(X), self._targets(targets, engine), weights, given_weights,
            np.arange(len(targets)),
        )  # fmt: skip
        own = self._validation(*validation) if validation and validation[0] is not None else None
        check_scoring(self.scoring)
        if self.solver == "lbfgs":
            return lbfgs.Training(self, engine, rows, Watch(self, own, given), self._threads())
        if not hasattr(self, "_no_improvement_count"):  # of a network, or after lbfgs
            stopping.begin(self)
        if not incremental or not hasattr(self, "_optimizer"):
            self._optimizer = optimizer_of(self)
        if self.early_stopping and own is None:
            rows, own = keep_some(rows, targets, self, self._strata(targets))
        return stochastic.Training(self, engine, rows, Watch(self, own, given), self._threads())

    def _begin(self, sizes: list[int], dtype: np.dtype) -> None:
        self.__dict__.pop("_input_scale", None)  # of a network that it was made of
        self.n_iter_, self.t_ = 0, 0
        self.n_layers_, self.out_activation_ = len(sizes), self._out_activation()
        coefs, intercepts = initial(sizes, self.activation, self._random_state, dtype)
        if self.solver == "lbfgs":  # SciPy's numbers
            coefs, intercepts = ([p.astype(float) for p in each] for each in (coefs, intercepts))
        self.coefs_, self.intercepts_ = coefs, intercepts
        watching.begin(self)
        if self.solver in _STOCHASTIC:
            stopping.begin(self)

    def _adopt(self, network: Network) -> None:
        """Be fitted, with this network."""
        self.n_features_in_, self.n_outputs_ = network.sizes[0], network.sizes[-1]
        self.n_layers_, self.n_iter_, self.t_ = len(network.sizes), 0, 0
        self._input_scale = network.input_scale
        adopt(self, network)
        watching.begin(self)

    def _begin_callbacks(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> dict:
        """Tell scikit-learn's callbacks, if there are any; what all of them are handed."""
        has_some = hasattr(self, "_skl_callbacks") or hasattr(self, "_parent_callback_ctx")
        if incremental or not has_some:
            return {}
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        given = {"X": X, "y": y, "metadata": metadata}
        more = 1 if self.solver == "lbfgs" else 0  # the task after its last iteration is empty
        context = self._init_callback_context(max_subtasks=self.max_iter + more)
        context.call_on_fit_task_begin(estimator=self, **given)
        return given

    def _weights(self, X: Any, y: NDArray, sample_weight: NDArray | None) -> NDArray | None:
        """How much each row counts in training, (n,) of X's dtype; None for 1 each."""
        return sample_weight

    def _targets(self, y: NDArray, engine: Engine) -> NDArray | OneHot:
        """The rows of y as the engine takes them."""
        return np.ascontiguousarray(y, engine.dtype)

    def _validation(self, X: Any, y: Any, sample_weight: Any) -> Validation:
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        y = self._read_more(y)
        if len(y) != X.shape[0]:
            raise ValueError(f"y_val: expected {X.shape[0]} rows, as many as X_val, got {len(y)}")
        if sample_weight is not None:
            sample_weight = check_any(check_sample_weight(sample_weight, X))
        return Validation(X, as_rows(X), y, sample_weight)

    def _measure(self, validation: Validation) -> tuple[float, float]:
        """The loss, and the score, of validation rows."""
        x, y, weights = validation.x, validation.y, validation.weights
        outputs = self._outputs_of(x)
        if not np.isfinite(outputs).all():
            return float("nan"), float("nan")
        loss = loss_of(self._loss, y, outputs, weights, self._quantiles)
        if self.scoring is None:
            return loss, self._score(y, outputs, weights)
        if self.scoring == "loss":
            return loss, -loss
        return loss, score_by(self, validation.given, self._truth(y), weights)

    def _strata(self, y: NDArray) -> NDArray | None:
        """What each row is, where all are to have their share of the validation rows."""
        return None

    def _threads(self) -> int | None:
        """How many threads may train; None: as many as are found to be fastest."""
        if self.n_jobs is None:
            return 1 if is_worker() else None
        return self.n_jobs if self.n_jobs > 0 else max(1, available_cores() + 1 + self.n_jobs)

    def _outputs(self, X: Any) -> NDArray:
        """The output layer's activations (n, outputs) for X as the user gave it."""
        if not hasattr(self, "coefs_"):
            check_is_fitted(self)
        engine = fitted(self).engine
        if not self._is_plain(X, engine.sizes[0]):
            X = as_rows(validate_data(self, X, accept_sparse=["csr", "csc"], reset=False))
            check_inputs(X, engine)
        return self._outputs_of(X)

    def _is_plain(self, X: Any, inputs: int) -> bool:
        """Whether X is as the engine takes it, as far as one sees that in a few microseconds.

        scikit-learn's checks take fifty: for a single row that is ten times what the network does.
        """
        return (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype.char in "fd"
            and X.dtype.isnative
            and X.flags.c_contiguous
            and X.shape[1] == inputs == getattr(self, "n_features_in_", inputs)
            and len(X) > 0
            and "feature_names_in_" not in vars(self)
            and isfinite(_sum_of_squares(X.ravel()))  # else a number may be NaN, infinite or huge
        )

    def _outputs_of(self, x: NDArray | SparseRows) -> NDArray:
        own = fitted(self)
        if len(x) == 1 and type(x) is np.ndarray:
            return own.predictor(x[0]).reshape(1, -1)
        return own.engine.outputs(x, self._threads() if len(x) > BLOCK else 1)

    def _check_solver(self) -> bool:
        if self.solver not in _STOCHASTIC:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_network", None)
        # A copy has lists of its own.
        lists = {name: list(state[name]) for name in ("coefs_", "intercepts_") if name in state}
        return {**state, **lists}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _sum_of_squares(x: NDArray) -> float:
    """Of the numbers x (n,), without a warning if it overflows.

    Few of them by BLAS, which is quickest to call; its threads for many would take a core from the
    kernels that come next.
    """
    return float(np.vdot(x, x) if len(x) <= _FEW_NUMBERS else np.einsum("i,i->", x, x))
