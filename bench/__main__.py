"""`python -m bench`: fastnn beside NumPy, scikit-learn, PyTorch and JAX, on this machine."""

import argparse
import difflib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from bench.suite import atlas, cpu_level, grid, machine, report, results, runner
from bench.suite.case import Case
from bench.suite.cases import CASES
from bench.suite.grid import Map
from bench.suite.peers import COMPETITORS, FASTNN
from bench.suite.results import Results as Run
from bench.suite.settings import Settings
from fastnn import cli
from fastnn.cli.arguments import Parser, whole
from fastnn.cli.display import Results, columns
from fastnn.cli.errors import CommandError, UsageError
from fastnn.cli.outputs import STDOUT, check_writable, write_json

__all__ = ["main"]

RESULTS = Path(__file__).parent / "results"
_WIDTH = 79
_Run = TypeVar("_Run", Run, Map)

_DESCRIPTION = """\
Measure fastnn beside a per-sample NumPy loop, batched NumPy, scikit-learn, PyTorch and JAX, those
of them that are installed. Everyone's results are checked before anyone is timed; rounds are
interleaved; medians count. All cases take about an hour.

A run of all cases beside all peers is written to bench/results/MACHINE-DATE.json, unless --json
names another file. One of some cases, or with --quick, or without a peer, is only written where
--json says: nothing less than the whole replaces the figures behind the tables.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default the process's own; returns the exit code."""
    return cli.run(_parser, sys.argv[1:] if argv is None else argv)


def _parser() -> Parser:
    parser = Parser(prog="python -m bench", description=_DESCRIPTION)
    parser.add_argument(
        "--cases", nargs="*", metavar="CASE", help="measure these only; --list shows them"
    )
    parser.add_argument(
        "--grid",
        action="store_true",
        help="instead of cases, measure a map of hidden sizes, mini-batches and densities, which "
        "takes about ten minutes for a number of threads (default: 1)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="measure only what the --json FILE of an earlier or interrupted run lacks",
    )
    parser.add_argument("--list", action="store_true", help="show the cases and their bars")
    parser.add_argument("--peers", nargs="*", metavar="PEER", help="beside these only")
    parser.add_argument(
        "--threads",
        nargs="+",
        type=whole(1),
        metavar="N",
        default=[],
        help="numbers of threads to measure (default: 1 and all cores)",
    )
    parser.add_argument(
        "--cpu-level",
        metavar="LEVEL",
        help="hold everyone to v2, v3 (AVX2) or v4 (AVX-512) of x86-64; this CPU must have it",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write all figures to FILE; - writes them to standard output, and nothing else there",
    )
    parser.add_argument(
        "--chart", metavar="FILE.png", help="draw the ratios; needs matplotlib (extra plot)"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if fastnn misses a bar of these cases"
    )
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.list:
        Results().say(*columns(_titles()))
        return 0
    cases = _cases(arguments.cases)
    level = arguments.cpu_level = cpu_level.check(arguments.cpu_level)
    _check(arguments)
    with cpu_level.held(level):
        return _measure(arguments, cases)


def _measure(arguments: argparse.Namespace, cases: list[Case]) -> int:
    out = Results(shown=arguments.json != STDOUT, keep_on=bool(arguments.json or arguments.chart))
    if arguments.grid:
        _run_grid(arguments, out)
        return 0
    run = _run_cases(arguments, cases, out)
    missed = [
        f"{case.case}: {report.verdict(bar)}"
        for case in run.cases
        for bar in case.bars
        if bar.met is False
    ]
    if arguments.check and missed:
        raise CommandError(f"--check: {'; '.join(missed)}")
    return 0


def _run_cases(arguments: argparse.Namespace, cases: list[Case], out: Results) -> Run:
    """Measure the cases, show and write them."""
    settings = Settings.usual(
        quick=arguments.quick,
        threads=arguments.threads,
        peers=arguments.peers,
        cpu_level=arguments.cpu_level,
    )
    about = machine.describe(settings.cpu_level)
    run, file = _begin(arguments, Run(about, settings.as_json(), []))
    done = {case.case for case in run.cases}
    for case in cases:
        if case.name in done:
            continue
        result = runner.run_case(case, settings, _show)
        run.add(result)
        _show("")
        out.say(*report.case_lines(result), "")
        if file is not None:  # each as soon as it is measured: all of them take an hour
            results.write(file, run)
    out.say(report.heading(run.machine, run.versions()))
    if arguments.json is None:
        out.say(_keep(run))
    elif arguments.json == STDOUT:
        write_json(STDOUT, run.as_json())
    if arguments.chart:
        from bench.suite import chart

        if any(not chart.is_empty(case) for case in run.cases):
            chart.draw(run, Path(arguments.chart))
    return run


def _keep(run: Run) -> str:
    """Write the figures of a run of everything; what to tell of it."""
    lacks = run.lacks()
    if lacks:
        return f"figures not kept: {lacks}; --json FILE writes them all the same"
    path = RESULTS / f"{machine.slug(run.machine)}.json"
    results.write(path, run)
    return f"all figures: {os.path.relpath(path)}"


def _run_grid(arguments: argparse.Namespace, out: Results) -> None:
    settings = Settings(
        tuple(arguments.threads or [1]),
        rounds=grid.ROUNDS,
        peers=None if arguments.peers is None else tuple(arguments.peers),
        cpu_level=arguments.cpu_level,
    )
    run = grid.Map(machine.describe(settings.cpu_level), settings.as_json())
    run, file = _begin(arguments, run)

    def keep() -> None:
        if file is not None:
            results.write(file, run)

    grid.run_grid(run, settings, _show, keep)
    _show("")
    out.say(*atlas.map_lines(run), "", report.heading(run.machine, run.versions))
    if arguments.json == STDOUT:
        write_json(STDOUT, run.as_json())
    if arguments.chart:
        from bench.suite import chart

        chart.draw_map(run, Path(arguments.chart))


def _begin(arguments: argparse.Namespace, run: _Run) -> tuple[_Run, Path | None]:
    """A run to go on with, which may be the one in the file for results; and that file."""
    if arguments.json in (None, STDOUT):
        return run, None
    file = Path(arguments.json)
    if not (arguments.resume and file.exists()):
        return run, file
    old = type(run).read(file)
    settings = {"cpu_level": None, **old.settings}  # which older files lack
    if (old.machine["cpu"], settings) != (run.machine["cpu"], run.settings):
        raise CommandError(f"--resume: {file} is of another machine or other settings")
    return old, file


def _cases(names: list[str] | None) -> list[Case]:
    if names is None:
        return [case for case in CASES.values() if case.usual]
    for name in names:
        _known("--cases", name, list(CASES))
    return [CASES[name] for name in names]


def _titles() -> list[tuple[str, str]]:
    note = " (takes long: only where it is named)"
    return [(c.name, c.title if c.usual else c.title + note) for c in CASES.values()]


def _check(arguments: argparse.Namespace) -> None:
    """Fail now rather than after an hour."""
    if arguments.grid and (arguments.cases is not None or arguments.quick or arguments.check):
        raise UsageError("--grid: expected neither --cases nor --quick nor --check beside it")
    if arguments.resume and arguments.json in (None, STDOUT):
        raise UsageError("--resume: expected --json FILE beside it")
    for name in arguments.peers or []:
        _known("--peers", name, [name for name in COMPETITORS if name not in FASTNN])
    cores = machine.usable_threads()
    if max(arguments.threads, default=1) > cores:
        raise UsageError(f"--threads: expected at most {cores}, this machine's cores")
    if arguments.json and arguments.json != STDOUT:
        check_writable("--json", arguments.json)
    if arguments.json is None and arguments.cases is None:
        check_writable("figures", str(RESULTS / "new.json"))
    if arguments.chart:
        check_writable("--chart", arguments.chart)
        if importlib.util.find_spec("matplotlib") is None:
            raise CommandError("--chart: needs matplotlib; pip install 'fastnn[plot]'")


def _known(option: str, name: str, names: list[str]) -> None:
    if name not in names:
        nearest = difflib.get_close_matches(name, names, 1, 0.0)[0]
        raise UsageError(f"{option}: unknown {name!r}, did you mean {nearest!r}?")


def _show(text: str) -> None:
    """What is going on, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{text:{_WIDTH}.{_WIDTH}}\r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
