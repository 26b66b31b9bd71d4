"""scikit-learn's MLPClassifier, one `partial_fit` an epoch (MLPRegressor for regression).

Its arithmetic follows the rows' dtype. The first epoch takes the rows in the order that all
others take, so that results can be compared; later ones shuffle in scikit-learn's own way.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier, MLPRegressor

from bench.suite.machine import usable_threads
from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.problem import Problem
from bench.suite.task import Task

_ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def variants(task: Task) -> dict[str, Callable[[Problem], "Perceptron"]]:
    """One: partial_fit."""
    if not task.is_basic:
        raise UnsupportedError("measured with plain descent and Adam only")
    if task.one_cycle:
        raise UnsupportedError("partial_fit has no such schedule of the learning rate")
    return {"partial_fit": Perceptron}


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "threads": usable_threads(),
    }


class Perceptron:
    """A classifier or regressor with the problem's weights.

    For two classes scikit-learn has one logistic output instead of two softmax outputs: a
    network with the same outputs, whose only output weights are the differences of the two.
    """

    def __init__(self, problem: Problem):
        self.problem, self.task = problem, problem.task
        task, m = self.task, min(self.task.batch_size, self.task.rows)
        kind = MLPRegressor if task.cost == "quadratic" else MLPClassifier
        self.model = kind(
            hidden_layer_sizes=task.sizes[1:-1],
            activation=_ACTIVATIONS[task.activation],
            solver=task.optimizer,
            alpha=task.l2 * m / task.rows,  # see fastnn.conventions.sklearn_alpha
            batch_size=m,
            learning_rate_init=task.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
        )
        dtype = np.dtype(task.dtype)
        self.x, self.y = problem.inputs().astype(dtype, copy=False), problem.y
        self.classes = np.arange(task.sizes[-1]) if task.cost != "quadratic" else None
        self.binary = task.cost == "log-likelihood" and task.sizes[-1] == 2
        if task.cost == "log-likelihood":
            self.y = self.y.argmax(axis=1)
        elif task.cost == "cross-entropy":  # independent logistic outputs: "multilabel"
            self.y = self.y.astype(np.int64)
        self._first_call(m)
        self.own_order = False

    def _first_call(self, m: int) -> None:
        """Have the arrays allocated, then put the problem's weights there."""
        self._partial_fit(self.x[:m], self.y[:m])
        weights, biases = self.problem.weights, self.problem.biases
        if self.binary:
            weights = [*weights[:-1], weights[-1][1:] - weights[-1][:1]]
            biases = [*biases[:-1], biases[-1][1:] - biases[-1][:1]]
        for stored, w in zip(self.model.coefs_, weights):
            stored[...] = w.T
        for stored, b in zip(self.model.intercepts_, biases):
            stored[...] = b[:, 0]
        if self.task.optimizer == "adam":
            optimizer = self.model._optimizer  # noqa: SLF001 there is no other way to it
            optimizer.t = 0
            for moment in (*optimizer.ms, *optimizer.vs):
                moment[...] = 0
        self.model.t_ = 0

    def _partial_fit(self, x: NDArray, y: NDArray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the unusual batch size
            if self.classes is None:
                self.model.partial_fit(x, y)
            else:
                self.model.partial_fit(x, y, classes=self.classes)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """partial_fit of all rows."""
        for _ in range(epochs):
            if self.own_order:
                self._partial_fit(self.x, self.y)
            else:
                order = self.problem.next_order()
                self._partial_fit(self.x[order], self.y[order])
                self.own_order = self.model.shuffle = True
            if after_epoch is not None and after_epoch():
                break

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As NumPy arrays; one logistic output as two softmax outputs."""
        weights = [w.T for w in self.model.coefs_]
        biases = list(self.model.intercepts_)
        if self.binary:
            weights[-1] = np.vstack([np.zeros_like(weights[-1]), weights[-1]])
            biases[-1] = np.append(np.zeros_like(biases[-1]), biases[-1])
        return weights, biases

    def outputs(self, x: NDArray) -> NDArray:
        """predict_proba, or predict for regression."""
        if self.classes is None:
            return np.asarray(self.model.predict(x))
        return np.asarray(self.model.predict_proba(x))
