"""What the test files share: competitors as tests, and their seconds for pytest-benchmark."""

import pytest

from bench.suite import report
from bench.suite.peers import PLAIN
from bench.suite.settings import Settings


class Clock:
    """Time as pytest-benchmark sees it: it passes as it did in the workers."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        self.now += seconds


CLOCK = Clock()


def competitors(cases):
    """A parameter for each case that is about time, competitor and number of threads."""
    usual = Settings.usual().threads
    return [
        pytest.param(case, name, threads, id=f"{case.name}-{name}-{threads}")
        for case in cases
        if case.kind != "memory"
        for name in (case.ours, *([PLAIN] if case.beside else []), *case.peers)
        for threads in (usual if case.peers else usual[-1:])
    ]


def replay(benchmark, bench, case, name, threads):
    """Give pytest-benchmark the seconds that this competitor took."""
    result = bench.measure(case)
    (m,) = (m for m in result.measurements if (m.competitor, m.threads) == (name, threads))
    if m.status in ("missing", "unsupported"):
        pytest.skip(f"{m.status}: {m.reason}")
    assert m.status == "measured", m.reason
    benchmark.group = f"{case.name}: {case.title}"
    benchmark.extra_info.update(variant=m.variant, threads=threads, cost=m.cost, first=m.first)
    seconds = iter(m.values)
    benchmark.pedantic(
        lambda: CLOCK.pass_by(next(seconds) / case.scale), rounds=len(m.values), iterations=1
    )


def bars(cases):
    """A parameter for each bar."""
    return [
        pytest.param(case, i, id=f"{case.name}-{bar.against or 'limit'}")
        for case in cases
        for i, bar in enumerate(case.bars)
    ]


def require(bench, case, i):
    """Fail unless a bar is met."""
    bar = bench.measure(case).bars[i]
    if bar.met is None:
        pytest.skip(report.verdict(bar))
    assert bar.met, report.verdict(bar)
