"""pytest-benchmark's face of bench.suite: `pytest bench`.

A case is measured as a whole the first time that one of its tests runs, everyone in turn and
each in a process of its own (see bench.suite.runner). The tests then hand the seconds to
pytest-benchmark, whose table, JSON and comparisons work as usual, and compare with the bars.

A run of all cases, with all peers, writes bench/results/MACHINE-DATE.json. One of some cases, or
with --quick, or without a peer, writes only to the file that --results names: nothing less than
the whole replaces the figures behind the README.
"""

import os
import sys
from pathlib import Path

import pytest

from bench.suite import machine, report
from bench.suite.cases import CASES
from bench.suite.results import Results, write
from bench.suite.runner import run_case
from bench.suite.settings import Settings

RESULTS = Path(__file__).parent / "results"


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="fewer rounds, rougher figures")
    parser.addoption("--results", type=Path, metavar="FILE", help="write all figures to FILE")


def pytest_xdist_auto_num_workers():
    """This process alone: nothing else runs while something is measured."""
    return 0


class Bench:
    """Measures each case once, and remembers."""

    def __init__(self, quick, say):
        self.settings, self.say, self.results = Settings.usual(quick=quick), say, {}

    def measure(self, case):
        if case not in self.results:
            self.results[case] = run_case(case, self.settings, self.say)
        return self.results[case]


@pytest.fixture(scope="session")
def bench(request):
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            if sys.stderr.isatty():
                print(f"\r{text:79}", end="\r", file=sys.stderr, flush=True)

    request.config.stash[_BENCH] = bench = Bench(request.config.getoption("--quick"), say)
    return bench


_BENCH = pytest.StashKey[Bench]()


def pytest_terminal_summary(terminalreporter, config):
    bench = config.stash.get(_BENCH, None)
    if bench is None or not bench.results:
        return
    terminalreporter.section("fastnn and its peers")
    settings = bench.settings.as_json()
    table = [result for case, result in bench.results.items() if case in CASES.values()]
    results = Results(machine.describe(), settings, table)
    for line in report.text_lines(results):
        terminalreporter.line(line)
    terminalreporter.line("")
    path, lacks = config.getoption("--results"), results.lacks()
    if path is None and lacks:
        terminalreporter.line(f"figures not kept: {lacks}; --results FILE writes them all the same")
        return
    path = path or RESULTS / f"{machine.slug(results.machine)}.json"
    write(path, results)
    terminalreporter.line(f"all figures: {os.path.relpath(path)}")
