"""`fastnn info`: versions, the CPU, the state of the cache."""

import argparse
from typing import Any

from fastnn.cli import machine
from fastnn.cli.display import Results, columns
from fastnn.cli.outputs import as_json

__all__ = ["add_parser"]


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "info",
        help="show versions, the CPU's features and the cache of compiled kernels",
        description="Show versions, the CPU's features and the cache of compiled kernels.",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    versions, cpu, cache = machine.versions(), machine.cpu(), machine.cache_state()
    if arguments.json:
        figures = {
            "versions": versions,
            "cpu": cpu,
            "cache": {**cache._asdict(), "folder": cache.folder and str(cache.folder)},
        }
        Results().say(as_json(figures))
        return 0
    lanes = cpu["lanes"]
    Results().say(
        *columns(
            [
                *versions.items(),
                ("system", cpu["system"]),
                ("CPU", cpu["name"]),
                ("SIMD features", " ".join(cpu["simd"]) or "none that fastnn knows"),
                (
                    "SIMD registers",
                    f"{cpu['register_bytes']} bytes: "
                    f"{lanes['float32']} float32 or {lanes['float64']} float64",
                ),
                ("cores", f"{cpu['usable_cores']} usable of {cpu['cores']}"),
                (
                    "threads",
                    f"up to {cpu['usable_cores']} a training, what is measured to be fastest",
                ),
                ("kernel cache", _place(cache)),
                ("compiled kernels", _describe(cache)),
            ]
        )
    )
    return 0


def _place(cache: machine.CacheState) -> str:
    if cache.folder is None:
        return "none, for lack of a folder that only you can write to; NUMBA_CACHE_DIR names one"
    return f"{cache.folder}{'' if cache.writable else ', which can not be written to'}"


def _describe(cache: machine.CacheState) -> str:
    if not cache.kernels:
        when = "when first needed" if cache.writable else "at each start"
        return f"none yet: they are compiled {when}"
    return f"{cache.kernels} ({cache.bytes / 1e6:.1f} MB)"
