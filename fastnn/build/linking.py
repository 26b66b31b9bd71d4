"""Object files as a shared library: by this system's C compiler, or by zig for every system."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fastnn.build.systems import System, this_system

__all__ = ["LinkingError", "link", "linker", "own_linker"]

_SECONDS = 900  # zig makes parts of a system's C library first


class LinkingError(Exception):
    """No shared library came of it."""


def own_linker() -> list[str] | None:
    """The command of this system's C compiler, which links for this system alone.

    None where there is none, and on Windows, where compilers take other options.
    """
    if sys.platform == "win32":
        return None
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return [name]
    return None


def linker(system: System, *, portable: bool) -> list[str]:
    """The command that links for a system.

    portable  whether the library has to run on older versions of the system too
    """
    own = own_linker()
    if system == this_system() and own is not None and not portable:
        return own
    if importlib.util.find_spec("ziglang") is None:
        raise LinkingError(
            f"linking for {system.name}: expected "
            + ("" if portable or system != this_system() else "a C compiler (cc) or ")
            + "the package ziglang, got neither"
        )
    return [sys.executable, "-m", "ziglang", "cc", "-target", system.linker]


def link(command: Sequence[str], objects: Sequence[Path], library: Path, system: System) -> None:
    """Make a shared library of object files, with nothing in it but what they export."""
    options = ["-shared", "-s", "-o", str(library), *map(str, objects)]
    if system.suffix == ".so":
        options += ["-nostartfiles", "-Wl,--gc-sections", "-Wl,--no-undefined"]
        options += ["-Wl,--as-needed", "-Wl,-z,noexecstack", "-lm", "-lc"]
    elif system.suffix == ".dylib":
        options += [f"-Wl,-install_name,@rpath/{library.name}"]
        if "ziglang" not in command:
            options += ["-mmacosx-version-min=11.0"]
    try:
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LinkingError(f"linking {library.name}: {error}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        said = next((line for line in lines if "error" in line or "undefined" in line), lines[-1:])
        raise LinkingError(f"linking {library.name} by {command[0]}: {said}")
