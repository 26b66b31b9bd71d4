"""fastnn: a feedforward neural network for the CPU with a native-compiled core.

    net = fastnn.Network([784, 100, 10], seed=0)
    net.fit(x, y, epochs=5, l2=5.0)

`fastnn.book` is a drop-in for the code of Michael Nielsen's book, `fastnn.datasets` has
MNIST and a reader of IDX files, `fastnn.reference` the same network in plain NumPy.

Names are imported at their first use: `import fastnn` alone, and with it `fastnn --help`, does
not wait for NumPy or Numba.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastnn.model.costs import CrossEntropy, LogLikelihood, Pinball
    from fastnn.model.gradient_check import GradientCheck
    from fastnn.model.output_range import TargetRangeWarning
    from fastnn.model.own_functions import UserActivation, UserCost
    from fastnn.network import Gradients, Network, load
    from fastnn.regularization.check import RegularizationError, RegularizationWarning
    from fastnn.regularization.explain import explain_regularization
    from fastnn.storage.checkpoints import Checkpoint
    from fastnn.sweeps.fit_many import FitManyError, Fitted, fit_many
    from fastnn.sweeps.specs import grid, log_uniform, random_draws, uniform
    from fastnn.sweeps.tables import table
    from fastnn.training.callbacks import Progress
    from fastnn.training.divergence import DivergenceError
    from fastnn.training.early_stopping import EarlyStopping
    from fastnn.training.history import Epoch, Evaluation, History
    from fastnn.training.optimizers import LBFGS, SGD, Adam, AdamW, Momentum, Nesterov, RMSProp
    from fastnn.training.penalty import Proximal
    from fastnn.training.schedules import (
        Cosine,
        Exponential,
        HalveOnPlateau,
        OneCycle,
        Step,
        WarmUp,
    )

# A new name is added here, above and below; a test compares the three.
_MODULES = {
    "model.costs": ["CrossEntropy", "LogLikelihood", "Pinball"],
    "model.gradient_check": ["GradientCheck"],
    "model.output_range": ["TargetRangeWarning"],
    "model.own_functions": ["UserActivation", "UserCost"],
    "network": ["Gradients", "Network", "load"],
    "regularization.check": ["RegularizationError", "RegularizationWarning"],
    "regularization.explain": ["explain_regularization"],
    "storage.checkpoints": ["Checkpoint"],
    "sweeps.fit_many": ["FitManyError", "Fitted", "fit_many"],
    "sweeps.specs": ["grid", "log_uniform", "random_draws", "uniform"],
    "sweeps.tables": ["table"],
    "training.callbacks": ["Progress"],
    "training.divergence": ["DivergenceError"],
    "training.early_stopping": ["EarlyStopping"],
    "training.history": ["Epoch", "Evaluation", "History"],
    "training.optimizers": ["LBFGS", "SGD", "Adam", "AdamW", "Momentum", "Nesterov", "RMSProp"],
    "training.penalty": ["Proximal"],
    "training.schedules": ["Cosine", "Exponential", "HalveOnPlateau", "OneCycle", "Step", "WarmUp"],
}

__all__ = [
    "LBFGS",
    "SGD",
    "Adam",
    "AdamW",
    "Checkpoint",
    "Cosine",
    "CrossEntropy",
    "DivergenceError",
    "EarlyStopping",
    "Epoch",
    "Evaluation",
    "Exponential",
    "FitManyError",
    "Fitted",
    "GradientCheck",
    "Gradients",
    "HalveOnPlateau",
    "History",
    "LogLikelihood",
    "Momentum",
    "Nesterov",
    "Network",
    "OneCycle",
    "Pinball",
    "Progress",
    "Proximal",
    "RMSProp",
    "RegularizationError",
    "RegularizationWarning",
    "Step",
    "TargetRangeWarning",
    "UserActivation",
    "UserCost",
    "WarmUp",
    "explain_regularization",
    "fit_many",
    "grid",
    "load",
    "log_uniform",
    "random_draws",
    "table",
    "uniform",
]

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
_SUBMODULES = {
    "book": "book",
    "conventions": "regularization.conventions",
    "datasets": "datasets",
    "export": "export",
    "network": "network",
    "reference": "reference",
}

# Not from the package's metadata: to read those takes longer than to print `fastnn --help`.
__version__ = "0.2.0"

if not TYPE_CHECKING:  # or type checkers would take any name for one of these

    def __getattr__(name: str) -> Any:
        """What was not asked for until now (PEP 562)."""
        if name in _MODULE_OF:
            value = getattr(import_module(f"fastnn.{_MODULE_OF[name]}"), name)
        elif name in _SUBMODULES:
            value = import_module(f"fastnn.{_SUBMODULES[name]}")
        else:
            raise AttributeError(f"module 'fastnn' has no attribute {name!r}")
        globals()[name] = value  # found at once from now on
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})


logging.getLogger(__name__).addHandler(logging.NullHandler())  # silent unless asked to speak
