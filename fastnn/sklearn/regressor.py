"""`MLPRegressor`: numbers, one or several of each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.model.costs import Pinball
from fastnn.network import Network
from fastnn.sklearn.constraints import CONSTRAINTS
from fastnn.sklearn.library import (
    Interval,
    RegressorMixin,
    StrOptions,
    available_if,
    column_or_1d,
    d2_pinball_score,
    fit_context,
    r2_score,
    validate_data,
)
from fastnn.sklearn.losses import COSTS
from fastnn.sklearn.parameters import fastnn_name, parameters_of
from fastnn.sklearn.perceptron import Perceptron
from fastnn.training.schedules import Schedule

__all__ = ["MLPRegressor"]


class MLPRegressor(RegressorMixin, Perceptron):
    """Multi-layer Perceptron regressor: scikit-learn's, computed by fastnn.

    Parameters, attributes, warnings and errors are those of `sklearn.neural_network.MLPRegressor`.
    """

    _parameter_constraints: dict = {
        **CONSTRAINTS,
        "loss": [StrOptions(set(COSTS))],
        "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        l1: float = 0.0,
        max_norm: float | None = None,
        optimizer: Any = None,
        learning_rate_schedule: Schedule | None = None,
        scoring: str | Callable | None = None,
        callbacks: Any = None,
        n_jobs: int | None = None,
        quantile: float | Sequence[float] = 0.5,
    ) -> None:
        self._store(locals())

    @available_if(lambda self: self._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPRegressor:
        """Train a single epoch on the given rows, going on from where the model is."""
        self._fit(X, y, sample_weight, incremental=True)
        return self

    @classmethod
    def from_network(cls, network: Network) -> MLPRegressor:
        """An estimator of a fastnn network that does regression, on the same memory.

        Raises TypeError or ValueError.
        """
        cost: Any = network.cost
        more: dict[str, Any] = {}
        if isinstance(cost, Pinball):
            cost, more = "pinball", {"quantile": cost.quantiles}
        pair = cost, fastnn_name(network.output_activation)
        losses = [name for name, own in COSTS.items() if (own[0], fastnn_name(own[1])) == pair]
        if not losses:
            expected = "; ".join(f"{cost} and {fastnn_name(a)}" for cost, a in COSTS.values())
            raise ValueError(
                f"network: expected a cost and an output layer of regression ({expected}), "
                f"got {network.cost} and {network.output_activation}"
            )
        self = cls(losses[0], **parameters_of(network), **more)
        self.out_activation_ = self._out_activation()
        self._adopt(network)
        return self

    def predict(self, X: Any) -> NDArray:
        """The outputs: (n_samples,), or (n_samples, n_outputs).

        Of several quantiles, a column for each: they never cross.
        """
        return self._flat(self._outputs(X))

    @property
    def _quantiles(self) -> Sequence[float]:
        """One for each output, or one for all, of the pinball loss."""
        return Pinball(self.quantile).quantiles if self.loss == "pinball" else ()

    def _flat(self, outputs: NDArray) -> NDArray:
        if outputs.shape[1] == 1:
            return outputs.ravel()
        if len(self._quantiles) > 1:
            outputs[:, np.argsort(self._quantiles)] = np.sort(outputs, axis=1)
        return outputs

    @property
    def _loss(self) -> str:
        return self.loss

    def _truth(self, y: NDArray) -> NDArray:
        return y[:, 0] if len(self._quantiles) > 1 else self._flat(y)

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """R squared; of the pinball loss the mean of its D squared over the quantiles."""
        if self.loss != "pinball":
            return super().score(X, y, sample_weight)
        y = np.asarray(y).reshape(len(y), -1)
        return self._score(self._columns(y), self._outputs(X), sample_weight)

    def _score(self, y: NDArray, outputs: NDArray, sample_weight: Any) -> float:
        if self.loss != "pinball":
            return float(r2_score(y, outputs, sample_weight=sample_weight))
        outputs = self._flat(outputs).reshape(y.shape)
        alphas = np.broadcast_to(self._quantiles, y.shape[1])
        scores = [
            d2_pinball_score(y[:, k], outputs[:, k], sample_weight=sample_weight, alpha=alpha)
            for k, alpha in enumerate(alphas)
        ]
        return float(np.mean(scores))

    def _out_activation(self) -> str:
        return COSTS[self.loss][1]

    def _read(self, X: Any, y: Any, *, first: bool, incremental: bool) -> tuple[Any, NDArray]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, self._columns(y.reshape(len(y), -1))

    def _columns(self, y: NDArray) -> NDArray:
        """The target (n, 1) once for each of several quantiles."""
        count = len(self._quantiles)
        if count > 1 and y.shape[1] > 1:
            raise ValueError(
                f"quantile: expected one quantile for {y.shape[1]} targets a row, got {count}"
            )
        return np.repeat(y, count, axis=1) if count > 1 else y

    def _read_more(self, y: Any) -> NDArray:
        y = np.asarray(y, float)
        y = self._columns(y.reshape(len(y), -1))
        if y.shape[1] != self.n_outputs_ or not np.isfinite(y).all():
            raise ValueError(
                f"y_val: expected {self.n_outputs_} finite number(s) a row, got shape {y.shape}"
            )
        return y
