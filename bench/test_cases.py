"""All other cases of the table, against every peer that is installed."""

import pytest
from measuring import CLOCK, bars, competitors, replay, require
from test_book import BOOK

from bench.suite.cases import CASES

OTHERS = [case for case in CASES.values() if case.usual and case not in BOOK]


@pytest.mark.benchmark(timer=CLOCK)
@pytest.mark.parametrize(("case", "name", "threads"), competitors(OTHERS))
def test_speed(benchmark, bench, case, name, threads):
    replay(benchmark, bench, case, name, threads)


@pytest.mark.parametrize(("case", "i"), bars(OTHERS))
def test_bar(bench, case, i):
    require(bench, case, i)
