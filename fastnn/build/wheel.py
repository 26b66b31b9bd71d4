"""What a wheel gets, by the environment that it is made in; decided without Numba.

FASTNN_BUILD         usual (or not set): this CPU's level, the functions that most users need;
                     full: all levels and all functions; none: no machine code
FASTNN_BUILD_SYSTEM  for another system, or for old versions of this one: a name of
                     `systems.SYSTEMS`; all its levels
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fastnn.build.linking import own_linker
from fastnn.build.systems import SYSTEMS, System, this_system

__all__ = ["NUMBA", "ZIG", "Wish", "build_libraries", "requirements", "tag", "wish"]

# What kernels are tested with: their compiler is a part of the wheel's machine code.
NUMBA = "numba>=0.68,<0.69"
ZIG = "ziglang>=0.13,<0.18"


class Wish(NamedTuple):
    """What to build.

    system    for which system
    portable  for other machines than this one
    keys      "usual" or "full"
    """

    system: System
    portable: bool
    keys: str


def wish(environment: Mapping[str, str]) -> Wish | None:
    """What the environment asks for; None: no machine code."""
    keys = environment.get("FASTNN_BUILD") or "usual"
    if keys not in ("usual", "full", "none"):
        raise ValueError(f"FASTNN_BUILD: expected usual, full or none, got {keys!r}")
    name = environment.get("FASTNN_BUILD_SYSTEM")
    if name and name not in SYSTEMS:
        raise ValueError(f"FASTNN_BUILD_SYSTEM: expected one of {', '.join(SYSTEMS)}, got {name!r}")
    system = SYSTEMS[name] if name else this_system()
    return None if keys == "none" or system is None else Wish(system, bool(name), keys)


def requirements(wanted: Wish | None) -> list[str]:
    """The packages that it takes."""
    if wanted is None:
        return []
    return [NUMBA] if own_linker() and not wanted.portable else [NUMBA, ZIG]


def tag(wanted: Wish) -> str:
    """What a wheel with these libraries is called; it suits any Python.

    The local C compiler may link with a C library as new as this system's.
    """
    local = own_linker() is not None and not wanted.portable
    if local and wanted.system.name.startswith("linux-"):
        return f"py3-none-linux_{wanted.system.triple.partition('-')[0]}"
    return f"py3-none-{wanted.system.wheel_tag}"


def build_libraries(wanted: Wish, version: str, folder: Path) -> str | None:
    """Build into `folder`; what went wrong, or None."""
    root = Path(__file__).parents[2]
    command = [
        sys.executable, "-m", "fastnn.build", "--system", wanted.system.name,
        "--set", wanted.keys, "--out", str(folder), "--version-of-fastnn", version,
    ]  # fmt: skip
    if wanted.portable:
        command += ["--portable"]
    if wanted.portable or wanted.keys == "full":
        command += ["--level", "all"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="", end="", flush=True)
    if done.returncode:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        return said.splitlines()[-1].removeprefix("fastnn.build: ")
    return None
