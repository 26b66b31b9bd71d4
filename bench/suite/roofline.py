"""What a case needs, what the machine could do, and how near fastnn comes.

Needed arithmetic: two operations for each multiply-add of the matrix products, forward, back
and gradients. Products with an input that is zero are not needed, so only the share of inputs
that are not zero counts in layer 1; `dense_operations` counts all.

Needed traffic: in training each update reads and writes every parameter and what the optimizer
remembers of it (Adam two moments, momentum one number); in plain descent only the weights of
those inputs that are not zero in all rows of the mini-batch, as decay can be left to a common
factor. In prediction each call reads every weight that it needs. Bandwidth is measured for memory
of all parameters' size, so that it is the bandwidth of the cache that holds them.

The limit is whichever of the two takes longer at the measured peak. Activations, costs, the
reading of rows and the update's arithmetic are not counted: a share of 100 % can't be reached.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.suite.case import Case
from bench.suite.peers import OURS
from bench.suite.problem import pose
from bench.suite.process import Worker
from bench.suite.results import CaseResult
from bench.suite.task import Task

__all__ = ["Needs", "limits", "needs"]

# Numbers that an optimizer remembers for each parameter.
_MEMORY = {"momentum": 1, "nesterov": 1, "rmsprop": 1, "adam": 2, "adamw": 2}

_SAMPLE = 500  # mini-batches from which the share of weights in use is estimated


@dataclass(frozen=True)
class Needs:
    """Of an epoch, or of a call that predicts.

    operations        floating-point ones, without products with zeros
    dense_operations  the same with them
    traffic           bytes of parameters, and of what belongs to them
    working_set       bytes that this traffic goes through, again and again
    """

    operations: float
    dense_operations: float
    traffic: float
    working_set: int


def needs(case: Case) -> Needs | None:
    """What a case needs; None where arithmetic is not what it is about."""
    task = case.task
    if task is None or case.kind not in ("train", "predict"):
        return None
    itemsize = np.dtype(task.dtype).itemsize
    first = task.sizes[0] * task.sizes[1]
    rest = task.weights - first
    size = itemsize * task.parameters
    if case.kind == "predict":
        density, touched = _density(task.data, task.rows, case.rows)
        operations = 2.0 * case.rows
        return Needs(
            operations * (density * first + rest),
            operations * (first + rest),
            size - itemsize * (1 - touched) * first,
            size,
        )
    density, touched = _density(task.data, task.rows, task.batch_size)
    if task.optimizer in _MEMORY:
        size, touched = (1 + _MEMORY[task.optimizer]) * size, 1.0
    # forward and gradient for all weights, the error pulled back through all but the first
    per_first, per_other = 4.0 * task.rows, 6.0 * task.rows
    return Needs(
        per_first * density * first + per_other * rest,
        per_first * first + per_other * rest,
        2.0 * task.updates * (size - itemsize * (1 - touched) * first),
        size,
    )


@lru_cache
def _density(data: str, rows: int, m: int) -> tuple[float, float]:
    """The share of inputs that are not zero: in a row, and in any of m rows together."""
    task = Task(data, rows, (1, 1), "sigmoid", "cross-entropy", 1, 1.0)
    used = pose(task).x != 0
    batches = used[: max(1, len(used) // m) * m][: m * _SAMPLE]
    together = batches.reshape(-1, min(m, len(used)), used.shape[1]).any(axis=1)
    return float(used.mean()), float(together.mean())


@lru_cache
def _peak(
    threads: int, dtype: str, size: int, writing: bool, cpu_level: str | None
) -> dict[str, float]:
    """As a worker measures it, at the level that processes are held to now."""
    with TemporaryDirectory() as cache, Worker("fastnn", threads, Path(cache)) as worker:
        return worker.ask("peak", threads=threads, dtype=dtype, size=size, writing=writing)


def limits(
    case: Case, result: CaseResult, cpu_level: str | None = None
) -> dict[str, dict[str, Any]]:
    """For each number of threads: needs, measured peaks, and the share that fastnn reaches."""
    wanted = needs(case)
    if wanted is None or case.task is None:
        return {}
    found = {}
    for m in result.measured(OURS):
        writing = case.kind == "train"
        measured = _peak(m.threads, case.task.dtype, wanted.working_set, writing, cpu_level)
        operations_a_second, bytes_a_second = measured["operations"], measured["bytes"]
        arithmetic = wanted.operations / operations_a_second
        traffic = wanted.traffic / bytes_a_second
        seconds = m.median / case.scale
        found[str(m.threads)] = {
            "operations": wanted.operations,
            "dense_operations": wanted.dense_operations,
            "traffic_bytes": wanted.traffic,
            "working_set_bytes": wanted.working_set,
            "peak_operations_per_second": operations_a_second,
            "bandwidth_bytes_per_second": bytes_a_second,
            "arithmetic_seconds": arithmetic,
            "traffic_seconds": traffic,
            "bound": "arithmetic" if arithmetic >= traffic else "bandwidth",
            "share": max(arithmetic, traffic) / seconds,
        }
    return found
