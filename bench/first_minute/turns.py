"""Prebuilt kernels beside those that are compiled on the machine: the suite's cases, in turns."""

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.first_minute import programs
from bench.first_minute.fresh import Fresh, NotMeasuredError
from bench.suite.case import Case
from bench.suite.cases import CASES
from bench.suite.machine import usable_threads
from bench.suite.process import Worker, WorkerError

__all__ = ["BAR", "MODES", "Comparison", "check_modes", "comparable", "compare"]

BAR = 1.03  # a turn's seconds with prebuilt kernels, as a share of those with compiled ones
MODES = ("prebuilt", "compiled")
_VARIABLE = "FASTNN_KERNELS"
_SECONDS = 0.5  # a turn, at least
_SHORTEST = 1e-6  # of a call: some clocks stand still for longer


@dataclass
class Comparison:
    """A case, trained or predicted with prebuilt and with compiled kernels.

    seconds    mode -> of an epoch or of a call, one a round: with one thread the process's own,
               with several by the clock
    same       whether the first epochs ended with the same cost, to the bit
    reason     why it was not measured
    """

    case: str
    threads: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {mode: [] for mode in MODES})
    same: bool | None = None
    reason: str | None = None

    @property
    def ratios(self) -> list[float]:
        """Prebuilt beside compiled, one a round."""
        return [a / b for a, b in zip(*(self.seconds[mode] for mode in MODES), strict=False)]

    @property
    def ratio(self) -> float | None:
        """Their median."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        """Whether prebuilt kernels are as fast, or None."""
        return None if self.ratio is None or self.reason else self.ratio <= BAR

    def as_json(self) -> dict[str, Any]:
        """All of it, and what follows from it."""
        return {**asdict(self), "ratios": self.ratios, "ratio": self.ratio, "met": self.met}


def comparable() -> list[Case]:
    """The suite's cases that train or predict, but for those that a name alone asks for."""
    return [case for case in CASES.values() if case.kind in ("train", "predict") and case.usual]


def check_modes(fresh: Fresh) -> None:
    """NotMeasuredError unless each mode is what its name says: else both would be one."""
    for mode in MODES:
        home = fresh.new_home()
        words = [str(fresh.python), "-c", programs.MODE]
        numba = json.loads(fresh.run(words, home, **{_VARIABLE: mode}).out)
        if numba != (mode == "compiled"):
            does, expected = ("imports", "without") if numba else ("does not import", "with")
            raise NotMeasuredError(
                f"{_VARIABLE}={mode}: expected a fit {expected} Numba, this fastnn {does} it"
            )


def compare(
    fresh: Fresh, cases: Sequence[Case], rounds: int, progress: Callable[[str], object]
) -> Iterator[Comparison]:
    """Each case, with one thread and with all."""
    with tempfile.TemporaryDirectory() as cache:  # one for all, so that each compiles once
        for case in cases:
            for threads in sorted({1, usable_threads()}):
                progress(f"{case.name}, {threads} threads")
                found = Comparison(case.name, threads)
                try:
                    _take_turns(fresh, case, found, rounds, Path(cache))
                except WorkerError as why:
                    found.reason = str(why)
                yield found


def _take_turns(fresh: Fresh, case: Case, found: Comparison, rounds: int, cache: Path) -> None:
    assert case.task is not None
    with ExitStack() as stack:
        workers = {
            mode: stack.enter_context(
                Worker(
                    case.ours,
                    found.threads,
                    cache,
                    python=str(fresh.python),
                    variables={**fresh.environment(fresh.new_home()), _VARIABLE: mode},
                )
            )
            for mode in MODES
        }
        first = [
            worker.ask(
                "prepare",
                name=case.ours,
                task=case.task.as_json(),
                check_epochs=case.check_epochs,
                variant="first",
            )
            for worker in workers.values()
        ]
        found.same = first[0]["cost"] == first[1]["cost"]

        # Others' work is not in a process's own seconds; waiting for each other's threads is.
        clock = "cpu_seconds" if found.threads == 1 else "seconds"

        def turn(mode: str, times: int) -> float:
            if case.kind == "predict":
                answer = workers[mode].ask("predict", rows=case.rows, calls=times)
            else:
                answer = workers[mode].ask("train", epochs=times)
            return float(answer[clock])

        for mode in MODES:
            turn(mode, 1)  # what is prepared once
        longest = max(turn(mode, 1) for mode in MODES)
        times = max(1, round(_SECONDS / max(longest, _SHORTEST)))
        for mode in MODES:
            turn(mode, times)  # warms up
        for round_ in range(rounds):
            for mode in MODES if round_ % 2 else reversed(MODES):
                found.seconds[mode].append(turn(mode, times))
