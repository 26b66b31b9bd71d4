"""Runs a case: results first, then the clock, everyone in turn.

1. Every competitor gets a process for each number of threads, the same first weights and the
   same order of rows, and trains the first epoch or epochs.
2. Their weights are judged by the same code: costs on the training rows must agree within
   the case's tolerance. Whoever differs is reported as wrong, and not timed.
3. In rounds, each does it again and is timed; a different one begins each round. So a
   disturbance from outside meets everyone. Medians count.
"""

import math
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.suite import features, roofline, starts
from bench.suite.case import Bar, Case
from bench.suite.machine import Others, usable_threads
from bench.suite.peers import FASTNN, OURS, PLAIN, TITLES
from bench.suite.process import Worker, WorkerError, meetings
from bench.suite.results import BarResult, CaseResult, Measurement
from bench.suite.settings import Progress, Settings

__all__ = ["run_case"]

# How long a turn lasts, at least, in seconds. fastnn's turn is one call of `fit` for as many
# epochs as one calls it for in real use, if they fit: what a call costs beyond its epochs then
# weighs what it weighs in real use. Peers have no such costs: their state is kept between
# turns, and each of scikit-learn's epochs is a call.
_OUR_TURN, _PEER_TURN = 3.0, 0.5
_CALLS_TURN = 0.2

# Outputs may differ from the reference's by this much.
_OUTPUT_TOLERANCE = 1e-4

_STAGES = {**starts.STAGES, **features.STAGES}
_SHORT_STAGES = ("import", "second call")
_LONG_STAGE_ROUNDS = 3  # what takes long varies little


def run_case(case: Case, settings: Settings, progress: Progress = lambda text: None) -> CaseResult:
    """Measure a case; `progress` is told what is going on."""
    with Others() as others:
        measurements = _KINDS[case.kind](case, settings, progress)
    result = CaseResult(case.name, case.title, case.unit, measurements, others=others.cores)
    result.bars = [_judge(bar, case, result) for bar in case.bars]
    progress(f"{case.name}: measuring the machine's limits")
    result.limits = roofline.limits(case, result, settings.cpu_level)
    return result


@dataclass
class _Contestant:
    """A competitor's worker and its figures; `check` is its answer to "prepare"."""

    worker: Worker
    measurement: Measurement
    check: dict[str, Any]

    @property
    def is_fastnn(self) -> bool:
        return self.measurement.competitor in FASTNN


# ---------------------------------------------------------------- kinds of cases


def _train(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    with _contestants(case, settings, progress) as contestants:
        _compare_costs(case, contestants)
        epochs: dict[int, int] = {}  # of a turn, by contestant

        def turn(contestant: _Contestant, _: int) -> float:
            if id(contestant) not in epochs:  # warm up
                seconds = contestant.worker.ask("train", epochs=1)["seconds"]
                epochs[id(contestant)] = _turn_epochs(case, contestant, seconds)
            number = epochs[id(contestant)]
            seconds = contestant.worker.ask("train", epochs=number)["seconds"]
            contestant.measurement.values.append(seconds * case.scale)
            return float(seconds * number)

        _take_turns(case, settings, progress, contestants, settings.rounds, turn)
    for contestant in contestants:
        m = contestant.measurement
        if m.values:
            m.first = contestant.check["first"] - case.check_epochs * m.median / case.scale
    return [contestant.measurement for contestant in contestants]


def _turn_epochs(case: Case, contestant: _Contestant, seconds: float) -> int:
    wanted = (_OUR_TURN if contestant.is_fastnn else _PEER_TURN) / seconds
    return min(case.call_epochs, max(1, math.ceil(wanted)))


def _predict(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    with _contestants(case, settings, progress, check_epochs=0, variant="first") as contestants:
        for contestant in contestants:
            if contestant.measurement.status == "measured":
                first = contestant.worker.ask("predict", rows=case.rows, calls=1)
                contestant.check |= first
                _compare_outputs(contestant.measurement, first["difference"])

        def turn(contestant: _Contestant, round_: int) -> float:
            calls = max(1, math.ceil(_CALLS_TURN / contestant.check["seconds"]))
            answer = contestant.worker.ask("predict", rows=case.rows, calls=calls)
            contestant.measurement.values.append(answer["seconds"] * case.scale)
            return float(answer["seconds"]) * calls

        _take_turns(case, settings, progress, contestants, settings.rounds, turn)
    return [contestant.measurement for contestant in contestants]


def _reach(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    assert case.task is not None
    epochs = case.task.one_cycle or case.call_epochs
    with _contestants(case, settings, progress) as contestants:
        _compare_costs(case, contestants)

        def turn(contestant: _Contestant, round_: int) -> float:
            answer = contestant.worker.ask("whole", epochs=epochs, seed=round_)
            contestant.measurement.values.append(answer["seconds"] * case.scale)
            contestant.measurement.accuracies.append(answer["accuracy"])
            return 0.0  # the median needs all seeds, whatever they take

        seeds = min(case.seeds, settings.rounds) if settings.quick else case.seeds
        _take_turns(case, settings, progress, contestants, seeds, turn)
    for contestant in contestants:
        m = contestant.measurement
        if m.values and (reached := statistics.median(m.accuracies)) < case.accuracy:
            m.status, m.values = "failed", []
            m.reason = f"an accuracy of {reached:.2%}, median of {len(m.accuracies)} seeds"
    return [contestant.measurement for contestant in contestants]


def _memory(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    """On one thread, in new processes each time: they only grow.

    The first round fills the caches of compiled code and is not counted: one trains often.
    """
    one = replace(settings, threads=settings.threads[:1])
    measurements: dict[str, Measurement] = {}
    with TemporaryDirectory() as cache:
        for round_ in range(1 + min(3, settings.rounds)):
            with _contestants(case, one, progress, Path(cache), variant="first") as contestants:
                _compare_costs(case, contestants)
                for contestant in contestants:
                    m = contestant.measurement
                    if m.status == "measured" and not contestant.check["peak_memory"]:
                        m.status, m.reason = "unsupported", "this system does not tell it"
                    m = measurements.setdefault(m.competitor, m)
                    if m.status == "measured" and round_ > 0:
                        m.values.append(contestant.check["peak_memory"] * case.scale)
    return list(measurements.values())


def _estimate(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    """What estimators do, by fastnn's and by scikit-learn's; figures of both must agree."""
    names = [n for n in case.peers if settings.peers is None or n in settings.peers]
    contestants = []
    with TemporaryDirectory() as cache, ExitStack() as stack:
        for threads in settings.threads:
            for name in (case.ours, *names):
                progress(f"{case.name}: checking {TITLES[name]}, {threads} threads")
                worker = stack.enter_context(Worker(name, threads, Path(cache)))
                contestant = _Contestant(worker, Measurement(name, TITLES[name], threads), {})
                contestants.append(contestant)
                try:
                    contestant.check = worker.ask("estimate", name=name, job=case.stage)
                except WorkerError as error:
                    contestant.measurement.status = error.status
                    contestant.measurement.reason = str(error)
        _compare_figures(case, contestants)

        def turn(contestant: _Contestant, _: int) -> float:
            calls = max(1, math.ceil(_CALLS_TURN / contestant.check["seconds"]))
            seconds = contestant.worker.ask("estimates", calls=calls)["seconds"]
            contestant.measurement.values.append(seconds * case.scale)
            return float(seconds * calls)

        _take_turns(case, settings, progress, contestants, settings.rounds, turn)
    return [contestant.measurement for contestant in contestants]


def _compare_figures(case: Case, contestants: list[_Contestant]) -> None:
    """Mark as wrong whoever's figures are not those of scikit-learn's own."""
    theirs = [c.check["figures"] for c in contestants if c.check and not c.is_fastnn]
    for contestant in contestants:
        if contestant.check and theirs:
            figures = np.array(contestant.check["figures"])
            if not np.allclose(figures, theirs[0], rtol=case.cost_tolerance, atol=1e-12):
                contestant.measurement.status = "wrong"
                contestant.measurement.reason = (
                    f"figures {figures[:3]}, others have {theirs[0][:3]}"
                )


def _alone(case: Case, settings: Settings, progress: Progress) -> list[Measurement]:
    rounds = settings.rounds
    if case.stage not in _SHORT_STAGES:
        rounds = min(rounds, _LONG_STAGE_ROUNDS)
    progress(f"{case.name}: {rounds} rounds")
    m = Measurement(case.ours, TITLES[case.ours], usable_threads())
    try:
        m.values = _STAGES[case.stage](rounds)
    except (RuntimeError, ValueError) as error:
        m.status, m.reason = "failed", str(error)
    return [m]


_KINDS = {
    "train": _train,
    "predict": _predict,
    "reach": _reach,
    "memory": _memory,
    "estimate": _estimate,
    "alone": _alone,
}


# ---------------------------------------------------------------- what they share


@contextmanager
def _contestants(
    case: Case, settings: Settings, progress: Progress, cache: Path | None = None, **how: Any
) -> Iterator[list[_Contestant]]:
    """A prepared worker for each competitor and number of threads; `how` as for "prepare".

    cache  where fastnn's kernels may be compiled already; by default an empty folder
    """
    assert case.task is not None
    names = [n for n in case.peers if settings.peers is None or n in settings.peers]
    names = [case.ours, *([PLAIN] if case.beside else []), *names]
    contestants = []
    with TemporaryDirectory() as empty, ExitStack() as stack:
        for threads in settings.threads:
            for name in names:
                progress(f"{case.name}: checking {TITLES[name]}, {threads} threads")
                worker = stack.enter_context(Worker(name, threads, cache or Path(empty)))
                m = Measurement(name, TITLES[name], threads)
                contestant = _Contestant(worker, m, {})
                contestants.append(contestant)
                request = {"check_epochs": case.check_epochs, "variant": "fastest", **how}
                try:
                    task = case.beside if name == PLAIN and case.beside else case.task
                    answer = worker.ask("prepare", name=name, task=task.as_json(), **request)
                except WorkerError as error:
                    m.status, m.reason = error.status, str(error)
                    worker.close()
                    continue
                contestant.check = answer
                m.about, m.variant, m.trials = answer["about"], answer["variant"], answer["trials"]
                m.cost, m.accuracy = answer["cost"], answer["accuracy"]
        yield contestants


def _compare_costs(case: Case, contestants: list[_Contestant]) -> None:
    """Mark as wrong whoever's cost is not that of the most."""
    contestants = [c for c in contestants if c.measurement.competitor != PLAIN]
    costs = [c.measurement.cost for c in contestants if c.measurement.cost is not None]

    def agree(a: float, b: float) -> bool:
        return abs(a - b) <= case.cost_tolerance * abs(b)  # False for NaN

    usual = max(costs, key=lambda cost: sum(agree(c, cost) for c in costs), default=math.nan)
    for contestant in contestants:
        m = contestant.measurement
        if m.cost is not None and not agree(m.cost, usual):
            m.status = "wrong"
            m.reason = f"a cost of {m.cost:.6g} after the same epochs, others have {usual:.6g}"


def _compare_outputs(m: Measurement, difference: float) -> None:
    if not difference <= _OUTPUT_TOLERANCE:
        m.status, m.reason = "wrong", f"outputs differ by {difference:.3g} from the reference's"


def _take_turns(
    case: Case,
    settings: Settings,
    progress: Progress,
    contestants: list[_Contestant],
    rounds: int,
    turn: Callable[[_Contestant, int], float],
) -> None:
    """Rounds of turns; turn(contestant, round) measures one and returns its seconds.

    Each round begins with a meeting of threads, of each number of them.
    """
    spent = [0.0] * len(contestants)
    with meetings({c.measurement.threads for c in contestants}) as meet:
        for round_ in range(rounds):
            progress(f"{case.name}: round {round_ + 1} of {rounds}")
            met = meet()
            for k in range(len(contestants)):
                i = (round_ + k) % len(contestants)
                contestant = contestants[i]
                m = contestant.measurement
                if m.status != "measured" or (spent[i] > settings.patience and len(m.values) >= 3):
                    continue
                try:
                    spent[i] += turn(contestant, round_)
                    m.meetings += met.get(m.threads, [])
                except WorkerError as error:
                    m.status, m.reason, m.values = error.status, str(error), []


def _judge(bar: Bar, case: Case, result: CaseResult) -> BarResult:
    threads = 1 if bar.one_thread else None
    ours = result.measured(OURS, threads)
    most = max((m.threads for m in ours), default=0)
    mine = min((m.median for m in ours if m.threads == most), default=None)
    if bar.against is None:
        text = f"at most {bar.limit:g} {result.unit}"
        return BarResult(text, bar.limit, mine, None if mine is None else mine <= bar.limit)
    if bar.against == PLAIN:
        peers = result.measured([PLAIN], most)
    elif bar.against == "best":
        peers = [m for m in result.measured(threads=threads) if m.competitor not in FASTNN]
    else:
        peers = result.measured([bar.against], threads)
    name = "the best peer" if bar.against == "best" else TITLES[bar.against]
    text = f"{bar.factor:g} x {name}{' on one thread' if bar.one_thread else ''}"
    if mine is None or not peers:
        return BarResult(text, bar.factor, None, None)
    reached = min(m.median for m in peers) / mine
    met: bool | None = reached >= bar.factor
    if met and bar.against == "best":
        absent = set(case.peers) - {m.competitor for m in peers} - _unsupported(result)
        met = None if absent else True  # whoever is absent may be the best
    return BarResult(text, bar.factor, reached, met)


def _unsupported(result: CaseResult) -> set[str]:
    return {m.competitor for m in result.measurements if m.status == "unsupported"}
