"""JAX with one call of a jitted function an epoch, also where an epoch is one mini-batch.

What one writes who wants to do something after each epoch. Where an epoch has many
mini-batches this is what `jax_scan` does, too.
"""

from collections.abc import Callable

from bench.suite.peers.jax_scan import Scan, about
from bench.suite.problem import Problem
from bench.suite.task import Task

__all__ = ["about", "variants"]


def variants(task: Task) -> dict[str, Callable[[Problem], Scan]]:
    """One."""
    return {"a call an epoch": Scan}
