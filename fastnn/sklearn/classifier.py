"""`MLPClassifier`: labels of every kind, and the probabilities of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.engine import Engine, OneHot
from fastnn.model.own_functions import named as named_of
from fastnn.network import Network
from fastnn.sklearn.constraints import CONSTRAINTS
from fastnn.sklearn.library import (
    ClassifierMixin,
    LabelBinarizer,
    StrOptions,
    available_if,
    check_partial_fit_first_call,
    column_or_1d,
    compute_sample_weight,
    fit_context,
    type_of_target,
    unique_labels,
    validate_data,
)
from fastnn.sklearn.parameters import parameters_of
from fastnn.sklearn.perceptron import Perceptron
from fastnn.training.schedules import Schedule

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, Perceptron):
    """Multi-layer Perceptron classifier: scikit-learn's, computed by fastnn.

    Parameters, attributes, warnings and errors are those of `sklearn.neural_network.MLPClassifier`.
    """

    _parameter_constraints: dict = {
        **CONSTRAINTS,
        "class_weight": [None, dict, list, StrOptions({"balanced"})],
    }

    def __init__(
        self,
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
        class_weight: Any = None,
        optimizer: Any = None,
        learning_rate_schedule: Schedule | None = None,
        scoring: str | Callable | None = None,
        callbacks: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self._store(locals())

    @available_if(lambda self: self._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> MLPClassifier:
        """Train a single epoch on the given rows, going on from where the model is.

        classes  (n_classes,): all labels that there will be; needed in the first call
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight: expected None or a dictionary for partial_fit, "
                f"got {self.class_weight!r}, which depends on all rows"
            )
        if check_partial_fit_first_call(self, classes):
            self._label_binarizer = LabelBinarizer()
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer.fit(y if several else classes)
        self._fit(X, y, sample_weight, incremental=True)
        return self

    @classmethod
    def from_network(cls, network: Network, classes: ArrayLike | None = None) -> MLPClassifier:
        """An estimator of a fastnn network with sigmoid or softmax outputs, on the same memory.

        classes  (n_classes,): what its outputs stand for, in ascending order; by default 0, 1, ...

        Raises TypeError or ValueError.
        """
        outputs, count = network.output_activation, network.sizes[-1]
        if outputs not in ("softmax", "sigmoid") or (
            outputs == "sigmoid" and count > 1 and not network.multi_label
        ):
            raise ValueError(
                "network: expected softmax outputs, a single sigmoid output, or sigmoid outputs of "
                f"a multi_label network, got {count} {outputs} outputs"
            )
        cost = "log_likelihood" if outputs == "softmax" else "cross_entropy"
        if named_of(network.cost) != cost:
            raise ValueError(
                f"network: expected the cost {cost} with {outputs} outputs, got {network.cost}"
            )
        named = np.arange(max(2, count)) if classes is None else np.asarray(classes)
        if len(named) != max(2, count) or not np.array_equal(named, np.unique(named)):
            raise ValueError(
                f"classes: expected {max(2, count)} different labels in ascending order, "
                f"got {named.tolist()}"
            )
        self = cls(**parameters_of(network))
        several = network.multi_label and count > 1
        self._label_binarizer = LabelBinarizer().fit(np.eye(count, dtype=int) if several else named)
        self.classes_ = named if several else self._label_binarizer.classes_
        self.out_activation_ = "softmax" if outputs == "softmax" else "logistic"
        self._adopt(network)
        return self

    def predict(self, X: Any) -> NDArray:
        """A class for each row, (n_samples,); of multilabel targets rows of 0 and 1."""
        return self._labels(self._outputs(X))

    def predict_proba(self, X: Any) -> NDArray:
        """The probability of each class, (n_samples, n_classes), in the order of `classes_`."""
        outputs = self._outputs(X)
        if self.n_outputs_ > 1:
            return outputs
        both = np.empty((len(outputs), 2), outputs.dtype)
        both[:, 1:] = outputs
        np.subtract(1, outputs, out=both[:, :1])
        return both

    def predict_log_proba(self, X: Any) -> NDArray:
        """The logarithms of `predict_proba`."""
        probabilities = self.predict_proba(X)
        return np.log(probabilities, out=probabilities)

    def _labels(self, outputs: NDArray) -> NDArray:
        if self.n_outputs_ == 1:
            outputs = outputs.ravel()
        return self._label_binarizer.inverse_transform(outputs)

    loss = "log_loss"  # scikit-learn's name, which is no parameter

    @property
    def _loss(self) -> str:
        return self.out_activation_

    def _truth(self, y: NDArray) -> NDArray:
        return self._label_binarizer.inverse_transform(y)

    def _score(self, y: NDArray, outputs: NDArray, sample_weight: NDArray | None) -> float:
        if len(self.classes_) == 1:
            right = np.ones(len(y), bool)
        elif self.out_activation_ == "softmax":
            right = outputs.argmax(axis=1) == y.argmax(axis=1)
        else:
            right = ((outputs > 0.5) == y).all(axis=1)
        return float(np.average(right, weights=sample_weight))

    def _out_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _read(self, X: Any, y: Any, *, first: bool, incremental: bool) -> tuple[Any, NDArray]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._check_classes(unique_labels(y))
        return X, self._label_binarizer.transform(y).astype(bool)

    def _read_more(self, y: Any) -> NDArray:
        if not hasattr(y, "tocsr"):
            y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y)
        several = self._label_binarizer.y_type_.startswith("multilabel")
        if several and y.shape[1:] != (self.n_outputs_,):
            raise ValueError(f"y_val: expected {self.n_outputs_} labels a row, got shape {y.shape}")
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise ValueError(f"y_val: expected classes from {self.classes_}, got {unknown}")
        return self._label_binarizer.transform(y).astype(bool)

    def _weights(self, X: Any, y: NDArray, sample_weight: NDArray | None) -> NDArray | None:
        if self.class_weight is None:
            return sample_weight
        of_classes = self._class_weights(self._truth(y)).astype(X.dtype)
        return of_classes if sample_weight is None else sample_weight * of_classes

    def _class_weights(self, labels: NDArray) -> NDArray:
        """Of each row; a class that a dictionary does not name has 1."""
        if not isinstance(self.class_weight, dict) or np.ndim(labels) > 1:
            return compute_sample_weight(self.class_weight, labels)
        unknown = set(self.class_weight) - set(self.classes_.tolist())
        if unknown:
            raise ValueError(f"class_weight: expected classes from {self.classes_}, got {unknown}")
        table = np.array([self.class_weight.get(c, 1.0) for c in self.classes_.tolist()])
        return table[np.searchsorted(self.classes_, labels)]

    def _check_classes(self, classes: NDArray) -> None:
        """ValueError unless the classes of y are those from before."""
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the "
                    f"previous call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    def _targets(self, y: NDArray, engine: Engine) -> NDArray | OneHot:
        if self.out_activation_ == "softmax":
            return OneHot(y.argmax(axis=1).astype(np.int32), y.shape[1], engine.dtype)
        return super()._targets(y, engine)

    def _strata(self, y: NDArray) -> NDArray | None:
        return y if self.n_outputs_ == 1 else None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
