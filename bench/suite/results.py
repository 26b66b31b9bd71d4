"""Figures of a run, as they are kept in a results file."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bench.suite.cases import CASES
from fastnn.cli.outputs import write_json

__all__ = ["BarResult", "CaseResult", "Measurement", "Results", "write"]


@dataclass
class Measurement:
    """One competitor at one number of threads.

    threads    cores that its process might use
    status     "measured", or else why not: "missing" (not installed), "unsupported" (has no
               way to do it), "failed", "wrong" (its result is not the others')
    reason     what exactly, if not measured
    variant    the fastest way to use the library, which is the one measured
    trials     seconds a mini-batch of the variants that came near the fastest when tried
    values     one a round, in the case's unit: smaller is better
    accuracies of the test rows after a whole training, one a round
    first      seconds that the first epochs took beyond what later ones take: compiling
    meetings   of several threads: nanoseconds that a meeting of as many took, one a round
    """

    competitor: str
    title: str
    threads: int
    status: str = "measured"
    reason: str = ""
    variant: str = ""
    trials: dict[str, float] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    first: float | None = None
    cost: float | None = None
    accuracy: float | None = None
    about: dict[str, Any] = field(default_factory=dict)
    meetings: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """The distance between the quartiles, as a share of the median."""
        if len(self.values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return (high - low) / self.median

    def as_json(self) -> dict[str, Any]:
        """With the statistics, for readers without this class."""
        figures = asdict(self)
        if self.values:
            figures |= {"median": self.median, "minimum": min(self.values), "spread": self.spread}
        return figures


@dataclass
class BarResult:
    """A bar and what was reached.

    reached  None where what it compares with was not measured
    met      None where that can't be said: a peer is missing that might be the best
    """

    text: str
    wanted: float
    reached: float | None
    met: bool | None


@dataclass
class CaseResult:
    """A case's measurements and bars.

    limits  see roofline.limits
    others  cores' worth of time that other processes took meanwhile; None where unknown
    """

    case: str
    title: str
    unit: str
    measurements: list[Measurement]
    bars: list[BarResult] = field(default_factory=list)
    limits: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: float | None = None

    def measured(
        self, names: Sequence[str] | None = None, threads: int | None = None
    ) -> list[Measurement]:
        """Those with figures, of these competitors and this number of threads."""
        return [
            m
            for m in self.measurements
            if m.status == "measured"
            and (names is None or m.competitor in names)
            and (threads is None or m.threads == threads)
        ]


@dataclass
class Results:
    """A run: the machine, how it was measured, the cases."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    cases: list[CaseResult]

    def add(self, case: CaseResult) -> None:
        """Add a case; they are in the order of CASES, whenever they were measured."""
        order = list(CASES)
        self.cases.append(case)
        self.cases.sort(key=lambda result: order.index(result.case))

    def versions(self) -> dict[str, str]:
        """Of every library that took part."""
        found: dict[str, str] = {}
        for case in self.cases:
            for m in case.measurements:
                found |= m.about.get("versions", {})
        return found

    def lacks(self) -> str:
        """What keeps it from being the whole suite, in words; "" if nothing does."""
        if self.settings["quick"]:
            return "a quick run"
        if self.settings["peers"] is not None:
            return "beside some peers only"
        if self.settings["threads"] != sorted({1, self.machine["cores"]}):
            return "not with one thread and all cores"
        measured = {case.case for case in self.cases}
        absent = [name for name, case in CASES.items() if case.usual and name not in measured]
        if absent:
            return f"not all cases, {absent[0]} for one"
        peers = (m for case in self.cases for m in case.measurements if m.status == "missing")
        missing = next(peers, None)
        return f"{missing.title} is not installed" if missing else ""

    def as_json(self) -> dict[str, Any]:
        """All figures."""
        cases = []
        for case in self.cases:
            figures = asdict(case)
            figures["measurements"] = [m.as_json() for m in case.measurements]
            cases.append(figures)
        return {
            "machine": self.machine,
            "versions": self.versions(),
            "settings": self.settings,
            "cases": cases,
        }

    @staticmethod
    def read(path: Path) -> "Results":
        """From a results file."""
        figures = json.loads(path.read_text())
        return Results(
            figures["machine"], figures["settings"], [_case(case) for case in figures["cases"]]
        )


class Run(Protocol):
    """What can be written: cases or a map."""

    def as_json(self) -> dict[str, Any]:
        """All figures."""


def write(path: Path, run: Run) -> None:
    """Write a results file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(str(path), run.as_json())


def _case(figures: dict[str, Any]) -> CaseResult:
    measurements = [Measurement(**_known(Measurement, m)) for m in figures["measurements"]]
    bars = [BarResult(**bar) for bar in figures["bars"]]
    return CaseResult(**{**figures, "measurements": measurements, "bars": bars})


def _known(kind: Any, figures: dict[str, Any]) -> dict[str, Any]:
    """Without what is computed from the rest; older files lack a field or another."""
    return {name: figures[name] for name in kind.__dataclass_fields__ if name in figures}
