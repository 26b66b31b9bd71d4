"""What is measured, in the order of the table, and the bar beside each."""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.first_minute import programs
from bench.first_minute.fresh import Done, Fresh, NotMeasuredError, copy_of

__all__ = ["FIGURES", "Figure", "Subject", "first_command", "measure"]

_ACCURACY = 0.98
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Figure:
    """A row of the table.

    values   one a repetition; their median counts
    bar      the largest that is good enough; None: there is none
    also     what must hold besides -> whether it does
    reason   why it was not measured
    """

    name: str
    unit: str
    bar: float | None
    values: list[float] = field(default_factory=list)
    also: dict[str, bool] = field(default_factory=dict)
    reason: str | None = None

    @property
    def value(self) -> float | None:
        """The median, None if there is nothing."""
        return median(self.values) if self.values else None

    @property
    def met(self) -> bool | None:
        """Whether the bar, and what else must hold, is met; None if there is no telling."""
        if self.value is None or self.reason or (self.bar is None and not self.also):
            return None
        return (self.bar is None or self.value <= self.bar) and all(self.also.values())

    def require(self, what: str, holds: bool) -> None:
        """Something that must hold in each repetition."""
        self.also[what] = self.also.get(what, True) and holds

    def as_json(self) -> dict[str, Any]:
        """All of it, and what follows from it."""
        return {**asdict(self), "median": self.value, "met": self.met}


@dataclass(frozen=True)
class Subject:
    """What is measured: a fresh environment with fastnn, its wheel, and where it was made from."""

    fresh: Fresh
    wheel: Path | None
    checkout: Path | None
    rounds: int

    def home_used(self) -> Path:
        """A HOME in which the command has been started before."""
        home = self.fresh.new_home()
        self.train_mnist(home)
        return home

    def train_mnist(self, home: Path) -> tuple[Done, dict[str, Any]]:
        """`fastnn train mnist`, and the figures that it leaves."""
        file = Path(tempfile.mkdtemp(dir=self.fresh.folder), "figures.json")
        command = [self.fresh.script("fastnn"), "train", "mnist", "--json", str(file)]
        done = self.fresh.run(command, home)
        return done, json.loads(file.read_text())


def first_command(readme: str) -> list[str]:
    """The parts of the README's first command, which a shell runs one after the other."""
    for block in _FENCE.findall(readme):
        for line in block.splitlines():
            if line.startswith("pip install"):
                return [part.strip() for part in line.split("&&")]
    raise NotMeasuredError("README.md: expected a block with a line pip install ...")


def _first_fit(of: Subject) -> Iterator[Figure]:
    fit = Figure("process start to the end of a first small fit, nothing cached", "s", 0.6)
    yield fit
    for _ in range(of.rounds):
        done = of.fresh.program(programs.FIRST_FIT)
        ended, found = json.loads(done.out)
        fit.values.append(ended - done.began)
        fit.require("Numba not imported", "numba" not in found)
        fit.require("llvmlite not imported", "llvmlite" not in found)


def _train_mnist(of: Subject) -> Iterator[Figure]:
    first = Figure("fastnn train mnist, first start, in all", "s", 2.5)
    later = Figure("the same, later starts", "s", 2.5)
    beside = [Figure(f"{f.name}, beyond training", "s", 1.5) for f in (first, later)]
    training = Figure("its training", "s", None)
    yield from (first, beside[0], later, beside[1], training)
    for _ in range(of.rounds):
        home = of.fresh.new_home()
        for figure, rest in zip((first, later), beside, strict=True):
            done, left = of.train_mnist(home)
            seconds, accuracy = left["timings"]["training"], left["test"]["accuracy"]
            figure.values.append(done.seconds)
            figure.require(f"accuracy of at least {_ACCURACY:.0%}", accuracy >= _ACCURACY)
            rest.values.append(done.seconds - seconds)
        training.values.append(seconds)


def _import(of: Subject) -> Iterator[Figure]:
    alone = Figure("import fastnn, beyond importing NumPy", "s", 0.06)
    network = Figure("from fastnn import Network, beyond importing NumPy", "s", 0.06)
    yield from (alone, network)
    for _ in range(of.rounds):
        for figure, seconds in zip(
            (alone, network), json.loads(of.fresh.program(programs.IMPORT).out)
        ):
            figure.values.append(seconds)


def _memory(of: Subject) -> Iterator[Figure]:
    memory = Figure("resident memory of a first fit, beyond NumPy and the data", "MB", 15.0)
    yield memory
    if not Path("/proc/self/status").exists():
        raise NotMeasuredError("the system has no /proc/self/status")
    for _ in range(of.rounds):
        memory.values.append(json.loads(of.fresh.program(programs.MEMORY).out) / 1e6)


def _readme(of: Subject) -> Iterator[Figure]:
    """Once: it takes a minute, and packages come from wherever pip finds them."""
    whole = Figure("README's first command in all, fresh environment", "s", 50.0)
    after = Figure("of that, after the install", "s", 3.0)
    yield from (whole, after)
    if of.checkout is None:
        raise NotMeasuredError("needs a checkout, see --checkout")
    parts = first_command((of.checkout / "README.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        fresh = Fresh(Path(folder), of.fresh.variables)
        copied, home = copy_of(of.checkout, fresh.folder), fresh.new_home()
        seconds = [fresh.run(part, home, installing=True, folder=copied).seconds for part in parts]
    whole.values.append(sum(seconds))
    after.values.append(sum(seconds[1:]))


def _wheel(of: Subject) -> Iterator[Figure]:
    size = Figure("wheel", "MB", 15.0)
    yield size
    if of.wheel is None:
        raise NotMeasuredError("no wheel was given, and none could be built")
    size.values.append(of.wheel.stat().st_size / 1e6)


def _calls(of: Subject) -> Iterator[Figure]:
    predictor = Figure("call of a predictor, one row", "us", 2.5)
    train = Figure("call of the compiled core without rows", "us", 21.0)
    yield from (predictor, train)
    home = of.fresh.new_home()
    for _ in range(of.rounds):
        found = json.loads(of.fresh.program(programs.CALLS, home).out)
        for figure, seconds in zip((predictor, train), found, strict=True):
            figure.values.append(seconds * 1e6)


def _loading(of: Subject) -> Iterator[Figure]:
    loading = Figure("loading MNIST", "s", 0.15)
    yield loading
    for _ in range(of.rounds):
        loading.values.append(json.loads(of.fresh.program(programs.LOADING).out))


def _help(of: Subject) -> Iterator[Figure]:
    shown = Figure("fastnn --help, in all", "s", 0.1)
    yield shown
    for _ in range(of.rounds):
        home = of.fresh.new_home()
        shown.values.append(of.fresh.run([of.fresh.script("fastnn"), "--help"], home).seconds)
    found = json.loads(of.fresh.program(programs.HELP).out.splitlines()[-1])
    for name in ("numba", "llvmlite", "tqdm"):
        shown.require(f"{name} not imported", name not in found)


# Name on the command line -> a generator that first yields its figures, then fills them in.
FIGURES: dict[str, Callable[[Subject], Iterator[Figure]]] = {
    "first-fit": _first_fit,
    "train-mnist": _train_mnist,
    "import": _import,
    "memory": _memory,
    "readme": _readme,
    "wheel": _wheel,
    "calls": _calls,
    "loading": _loading,
    "help": _help,
}


def measure(name: str, subject: Subject) -> list[Figure]:
    """The figures of this name; those that can't be measured say why."""
    figures: list[Figure] = []
    try:
        for figure in FIGURES[name](subject):
            figures.append(figure)  # one by one: those before a failure count
    except (NotMeasuredError, ValueError, LookupError) as why:
        for figure in figures:
            figure.reason = str(why) or type(why).__name__
    return figures
