"""The command `python -m fastnn.build`: machine code for kernels."""

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fastnn.build.library import BuildError, Plan, build
from fastnn.build.linking import LinkingError, linker
from fastnn.build.systems import SYSTEMS, System, this_system
from fastnn.machine.cpu import cpu_level
from fastnn.machine.libraries import FOLDER
from fastnn.native import specializations

ENTRIES = "fastnn.kernels.entry_points:compiled"


def _version() -> str:
    """As the package says without being imported, for a build needs nothing else of it."""
    text = (Path(__file__).parents[1] / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]  # type: ignore[index]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fastnn.build",
        description="Compile kernels to shared libraries, which fastnn then runs without Numba.",
    )
    levels = sorted({level for system in SYSTEMS.values() for level in system.levels})
    own = this_system()
    parser.add_argument(
        "--system", choices=SYSTEMS, default=own and own.name, help="default: this one"
    )
    parser.add_argument(
        "--level", action="append", choices=[*levels, "all"],
        help="of the CPU; may be repeated; default: this CPU's, for another system all",
    )  # fmt: skip
    parser.add_argument("--set", choices=specializations.SETS, default="usual", dest="keys")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="%(default)s")
    parser.add_argument(
        "--portable", action="store_true",
        help="link by ziglang, for old versions of this system too; other systems' always are",
    )  # fmt: skip
    parser.add_argument("--version-of-fastnn", default=_version(), help=argparse.SUPPRESS)
    parser.add_argument("--entries", default=ENTRIES, help=argparse.SUPPRESS)
    parser.add_argument("--keys-file", type=Path, help=argparse.SUPPRESS)
    return parser


def _levels(asked: list[str] | None, system: System) -> Sequence[str]:
    if asked is None and system == this_system():
        level = cpu_level()
        if level is None:
            raise ValueError(f"--level: expected one, this CPU is below {system.levels[0]}")
        asked = [level]
    if asked is None or "all" in asked:
        return system.levels
    wrong = [level for level in asked if level not in system.levels]
    if wrong:
        raise ValueError(
            f"--level: expected one of {', '.join(system.levels)}, which {system.name} has, "
            f"got {wrong[0]}"
        )
    return list(dict.fromkeys(asked))


def _progress(text: str) -> None:
    """One line, which a terminal shows as it grows."""
    if sys.stderr.isatty():
        print(f"\r\33[Kfastnn: {text}", end="", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; what was built and how long it took is on standard output."""
    parsed = _parser().parse_args(arguments)
    start = time.perf_counter()
    try:
        if parsed.system is None:
            raise ValueError(f"--system: expected one of {', '.join(SYSTEMS)}, got none")
        system = SYSTEMS[parsed.system]
        named = {} if parsed.keys_file is None else {"file": parsed.keys_file}
        keys = specializations.read(parsed.keys, **named)
        if not keys:
            raise ValueError(f"--set {parsed.keys}: expected functions to build, got none")
        plan = Plan(
            system, _levels(parsed.level, system), keys,
            linker(system, portable=parsed.portable), parsed.version_of_fastnn, parsed.entries,
            os.cpu_count() or 1,
        )  # fmt: skip
        seconds = build(plan, parsed.out, _progress)
    except (BuildError, LinkingError, OSError, ValueError) as error:
        _progress("")
        print(*error.args[1:], f"fastnn.build: {error}", sep="\n", file=sys.stderr)
        return 1
    _progress("")
    steps = ", ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    print(
        f"fastnn: {len(keys)} functions for {', '.join(plan.levels)} of {system.name} "
        f"in {time.perf_counter() - start:.1f} s (CPU: {steps})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
