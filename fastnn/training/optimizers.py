"""The optimizers that `fit` knows, with their settings; kernels.optimizers has their formulas.

Each takes `clip_norm`: the largest norm that a mini-batch's mean gradient, of all layers together
and without the penalty, may have. A longer one is shortened before the optimizer sees it; None is
no limit.
"""

from typing import Any, NamedTuple, TypeAlias

from fastnn.arguments import checks

__all__ = [
    "LBFGS",
    "SGD",
    "Adam",
    "AdamW",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "as_optimizer",
    "rule_settings",
    "same_memory",
]


class SGD(NamedTuple):
    """Plain stochastic gradient descent: w <- w - eta g (the book, chapter 1)."""

    clip_norm: float | None = None

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "sgd"


class Momentum(NamedTuple):
    """v <- mu v - eta g, w <- w + v (the book's eqs. 107 and 108). mu is in [0, 1)."""

    mu: float = 0.9
    clip_norm: float | None = None

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "momentum"


class Nesterov(NamedTuple):
    """v <- mu v - eta g, w <- w + mu v - eta g (Sutskever et al. 2013). mu is in [0, 1).

    As in PyTorch's SGD(nesterov=True) and Keras's, w is where the gradient is taken.
    """

    mu: float = 0.9
    clip_norm: float | None = None

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "nesterov"


class RMSProp(NamedTuple):
    """s <- rho s + (1 - rho) g^2, w <- w - eta g / (sqrt(s) + epsilon) (Hinton 2012).

    rho is in [0, 1).
    """

    rho: float = 0.9
    epsilon: float = 1e-8
    clip_norm: float | None = None

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "rmsprop"


class Adam(NamedTuple):
    """Adaptive moments (Kingma and Ba 2015, algorithm 1). The betas are in [0, 1).

    With epsilon_hat=True epsilon is added before the second moment's correction, as at the end of
    the paper's section 2, by TensorFlow and by scikit-learn. L1 and L2 are part of the gradient, as
    in PyTorch's Adam with weight_decay.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip_norm: float | None = None
    epsilon_hat: bool = False

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "adam"


class AdamW(NamedTuple):
    """Adam with L1 and L2 beside the gradient (Loshchilov and Hutter 2019). Betas in [0, 1).

    w <- (1 - eta lambda2 / n) w - (eta lambda1 / n) sgn(w) - Adam's step for the data cost: the
    penalty shrinks all weights alike, as with plain SGD, whatever their gradients' size.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip_norm: float | None = None
    epsilon_hat: bool = False

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "adamw"


class LBFGS(NamedTuple):
    """Limited-memory BFGS (Liu and Nocedal 1989; Byrd et al. 1995): SciPy's, with all rows at once.

    An epoch is an iteration. Batch size, learning rate and shuffling don't matter; the penalty must
    be smooth, so that L1, dropout and max-norm are none of its. For small data sets, of which it
    takes few epochs. Needs SciPy, which the extra `sklearn` brings.

    memory       how many steps the curvature is estimated from
    tolerance    fit ends where no entry of the gradient is larger
    evaluations  of cost and gradient, at most
    """

    memory: int = 10
    tolerance: float = 1e-5
    evaluations: int = 15_000

    @property
    def name(self) -> str:
        """The name that `fit` knows."""
        return "lbfgs"


Optimizer: TypeAlias = SGD | Momentum | Nesterov | RMSProp | Adam | AdamW | LBFGS

_KINDS = (SGD, Momentum, Nesterov, RMSProp, Adam, AdamW, LBFGS)
_BY_NAME = {kind().name: kind for kind in _KINDS}


def as_optimizer(optimizer: "str | Optimizer") -> Optimizer:
    """An optimizer from its name or from itself; TypeError or ValueError."""
    if isinstance(optimizer, str):
        return _BY_NAME[checks.option("optimizer", optimizer, _BY_NAME)]()
    if not isinstance(optimizer, _KINDS):
        raise TypeError(
            f"optimizer: expected one of {', '.join(_BY_NAME)}, or one of "
            f"{', '.join(f'fastnn.{kind.__name__}()' for kind in _KINDS)}; "
            f"got {checks.shown(optimizer)}"
        )
    settings: dict[str, Any] = {}
    for field, value in optimizer._asdict().items():
        name = f"optimizer: {optimizer.name}'s {field}"
        if field == "clip_norm" and value is None:
            continue
        if field in ("memory", "evaluations"):
            settings[field] = checks.count(name, value)
        elif field == "epsilon_hat":
            settings[field] = checks.flag(name, value)
        elif field in ("epsilon", "clip_norm", "tolerance"):
            settings[field] = checks.number(name, value, positive=True)
        else:
            settings[field] = checks.share(name, value)
    return optimizer._replace(**settings)  # plain numbers, which files can hold


def same_memory(one: Optimizer, other: Optimizer) -> bool:
    """Whether one can go on with what the other remembers: all of them clip before that."""
    if type(one) is not type(other) or isinstance(one, LBFGS) or isinstance(other, LBFGS):
        return False
    return one == other._replace(clip_norm=one.clip_norm)


def rule_settings(optimizer: Optimizer) -> dict[str, Any]:
    """The optimizer's part of an UpdateRule."""
    if isinstance(optimizer, LBFGS):
        return {"optimizer": optimizer.name}
    settings = optimizer._asdict()
    settings["clip_norm"] = settings["clip_norm"] or 0.0
    if "rho" in settings:
        settings["beta2"] = settings.pop("rho")
    return {"optimizer": optimizer.name, **settings}
