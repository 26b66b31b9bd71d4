"""What fastnn runs on: versions, the CPU, the cache of compiled kernels."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["CacheState", "cache_state", "cpu", "versions"]

# Instruction set extensions that matter to the kernels, the plainest first.
_SIMD = ("sse2", "avx", "avx2", "fma", "avx512f", "avx512dq", "avx512vl", "neon", "sve")


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
    from importlib.metadata import version  # numba's own would take half a second to import

    import fastnn

    return {
        "fastnn": fastnn.__version__,
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "numba", "llvmlite")},
    }


def cpu() -> dict[str, Any]:
    """The CPU as the kernels see it."""
    import platform

    from fastnn.engine.threads import available_cores
    from fastnn.machine import registers

    features = registers.cpu_features()
    return {
        "name": registers.cpu_name(),
        "simd": [name for name in _SIMD if name in features],
        "register_bytes": registers.REGISTER_BYTES,
        "lanes": {"float32": registers.lanes(4), "float64": registers.lanes(8)},
        "cores": os.cpu_count(),
        "usable_cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def cache_state() -> CacheState:
    """How much is compiled already."""
    from fastnn.kernels.cache import SUFFIX, cache_folder, writable

    if cache_folder is None:
        return CacheState(None, exists=False, writable=False, kernels=0, bytes=0)
    exists = os.path.isdir(cache_folder)
    sizes = []
    for path in cache_folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):  # another process replaced it just now
            sizes.append(path.stat().st_size)
    return CacheState(cache_folder, exists, writable(cache_folder), len(sizes), sum(sizes))
