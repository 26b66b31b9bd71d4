"""What outputs cost, by scikit-learn's formulas: for validation rows, whose outputs are there.

An epoch's own loss comes from the kernels. Of regression losses the mean is over outputs as well,
but for the deviances, as in scikit-learn.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["COSTS", "loss_of", "share_of", "xlogy"]

# The cost, and the output layer, of each loss of regression.
COSTS = {
    "squared_error": ("quadratic", "identity"),
    "absolute_error": ("mean_absolute_error", "identity"),
    "huber": ("huber", "identity"),
    "pinball": ("pinball", "identity"),
    "poisson": ("poisson", "exp"),
}


def xlogy(x: NDArray, y: NDArray) -> NDArray:
    """X ln y, which is 0 where x is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == 0, 0.0, x * np.log(y))


def share_of(loss: str, outputs: int) -> float:
    """What a row's cost is multiplied by in the loss."""
    return 1 / outputs if loss in COSTS and loss != "poisson" else 1.0


def loss_of(
    loss: str,
    y: NDArray,
    outputs: NDArray,
    weights: NDArray | None,
    quantiles: Sequence[float] = (),
) -> float:
    """The mean over rows, without penalty; y and outputs are (n, outputs)."""
    costs = _pinball(y, outputs, quantiles) if loss == "pinball" else _COSTS[loss](y, outputs)
    rows = costs.sum(axis=1) * share_of(loss, outputs.shape[1])
    return float(np.average(rows, weights=weights))


def _clipped(p: NDArray) -> NDArray:
    unit = np.finfo(p.dtype).eps
    return np.clip(p, unit, 1 - unit)


def _huber(y: NDArray, a: NDArray) -> NDArray:
    d = np.abs(a - y)
    return np.where(d <= 1, d**2 / 2, d - 0.5)


def _pinball(y: NDArray, a: NDArray, quantiles: Sequence[float]) -> NDArray:
    q = np.array(quantiles)
    return np.maximum(q * (y - a), (q - 1) * (y - a))


_COSTS = {
    "logistic": lambda y, a: -(xlogy(y, _clipped(a)) + xlogy(1 - y, 1 - _clipped(a))),
    "softmax": lambda y, a: -xlogy(y, _clipped(a)),
    "squared_error": lambda y, a: (a - y) ** 2 / 2,
    "absolute_error": lambda y, a: np.abs(a - y),
    "huber": _huber,
    "poisson": lambda y, a: xlogy(y, y / a) - y + a,
}
