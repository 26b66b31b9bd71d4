"""What fastnn runs on: versions, the CPU, kernels, the cache of compiled ones; without Numba."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["CacheState", "cache_state", "cpu", "kernels", "versions"]


class CacheState(NamedTuple):
    """The folder of compiled kernels, if there is one; `kernels` counts each dtype of a kernel."""

    folder: Path | None
    exists: bool
    writable: bool
    kernels: int
    bytes: int


def versions() -> dict[str, str]:
    """Of fastnn and of what its figures depend on."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    import fastnn

    found = {"fastnn": fastnn.__version__, "python": platform.python_version()}
    for package in ("numpy", "numba", "llvmlite"):  # by its files: to import some takes long
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def cpu() -> dict[str, Any]:
    """The CPU as the kernels see it."""
    import platform

    from fastnn.engine.threads import available_cores
    from fastnn.machine import registers
    from fastnn.machine.cpu import cpu_level

    return {
        "name": _cpu_name(),
        "level": cpu_level(),
        "register_bytes": registers.REGISTER_BYTES,
        "lanes": {"float32": registers.lanes(4), "float64": registers.lanes(8)},
        "cores": os.cpu_count(),
        "usable_cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu_name() -> str:
    """The processor's name, as the system knows it."""
    import platform
    import subprocess

    if sys.platform == "darwin":
        with suppress(OSError):
            asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
            name = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
            if name:
                return name
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"


def kernels() -> dict[str, Any]:
    """How kernels run, the library that they are in, or why in none."""
    from fastnn.machine.choice import CHOICE

    library = CHOICE.library
    return {
        "mode": CHOICE.mode,
        "level": CHOICE.level,
        "library": library and str(library.path),
        "functions": len(library.functions) if library else 0,
        "set": _set_of(library.functions) if library else None,
        "reason": CHOICE.reason,
    }


def _set_of(functions: Mapping[str, str]) -> str | None:
    """The largest set of functions that is all there."""
    from fastnn.native import specializations

    there = [
        name for name in specializations.SETS if functions.keys() >= set(specializations.read(name))
    ]
    return there[-1] if there else None


def cache_state() -> CacheState:
    """How much is compiled already."""
    from fastnn.machine.cache_folder import SUFFIX, cache_folder, writable

    if cache_folder is None:
        return CacheState(None, exists=False, writable=False, kernels=0, bytes=0)
    exists = os.path.isdir(cache_folder)
    sizes = []
    for path in cache_folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):  # another process replaced it just now
            sizes.append(path.stat().st_size)
    return CacheState(cache_folder, exists, writable(cache_folder), len(sizes), sum(sizes))
