"""`fastnn info`: versions, the CPU, how kernels run, the state of the cache."""

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
        help="show versions, the CPU, how kernels run and the cache of compiled ones",
        description="Show versions, the CPU, how kernels run and the cache of compiled ones.",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=_run)


def _is_lower(kernels: dict[str, Any]) -> bool:
    """Whether the library is one for a lower level than the CPU's."""
    return bool(kernels["library"] and kernels["reason"])


def _run(arguments: argparse.Namespace) -> int:
    versions, cpu, cache = machine.versions(), machine.cpu(), machine.cache_state()
    kernels = machine.kernels()
    if arguments.json:
        figures = {
            "versions": versions,
            "cpu": cpu,
            "kernels": kernels,
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
                ("CPU level", cpu["level"] or "below all that fastnn has libraries for"),
                (
                    "SIMD registers",
                    f"{cpu['register_bytes']} bytes: "
                    f"{lanes['float32']} float32 or {lanes['float64']} float64",
                ),
                ("cores", f"{cpu['usable_cores']} usable of {cpu['cores']}"),
                ("threads", f"up to {cpu['usable_cores']} a training, what is found to be fastest"),
                ("kernels", _mode(kernels)),
                ("library", kernels["library"] or f"none: {kernels['reason']}"),
                *([("why that one", kernels["reason"])] if _is_lower(kernels) else []),
                *([("functions in it", _functions(kernels))] if kernels["library"] else []),
                ("kernel cache", _place(cache)),
                ("compiled kernels", _describe(cache)),
            ]
        )
    )
    return 0


def _mode(kernels: dict[str, Any]) -> str:
    level = kernels["level"]
    if kernels["mode"] == "interpreted":
        return "interpreted, as plain Python"
    return f"{kernels['mode']} for {level or 'this CPU'}"


def _functions(kernels: dict[str, Any]) -> str:
    of = f", the set {kernels['set']}" if kernels["set"] else ""
    return f"{kernels['functions']}{of}"


def _place(cache: machine.CacheState) -> str:
    if cache.folder is None:
        return "none, for lack of a folder that only you can write to; NUMBA_CACHE_DIR names one"
    return f"{cache.folder}{'' if cache.writable else ', which can not be written to'}"


def _describe(cache: machine.CacheState) -> str:
    if not cache.kernels:
        when = "when first needed" if cache.writable else "at each start"
        return f"none yet: what no library has is compiled {when}"
    return f"{cache.kernels} ({cache.bytes / 1e6:.1f} MB)"
