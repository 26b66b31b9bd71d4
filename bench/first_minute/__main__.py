"""`python -m bench.first_minute`: what a user waits for, on a fresh environment."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench.first_minute.figures import FIGURES, Figure, Subject, measure
from bench.first_minute.fresh import Fresh, NotMeasuredError, copy_of
from bench.first_minute.turns import BAR, Comparison, check_modes, comparable, compare
from bench.suite import machine

ROOT = Path(__file__).parents[2]
_DESCRIPTION = """\
Install a wheel, or a checkout, in a fresh virtual environment, with an empty HOME for each process
and no compiler in PATH, and measure what a user waits for in the first minute. Medians of several
rounds count. Progress goes to standard error. Exit code 1 if a bar is missed.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default the process's own; returns the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    given = arguments.package.resolve()
    if not (given.is_dir() and (given / "pyproject.toml").exists()) and given.suffix != ".whl":
        parser.error(f"package: expected a wheel or a checkout, got {arguments.package}")
    if not given.exists():
        parser.error(f"package: no such file: {arguments.package}")
    load = _load()
    with tempfile.TemporaryDirectory(prefix="first-minute-") as folder:
        try:
            subject = _subject(given, arguments, Path(folder))
        except NotMeasuredError as why:
            print(f"{given}: not installed: {why}", file=sys.stderr)
            return 2
        rows: list[Figure] = []
        turns: list[Comparison] = []
        if arguments.epochs:
            turns = _epochs(subject, arguments)
        else:
            for name in arguments.only or FIGURES:
                _show(name)
                rows += measure(name, subject)
        about = {
            **_machine(),
            "load": [load, _load()],
            "package": given.name,
            "installed_seconds": subject.fresh.installed,
            "kernels": arguments.kernels or "as users get them",
            "rounds": arguments.rounds,
        }
    print("\n".join([*table(rows), *turns_table(turns), "", origin(about)]))
    found = {"about": about, "figures": [row.as_json() for row in rows]}
    if arguments.json:
        found["epochs"] = [row.as_json() for row in turns]
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(row.met is False for row in [*rows, *turns]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.first_minute", description=_DESCRIPTION)
    parser.add_argument(
        "package", nargs="?", type=Path, default=ROOT, help="a wheel or a checkout (default: this)"
    )
    parser.add_argument(
        "--checkout",
        type=Path,
        help="where README's first command is run, in a copy (default: the package if it is one)",
    )
    parser.add_argument(
        "--kernels", choices=("prebuilt", "compiled"), help="what FASTNN_KERNELS is"
    )
    parser.add_argument("--only", nargs="+", choices=list(FIGURES), help="measure these only")
    parser.add_argument(
        "--epochs",
        action="store_true",
        help="instead, the suite's cases with prebuilt and with compiled kernels, in turns",
    )
    names = [case.name for case in comparable()]
    parser.add_argument("--cases", nargs="+", choices=names, metavar="CASE", help="of --epochs")
    parser.add_argument("--rounds", type=_rounds, default=5, help="repetitions (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    return parser


def _rounds(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def _subject(given: Path, arguments: argparse.Namespace, folder: Path) -> Subject:
    """The package installed; of a checkout a copy, whose wheel is built as well."""
    variables = {"FASTNN_KERNELS": arguments.kernels} if arguments.kernels else {}
    _show(f"installing {given.name}")
    fresh = Fresh(folder, variables)
    checkout = arguments.checkout or (given if given.is_dir() else None)
    wheel = given if given.suffix == ".whl" else _built(copy_of(given, folder), fresh)
    fresh.install(str(wheel))
    return Subject(fresh, wheel, checkout and checkout.resolve(), arguments.rounds)


def _built(copied: Path, fresh: Fresh) -> Path:
    words = [str(fresh.python), "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", "wheels", "."]
    fresh.run(words, fresh.new_home(), installing=True, folder=copied)
    return next((copied / "wheels").glob("*.whl"))


def _epochs(subject: Subject, arguments: argparse.Namespace) -> list[Comparison]:
    cases = [c for c in comparable() if arguments.cases is None or c.name in arguments.cases]
    try:
        check_modes(subject.fresh)
    except NotMeasuredError as why:
        return [Comparison(case.name, 0, reason=str(why)) for case in cases]
    return list(compare(subject.fresh, cases, arguments.rounds, _show))


def table(rows: Sequence[Figure]) -> list[str]:
    """The figures as a table in Markdown; of those that were not measured the reason."""
    if not rows:
        return []
    lines = ["| what one waits for | median | from to | bar | |", "|---|---|---|---|---|"]
    for row in rows:
        also = "; ".join(what + ("" if holds else ": NOT SO") for what, holds in row.also.items())
        bar = "" if row.bar is None else f"{row.bar:g} {row.unit}"
        if row.value is None:
            lines.append(f"| {row.name} | not measured: {row.reason or 'no figure'} | | {bar} | |")
            continue
        spread = f"{_digits(min(row.values))} {_digits(max(row.values))}"
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        if row.reason:
            verdict = f"not all measured: {row.reason}"
        name = f"{row.name} ({also})" if also else row.name
        lines.append(f"| {name} | {_digits(row.value)} {row.unit} | {spread} | {bar} | {verdict} |")
    return lines


def turns_table(rows: Sequence[Comparison]) -> list[str]:
    """The comparisons as a table in Markdown."""
    if not rows:
        return []
    lines = [
        "| case | threads | prebuilt / compiled | from to | same cost | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.ratio is None or row.reason:
            lines.append(f"| {row.case} | {row.threads or ''} | not measured: {row.reason} | | | |")
            continue
        verdict = "met" if row.met else f"MISSED: at most {BAR:g}"
        spread = f"{min(row.ratios):.3f} {max(row.ratios):.3f}"
        same = "to the bit" if row.same else "NO"
        lines.append(
            f"| {row.case} | {row.threads} | {row.ratio:.3f} | {spread} | {same} | {verdict} |"
        )
    return lines


def origin(about: dict[str, Any]) -> str:
    """Where the figures are from, in one line."""
    load = " to ".join("unknown" if one is None else f"{one:.1f}" for one in about["load"])
    return (
        f"({about['package']}, installed in {about['installed_seconds']:.1f} s; {about['cpu']}, "
        f"{about['level']}, {about['cores']} cores, load {load}; Python {about['python']}, "
        f"{about['date']}; kernels {about['kernels']}; medians of {about['rounds']} rounds.)"
    )


def _digits(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _machine() -> dict[str, Any]:
    return {
        "cpu": machine.cpu_model(),
        "level": cpu_level(),
        "cores": machine.usable_threads(),
        "python": sys.version.split()[0],
        "date": datetime.now(timezone.utc).date().isoformat(),
    }


def cpu_level(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The level of vector instructions, as far as the system tells without fastnn."""
    try:
        text = cpuinfo.read_text()
    except OSError:
        return "level unknown"
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    flags = set(next(lines, "").partition(":")[2].split())
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        return "AVX-512"
    if {"avx2", "fma", "bmi2"} <= flags:
        return "AVX2"
    return "NEON" if "asimd" in flags else "SSE" if "sse4_2" in flags else "level unknown"


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def _show(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
