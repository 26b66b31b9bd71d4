"""A map: fastnn beside the best peer over hidden sizes, mini-batches and densities of the input.

A cell is one epoch of 784-hidden-10 on made-up rows of which so many inputs are not zero, for
plain descent (sigmoid, cross-entropy, L2) and for Adam (ReLU, softmax). Peers that are nowhere
near, the per-sample loop and scikit-learn, are left out. As in the cases, costs are compared
before anything is timed, and turns alternate.
"""

import statistics
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastnn.benchmarks.peers import OURS, TITLES
from fastnn.benchmarks.process import Worker, WorkerError
from fastnn.benchmarks.settings import Progress, Settings
from fastnn.benchmarks.task import Task

__all__ = ["BATCHES", "DENSITIES", "HIDDEN", "Cell", "describe", "run_grid"]

HIDDEN = (16, 64, 256, 1024)
BATCHES = (1, 10, 32, 128, 512)
DENSITIES = (0.02, 0.2, 1.0)

_COMPETITORS = ("fastnn", "numpy", "torch", "jax")
_ROUNDS = 3
_TURN_SECONDS = 0.1
_COST_TOLERANCE = 0.03
_WORK = 3e9  # about so many operations an epoch


@dataclass
class Cell:
    """seconds an epoch of each competitor that is installed and right, by name."""

    optimizer: str
    threads: int
    density: float
    hidden: int
    batch_size: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The best peer's seconds divided by fastnn's."""
        ours = [name for name in self.seconds if name in OURS]
        if not ours or not self.best_peer:
            return None
        return self.seconds[self.best_peer] / self.seconds[ours[0]]

    @property
    def best_peer(self) -> str:
        """The name of the fastest one."""
        peers = [name for name in self.seconds if name not in OURS]
        return min(peers, key=self.seconds.__getitem__, default="")

    def as_json(self) -> dict[str, Any]:
        """With the ratio."""
        return {**asdict(self), "ratio": self.ratio}


def run_grid(settings: Settings, progress: Progress) -> list[Cell]:
    """Measure all cells at each number of threads."""
    wanted = settings.peers
    names = [n for n in _COMPETITORS if n in OURS or wanted is None or n in wanted]
    cells = []
    for threads in settings.threads:
        with TemporaryDirectory() as cache, ExitStack() as stack:
            workers = {
                name: stack.enter_context(Worker(name, threads, Path(cache))) for name in names
            }
            for optimizer, hidden, batch_size, density in product(
                ("sgd", "adam"), HIDDEN, BATCHES, DENSITIES
            ):
                if density == DENSITIES[0]:  # one choice of variants for all densities
                    variants: dict[str, str] = {}
                cell = Cell(optimizer, threads, density, hidden, batch_size)
                progress(
                    f"map, {threads} threads: {optimizer}, {density:.0%} not zero, "
                    f"{hidden} hidden, batch {batch_size}"
                )
                _measure(cell, _task(cell), workers, variants)
                cells.append(cell)
    return cells


def _task(cell: Cell) -> Task:
    work_a_row = 6 * 800 * cell.hidden
    updates = 2000 if cell.batch_size == 1 else 500  # no more than it takes to see a difference
    rows = min(round(_WORK / work_a_row), updates * cell.batch_size, 20_000)
    rows = max(rows, 2 * cell.batch_size)
    layers = (784, cell.hidden, 10)
    data = f"made up density {cell.density}"
    if cell.optimizer == "sgd":
        return Task(
            data, rows, layers, "sigmoid", "cross-entropy", cell.batch_size, 0.1, l2=1.0
        )  # fmt: skip
    return Task(data, rows, layers, "relu", "log-likelihood", cell.batch_size, 0.001, "adam")


def _measure(cell: Cell, task: Task, workers: dict[str, Worker], variants: dict[str, str]) -> None:
    """Fill in the cell; `variants` of competitors that have one already are kept to."""
    costs, epochs = {}, {}
    for name, worker in workers.items():
        try:
            answer = worker.ask(
                "prepare", name=name, task=task.as_json(), check_epochs=1,
                variant=variants.get(name, "fastest"),
            )  # fmt: skip
            variants[name] = answer["variant"]
            costs[name] = answer["cost"]
            an_epoch = worker.ask("train", epochs=1)["seconds"]
            epochs[name] = max(1, min(30, round(_TURN_SECONDS / an_epoch)))
        except WorkerError:
            continue  # the cases say why
    usual = statistics.median(costs.values()) if costs else 0.0
    right = [n for n in epochs if abs(costs[n] - usual) <= _COST_TOLERANCE * abs(usual)]
    values: dict[str, list[float]] = {name: [] for name in right}
    for round_ in range(_ROUNDS):
        for k in range(len(right)):
            name = right[(round_ + k) % len(right)]
            answer = workers[name].ask("train", epochs=epochs[name])
            values[name].append(answer["seconds"])
    cell.seconds = {name: statistics.median(seconds) for name, seconds in values.items()}


def describe(cell: Cell) -> str:
    """A cell in words, for a list of those that are lost."""
    threads = f"{cell.threads} thread" + ("s" if cell.threads > 1 else "")
    return (
        f"{cell.optimizer}, {threads}, {cell.density:.0%} not zero, {cell.hidden} hidden, "
        f"batch {cell.batch_size}: {TITLES[cell.best_peer]} is {1 / (cell.ratio or 1):.2f} x faster"
    )
