"""L-BFGS: SciPy's minimizer on the cost of the whole training set and its gradient.

SciPy is no dependency of fastnn: the extra `sklearn` brings it, and it is imported here alone.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MissingSciPyError", "minimize"]


class MissingSciPyError(ImportError):
    """SciPy is not installed."""


def minimize(
    objective: Callable[[NDArray], tuple[float, NDArray]],
    start: NDArray,
    iterated: Callable[[NDArray], bool],
    *,
    iterations: int,
    evaluations: int,
    tolerance: float,
    memory: int = 10,
    verbose: bool = False,
) -> Any:
    """SciPy's OptimizeResult: x is where it ended, nit the iterations, status 0 if that converged.

    objective   the cost and its gradient of parameters (p,) float64
    iterated    called after each iteration with its parameters; True ends it
    iterations, evaluations   how many at most
    tolerance   of the largest entry of the gradient, at which it ends
    memory      how many steps the curvature is estimated from
    """
    try:
        import scipy.optimize
    except ImportError:
        raise MissingSciPyError(
            "optimizer: 'lbfgs' needs SciPy, which is not installed; pip install 'fastnn[sklearn]'"
        ) from None

    def after(x: NDArray) -> None:
        if iterated(x):
            raise StopIteration

    options = {"maxfun": evaluations, "maxiter": iterations, "gtol": tolerance, "maxcor": memory}
    if tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 15):
        options["iprint"] = 1 if verbose else -1
    with _blas_alone():
        return scipy.optimize.minimize(
            objective,
            np.asarray(start, np.float64),
            method="L-BFGS-B",
            jac=True,
            options=options,
            callback=after,
        )


def _blas_alone() -> AbstractContextManager:
    """BLAS on one thread, where threadpoolctl is there to say so, as with scikit-learn.

    SciPy's own steps are short, and their threads wait for the next one by taking a core for
    themselves: the objective's threads, which need it, take three times as long.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1, user_api="blas")
