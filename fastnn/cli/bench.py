"""`fastnn bench`: fastnn beside NumPy, scikit-learn, PyTorch and JAX, on this machine."""

import argparse
import difflib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastnn.cli.arguments import whole
from fastnn.cli.display import Results, columns
from fastnn.cli.errors import CommandError, UsageError
from fastnn.cli.outputs import STDOUT, check_writable, write_json

if TYPE_CHECKING:
    from fastnn.benchmarks.cases import Case

__all__ = ["add_parser"]

_WIDTH = 79

_DESCRIPTION = """\
Measure fastnn beside a per-sample NumPy loop, batched NumPy, scikit-learn, PyTorch and JAX, those
of them that are installed. Everyone's results are checked before anyone is timed; rounds are
interleaved; medians count. All cases take about half an hour.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bench",
        help="measure fastnn beside other libraries on this machine",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "--cases", nargs="*", metavar="CASE", help="measure these only; --list shows them"
    )
    parser.add_argument(
        "--grid", action="store_true",
        help="measure a map of hidden sizes, mini-batches and densities, too",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="show the cases and their bars")
    parser.add_argument("--peers", nargs="*", metavar="PEER", help="beside these only")
    parser.add_argument(
        "--threads", nargs="+", type=whole(1), metavar="N", default=[],
        help="numbers of threads to measure (default: 1 and all cores)",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    parser.add_argument(
        "--json", metavar="FILE",
        help="write all figures to FILE; - writes them to standard output, and nothing else there",
    )  # fmt: skip
    parser.add_argument(
        "--chart", metavar="FILE.png", help="draw the ratios; needs matplotlib (extra plot)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from fastnn.benchmarks import grid, machine, report, results, runner
    from fastnn.benchmarks.settings import Settings

    cases = _cases(arguments.cases)
    if arguments.list:
        Results().say(*columns([(case.name, case.title) for case in cases]))
        return 0
    _check(arguments)
    settings = Settings.usual(
        quick=arguments.quick, threads=arguments.threads, peers=arguments.peers
    )
    out = Results(shown=arguments.json != STDOUT, keep_on=bool(arguments.json or arguments.chart))
    run = results.Results(machine.describe(), settings.as_json(), [])
    for case in cases:
        run.cases.append(runner.run_case(case, settings, _show))
        _show("")
        out.say(*report.case_lines(run.cases[-1]), "")
    if arguments.grid:
        run.grid = grid.run_grid(settings, _show)
        _show("")
        out.say(*report.grid_lines(run.grid), "")
    out.say(report.heading(run))
    if arguments.json:
        write_json(arguments.json, run.as_json())
    if arguments.chart:
        from fastnn.benchmarks import chart

        if any(not chart.is_empty(case) for case in run.cases):
            chart.draw(run, Path(arguments.chart))
    return 0


def _cases(names: list[str] | None) -> list["Case"]:
    from fastnn.benchmarks.cases import CASES

    if names is None:
        return list(CASES.values())
    for name in names:
        _known("--cases", name, list(CASES))
    return [CASES[name] for name in names]


def _check(arguments: argparse.Namespace) -> None:
    """Fail now rather than after half an hour."""
    from fastnn.benchmarks.machine import usable_threads
    from fastnn.benchmarks.peers import COMPETITORS, OURS

    for name in arguments.peers or []:
        _known("--peers", name, [name for name in COMPETITORS if name not in OURS])
    cores = usable_threads()
    if max(arguments.threads, default=1) > cores:
        raise UsageError(f"--threads: expected at most {cores}, this machine's cores")
    if arguments.json and arguments.json != STDOUT:
        check_writable("--json", arguments.json)
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
