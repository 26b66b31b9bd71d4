"""The competitors, one module each, and what they have in common.

A module of a competitor offers

    variants(task)      name -> function of a Problem that makes a Trainer, for each way to
                        use the library worth trying; the fastest one is the one measured
    about()             versions, and the number of threads, as the library itself reports them

and is imported only where its competitor is measured: a library that is not installed is
reported as missing, and imports of other libraries burden neither memory nor threads.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from bench.suite.problem import Problem
from bench.suite.task import Task

__all__ = [
    "COMPETITORS",
    "ESTIMATOR",
    "FASTNN",
    "OURS",
    "PLAIN",
    "TITLES",
    "AfterEpoch",
    "Trainer",
    "UnsupportedError",
    "competitor",
]

# Name in cases and on the command line -> module here.
COMPETITORS = {
    "fastnn": "fastnn_network",
    "fastnn.book": "fastnn_book",
    "plain": "fastnn_network",
    "loop": "per_sample_loop",
    "numpy": "batched_numpy",
    "sklearn": "scikit_learn",
    "torch": "pytorch",
    "jax": "jax_scan",
    "jax-calls": "jax_calls",
}

# Name in tables.
TITLES = {
    "fastnn": "fastnn",
    "fastnn.book": "fastnn.book.network2",
    "plain": "fastnn, plain SGD",
    "loop": "per-sample NumPy loop",
    "numpy": "batched NumPy",
    "sklearn": "scikit-learn",
    "torch": "PyTorch eager",
    "jax": "JAX, jitted scan",
    "jax-calls": "JAX, a call an epoch",
    "fastnn.sklearn": "fastnn.sklearn",
    "fastnn.sklearn-dense": "fastnn.sklearn, dense rows",
    "sklearn-mlp": "scikit-learn",
}

# Those that are measured against the others, its peers ...
OURS = ("fastnn", "fastnn.book", "fastnn.sklearn")

# ... fastnn at work on a case's `beside`, no peer either ...
PLAIN = "plain"

# ... scikit-learn's own estimators, beside which fastnn.sklearn's are measured ...
ESTIMATOR = "sklearn-mlp"

# ... and all whose processes run fastnn.
FASTNN = (*OURS, PLAIN, "fastnn.sklearn-dense")


AfterEpoch = Callable[[], bool]


class Trainer(Protocol):
    """A competitor's network, at work on a problem."""

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train on for so many epochs; what is timed. All work is done when it returns.

        after_epoch() is called after each epoch, when its work is done; True ends the training.
        """

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """Weights (outputs, inputs) and biases (outputs,) of each layer, as NumPy arrays."""

    def outputs(self, x: NDArray) -> NDArray:
        """The output layer's activations (rows, outputs) for rows x; timed as well."""


class UnsupportedError(Exception):
    """A competitor has no way to do this task, as the message says."""


class CompetitorModule(Protocol):
    """What a competitor's module offers."""

    def variants(self, task: Task) -> Mapping[str, Callable[[Problem], Trainer]]:
        """See the package's docstring. Raises UnsupportedError."""

    def about(self) -> dict[str, Any]:
        """See the package's docstring."""


def competitor(name: str) -> CompetitorModule:
    """The competitor's module; raises ImportError if its library is not installed."""
    module: Any = importlib.import_module(f"{__name__}.{COMPETITORS[name]}")
    return module
