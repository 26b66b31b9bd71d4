"""`fastnn compile`: for images of containers, and for clusters: nobody waits later."""

import argparse
import time
from collections.abc import Sequence
from typing import Any

from fastnn.cli.display import Results, status, warn
from fastnn.cli.errors import CommandError

__all__ = ["add_parser"]

_DESCRIPTION = """\
Make the kernels ready that the library of machine code is without, or all where there is none:
compile them into the cache, on all cores. With a library for this CPU there is nothing to do.
"""
_NAMES = {"f4": "float32", "f8": "float64", "": "both dtypes"}


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "compile",
        help="compile ahead the kernels that did not come with fastnn",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "--for",
        default="mnist",
        metavar="WHAT",
        dest="purpose",
        help="mnist: what most networks of float32 call; all; or a saved network's file: "
        "what those of its dtype call (default: %(default)s)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from fastnn.machine.choice import CHOICE, INTERPRETED
    from fastnn.native.preparing import missing

    if CHOICE.mode == INTERPRETED:
        raise CommandError(f"nothing to compile: {CHOICE.reason}")
    keys = _keys(arguments.purpose)
    wanted = missing(keys)
    if CHOICE.library is not None and len(wanted) < len(keys):
        Results().say(f"{len(keys) - len(wanted)} functions are prebuilt for {CHOICE.level}")
    if not wanted:
        Results().say("nothing to compile")
        return 0
    _check_cache()
    _compile(wanted, CHOICE.reason or "the library is without them")
    return 0


def _keys(purpose: str) -> list[str]:
    from fastnn.native import specializations

    if purpose == "all":
        return specializations.read("full")
    if purpose == "mnist":
        return specializations.of_dtype(specializations.read("usual"), "f4")
    import fastnn

    dtype = fastnn.load(purpose).dtype
    return specializations.of_dtype(specializations.read("full"), f"{dtype.kind}{dtype.itemsize}")


def _check_cache() -> None:
    from fastnn.machine.cache_folder import cache_folder, writable

    if cache_folder is None:
        raise CommandError(
            "there is no folder for compiled kernels that only you can write to; "
            "NUMBA_CACHE_DIR names one"
        )
    if not writable(cache_folder):
        raise CommandError(f"{cache_folder}: compiled kernels can not be written there")


def _compile(wanted: Sequence[str], reason: str) -> None:
    from concurrent.futures.process import BrokenProcessPool

    from fastnn.engine.threads import available_cores
    from fastnn.native.preparing import prepare

    start, results = time.perf_counter(), Results()
    results.say(f"{len(wanted)} functions to compile: {reason}")
    troubles: dict[str, None] = {}
    compiled = lost = 0
    width = max(len(_name(key)) for key in wanted)
    try:
        with status("compiling"):
            for each in prepare(wanted, available_cores()):
                how = f"{each.seconds:.2f} s" if each.compiled else "was compiled before"
                results.say(f"{_name(each.key):{width}}   {how}")
                troubles |= dict.fromkeys(each.troubles)
                compiled, lost = compiled + each.compiled, lost + (not each.kept)
    except BrokenProcessPool:
        raise CommandError("a process that compiled ended early, for want of memory?") from None
    for trouble in troubles:
        warn(trouble)
    results.say(f"{compiled} functions compiled in {time.perf_counter() - start:.1f} s")
    if lost:
        raise CommandError(f"{lost} of {len(wanted)} functions could not be kept in the cache")


def _name(key: str) -> str:
    """The function's name, and the dtypes in its arguments."""
    name = key.partition("(")[0].removeprefix("called.")
    dtypes = [name for name in ("f4", "f8") if f"{name}*" in key]
    columns = ", many columns" if "u4*" in key else ""
    return f"{name} {_NAMES[dtypes[0] if dtypes else '']}{columns}"
