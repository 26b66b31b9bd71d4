"""The optimizers of scikit-learn's MLP, and fastnn's: what they remember from one call to the next.

The updates are the engine's. As in scikit-learn `learning_rate` is the present one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Engine, OptimizerMemory
from fastnn.sklearn.parameters import views_of
from fastnn.training.optimizers import as_optimizer, rule_settings

__all__ = ["AdamOptimizer", "Optimizer", "optimizer_of"]

_SMALLEST_RATE, _SMALLER = 1e-6, 5.0  # of the adaptive schedule


class Optimizer:
    """An optimizer at a learning rate that changes between epochs.

    settings       its part of an UpdateRule
    lr_schedule    "constant"; "invscaling": learning_rate_init / (rows seen + 1) ** power_t;
                   "adaptive": a fifth each time that training does not get better
    first, second  its moments, or velocities: an array for each of coefs_ + intercepts_, no array
                   before there are any
    updates        how many were done
    """

    def __init__(
        self,
        settings: dict[str, Any],
        learning_rate_init: float,
        lr_schedule: str = "constant",
        power_t: float = 0.5,
    ):
        self.settings = settings
        self.learning_rate_init = learning_rate_init
        self.learning_rate = float(learning_rate_init)
        self.lr_schedule, self.power_t = lr_schedule, power_t
        self.first: list[NDArray] = []
        self.second: list[NDArray] = []
        self.updates = 0
        self._memory: OptimizerMemory | None = None
        self._of: tuple[
            Any, ...
        ] = ()  # the network's sizes and dtype that the memory is laid out for

    @property
    def eta(self) -> float:
        """The learning rate of the engine's rule."""
        return self.learning_rate

    def memory(self, engine: Engine) -> OptimizerMemory:
        """What the engine goes on with; the lists become views of it."""
        memory, of = self._memory, (*engine.sizes, engine.dtype)
        if memory is None or self._of != of:
            name = self.settings["optimizer"]
            memory = OptimizerMemory(name, engine.parameters.size, engine.dtype)
            memory.updates = self.updates
            self.first = _moved(self.first, engine, memory.first)
            self.second = _moved(self.second, engine, memory.second)
            self._memory, self._of = memory, of
        return memory

    def epoch_ends(self, rows: int) -> None:
        """After so many rows since the first fit."""
        if self._memory is not None:
            self.updates = self._memory.updates
        if self.lr_schedule == "invscaling":
            self.learning_rate = float(self.learning_rate_init) / (rows + 1) ** self.power_t

    def stops(self, message: str, verbose: bool) -> bool:
        """Whether training ends where it does not get better, or goes on more slowly."""
        ending = "Stopping."
        if self.lr_schedule == "adaptive":
            if self.learning_rate > _SMALLEST_RATE:
                self.learning_rate /= _SMALLER
                if verbose:
                    print(f"{message} Setting learning rate to {self.learning_rate:f}")
                return False
            ending = "Learning rate too small. Stopping."
        if verbose:
            print(f"{message} {ending}")
        return True

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_memory": None}


class AdamOptimizer(Optimizer):
    """Adam (Kingma and Ba 2015), its epsilon being the paper's epsilon-hat."""

    def __init__(self, learning_rate_init: float, beta_1: float, beta_2: float, epsilon: float):
        settings = {"beta1": beta_1, "beta2": beta_2, "epsilon": epsilon, "epsilon_hat": True}
        super().__init__({"optimizer": "adam", **settings}, learning_rate_init)

    @property
    def eta(self) -> float:
        """The learning rate of the engine's rule, which corrects it by itself."""
        return float(self.learning_rate_init)

    def epoch_ends(self, rows: int) -> None:
        """After so many rows since the first fit."""
        super().epoch_ends(rows)
        first, second = (1 - self.settings[beta] ** self.updates for beta in ("beta1", "beta2"))
        self.learning_rate = self.learning_rate_init * np.sqrt(second) / first


def _moved(arrays: list[NDArray], engine: Engine, packed: NDArray) -> list[NDArray]:
    """Views of the packed memory, with the arrays' values in it."""
    if not packed.size:
        return []
    coefs, intercepts = views_of(engine, packed)
    views = coefs + intercepts
    if arrays and [view.shape for view in views] != [values.shape for values in arrays]:
        raise ValueError(
            "coefs_: expected the shapes that the optimizer remembers, "
            f"{[values.shape for values in arrays]}; got {[view.shape for view in views]}"
        )
    for view, values in zip(views, arrays, strict=False):  # there are none before the first epoch
        view[...] = values
    return views


def optimizer_of(estimator: Any) -> Optimizer:
    """A new one, as the estimator's parameters want it."""
    e = estimator
    if e.optimizer is not None:
        if getattr(e.optimizer, "name", e.optimizer) == "lbfgs":
            raise ValueError("optimizer: expected one of mini-batches, got lbfgs; solver='lbfgs'")
        settings = rule_settings(as_optimizer(e.optimizer))
    elif e.solver == "adam":
        return AdamOptimizer(e.learning_rate_init, e.beta_1, e.beta_2, e.epsilon)
    else:
        name = ("nesterov" if e.nesterovs_momentum else "momentum") if e.momentum else "sgd"
        settings = {"optimizer": name, "mu": float(e.momentum)}
    return Optimizer(settings, e.learning_rate_init, e.learning_rate, e.power_t)
