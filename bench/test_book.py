"""The book's network: what one gains by changing an import, and what the first call costs.

One epoch of [784, 30, 10], cross-entropy, L2, mini-batches of 10, 50,000 rows, against the
per-sample loop that the book has and against batched NumPy; imports; compiling.
"""

from dataclasses import replace

import pytest
from measuring import CLOCK, bars, competitors, replay, require

from bench.suite.case import Bar
from bench.suite.cases import CASES

BOOK = (
    CASES["book-once"],
    replace(CASES["book-30"], name="book-30-numpy", peers=("numpy",), bars=(Bar("numpy", 3),)),
    CASES["import"],
    CASES["first-call"],
    CASES["second-call"],
)


@pytest.mark.benchmark(timer=CLOCK)
@pytest.mark.parametrize(("case", "name", "threads"), competitors(BOOK))
def test_speed(benchmark, bench, case, name, threads):
    replay(benchmark, bench, case, name, threads)


@pytest.mark.parametrize(("case", "i"), bars(BOOK))
def test_bar(bench, case, i):
    require(bench, case, i)
