"""The optimizers that `fit` knows, with their settings."""

from typing import NamedTuple, TypeAlias

from fastnn import checks

__all__ = ["Adam", "Momentum", "Optimizer", "SGD", "as_optimizer"]


class SGD(NamedTuple):
    """Plain stochastic gradient descent: w <- w - eta g (the book, chapter 1)."""

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "sgd"


class Momentum(NamedTuple):
    """v <- mu v - eta g, w <- w + v (the book's eqs. 107 and 108). mu is in [0, 1)."""

    mu: float = 0.9

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "momentum"


class Adam(NamedTuple):
    """Adaptive moments (Kingma and Ba 2015, algorithm 1). The betas are in [0, 1).

    L1 and L2 are part of the gradient, as in PyTorch's Adam with weight_decay.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "adam"


Optimizer: TypeAlias = SGD | Momentum | Adam

_BY_NAME = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def as_optimizer(optimizer: "str | Optimizer") -> Optimizer:
    """An optimizer from its name or from itself; TypeError or ValueError."""
    if isinstance(optimizer, str):
        return _BY_NAME[checks.known("optimizer", optimizer, _BY_NAME)]()
    if not isinstance(optimizer, (SGD, Momentum, Adam)):
        raise TypeError(
            f"optimizer: expected one of {', '.join(_BY_NAME)}, or fastnn.SGD(), "
            f"fastnn.Momentum() or fastnn.Adam(); got {optimizer!r}"
        )
    for field, value in optimizer._asdict().items():
        name = f"optimizer: {optimizer.name}'s {field}"
        number = checks.number(name, value, positive=field == "epsilon")
        if field != "epsilon" and number >= 1:
            raise ValueError(f"{name}: expected a number in [0, 1), got {value!r}")
    return optimizer
