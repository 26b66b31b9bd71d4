"""A map: fastnn beside the best peer over hidden sizes, mini-batches and densities of the input.

A cell is one epoch of 784-hidden-10 on made-up rows of which so many inputs are not zero, once
for plain descent (sigmoid, cross-entropy, L2) and once for Adam (ReLU, softmax). Peers are those
that come near in the cases: JAX and batched NumPy everywhere, PyTorch where an update is work
enough that its calls don't count. As in the cases, costs are compared before anything is timed,
turns alternate, and everyone has the same number of threads.

All of it shall take ten minutes, so a cell has only as many rows as it takes to see a difference:
they fit into the cache better than real data would, for everyone. fastnn's turn is a call of
`fit`, whose preparations are spread over the turn's epochs, 30 at most.
"""

import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import groupby, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.suite.peers import OURS
from bench.suite.process import Worker, WorkerError, meetings
from bench.suite.settings import Progress, Settings
from bench.suite.task import Task

__all__ = ["BATCHES", "DENSITIES", "HIDDEN", "OPTIMIZERS", "ROUNDS", "Cell", "Map", "run_grid"]

OPTIMIZERS = ("sgd", "adam")
HIDDEN = (16, 64, 256, 1024)
BATCHES = (1, 10, 32, 128, 1024)
DENSITIES = (0.05, 0.2, 0.5, 1.0)

_COMPETITORS = ("fastnn", "numpy", "torch", "jax")
ROUNDS = 3
_TURN_SECONDS = 0.1
_MOST_EPOCHS = 30  # of a turn
_COST_TOLERANCE = 0.03

# An epoch of a peer that does 30 billion operations and 10 GB of traffic a second, and takes 30
# microseconds besides for an update, shall take about this many seconds.
_EPOCH_SECONDS = 0.08
_FEWEST_ROWS, _MOST_ROWS = 200, 8192


@dataclass
class Cell:
    """An epoch's seconds of each competitor, by name.

    spreads  the distance between its fastest and its slowest turn, as a share of the median
    lacks    why others have none, by name
    meetings of several threads: nanoseconds that a meeting of as many took, one a round
    """

    optimizer: str
    threads: int
    hidden: int
    batch_size: int
    density: float
    rows: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    spreads: dict[str, float] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    meetings: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """The best peer's seconds divided by fastnn's; None unless both were measured."""
        ours = [name for name in self.seconds if name in OURS]
        if not ours or not self.best_peer:
            return None
        return self.seconds[self.best_peer] / self.seconds[ours[0]]

    @property
    def best_peer(self) -> str:
        """The name of the fastest one."""
        peers = [name for name in self.seconds if name not in OURS]
        return min(peers, key=self.seconds.__getitem__, default="")

    @property
    def place(self) -> tuple[str, int, int, int, float]:
        """Where it is on the map."""
        return self.optimizer, self.threads, self.hidden, self.batch_size, self.density


@dataclass
class Map:
    """All cells, and what they were measured on; see machine.describe and Settings."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    versions: dict[str, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """All figures, with the ratios for readers without this class."""
        cells = [{**asdict(cell), "ratio": cell.ratio} for cell in self.cells]
        return {**asdict(self), "cells": cells}

    @staticmethod
    def read(path: Path) -> "Map":
        """From a results file."""
        figures = json.loads(path.read_text())
        for cell in figures["cells"]:
            del cell["ratio"]
        return Map(**{**figures, "cells": [Cell(**cell) for cell in figures["cells"]]})


def run_grid(
    run: Map, settings: Settings, progress: Progress, keep: Callable[[], object] = lambda: None
) -> None:
    """Measure the cells that `run` lacks, at each number of threads.

    keep  called whenever there are new ones
    """
    names = [
        name
        for name in _COMPETITORS
        if name in OURS or settings.peers is None or name in settings.peers
    ]
    done = {cell.place for cell in run.cells}
    for threads in settings.threads:
        groups = [[c for c in group if c.place not in done] for group in _groups(threads)]
        if not any(groups):
            continue
        with TemporaryDirectory() as cache, ExitStack() as stack:
            workers = {
                name: stack.enter_context(Worker(name, threads, Path(cache))) for name in names
            }
            meet = stack.enter_context(meetings([threads]))
            for number, group in enumerate(groups, 1):
                variants: dict[str, str] = {}  # the fastest ones, the same for all densities
                for cell in group:
                    progress(
                        f"map, {threads} threads, {number} of {len(groups)}: {cell.optimizer}, "
                        f"{cell.hidden} hidden, batch {cell.batch_size}, {cell.density:.0%}"
                    )
                    run.versions |= _measure(cell, workers, variants, settings.rounds, meet)
                    run.cells.append(cell)
                keep()


def _groups(threads: int) -> Iterator[list[Cell]]:
    """All cells of the map; those that differ in density only are a group."""
    places = product(OPTIMIZERS, [threads], HIDDEN, BATCHES, DENSITIES)
    for _, group in groupby(places, key=lambda place: place[:-1]):
        yield [Cell(*place) for place in group]


def _task(cell: Cell) -> Task:
    layers = (784, cell.hidden, 10)
    parameters = 794 * cell.hidden
    traffic = (48 if cell.optimizer == "adam" else 16) * parameters
    update = 6 * parameters * cell.batch_size / 3e10 + traffic / 1e10 + 3e-5
    # whole mini-batches: a last one that is shorter would be one more thing to compile
    fewest, most = (-(-rows // cell.batch_size) for rows in (_FEWEST_ROWS, _MOST_ROWS))
    updates = min(max(round(_EPOCH_SECONDS / update), fewest, 2), most)
    rows = updates * cell.batch_size
    data = f"made up density {cell.density}"
    if cell.optimizer == "sgd":
        return Task(
            data, rows, layers, "sigmoid", "cross-entropy", cell.batch_size, 0.1, l2=rows / 10_000
        )
    return Task(data, rows, layers, "relu", "log-likelihood", cell.batch_size, 0.001, "adam")


def _could_win(name: str, cell: Cell) -> bool:
    """PyTorch's calls take some 100 microseconds an update, whatever there is to do."""
    return name != "torch" or cell.hidden * max(32, cell.batch_size) >= 1 << 15


def _measure(
    cell: Cell,
    workers: dict[str, Worker],
    variants: dict[str, str],
    rounds: int,
    meet: Callable[[], dict[int, list[float]]],
) -> dict[str, str]:
    """Fill in the cell; returns versions of libraries.

    variants  of competitors that have one already, which are kept to; completed for the others
    meet      see process.meetings
    """
    task = _task(cell)
    cell.rows = task.rows
    costs: dict[str, float] = {}
    epochs: dict[str, int] = {}
    versions: dict[str, str] = {}
    for name, worker in workers.items():
        if not _could_win(name, cell):
            cell.lacks[name] = "not measured"
            continue
        try:
            answer = worker.ask(
                "prepare",
                name=name,
                task=task.as_json(),
                check_epochs=1,
                variant=variants.get(name, "fastest"),
                trial_repeats=2,
            )
            an_epoch = worker.ask("train", epochs=1)["seconds"]
        except WorkerError as error:
            cell.lacks[name] = str(error)
            continue
        variants[name], costs[name] = answer["variant"], answer["cost"]
        versions |= answer["about"]["versions"]
        epochs[name] = max(1, min(_MOST_EPOCHS, round(_TURN_SECONDS / an_epoch)))
    usual = statistics.median(costs.values()) if costs else 0.0
    for name in list(epochs):
        if not abs(costs[name] - usual) <= _COST_TOLERANCE * abs(usual):  # True for NaN
            cell.lacks[name] = f"a cost of {costs[name]:.6g}, others have {usual:.6g}"
            del epochs[name]
    values: dict[str, list[float]] = {name: [] for name in epochs}
    names = list(epochs)
    for round_ in range(rounds):
        cell.meetings += meet().get(cell.threads, [])
        for k in range(len(names)):
            name = names[(round_ + k) % len(names)]
            answer = workers[name].ask("train", epochs=epochs[name])
            values[name].append(answer["seconds"])
    cell.seconds = {name: statistics.median(seconds) for name, seconds in values.items()}
    cell.spreads = {
        name: (max(seconds) - min(seconds)) / cell.seconds[name] for name, seconds in values.items()
    }
    return versions
