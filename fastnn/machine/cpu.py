"""Levels of instructions, each of which has all that the one below it has, and this CPU's.

| level     | has                     | CPUs                                              |
|-----------|-------------------------|---------------------------------------------------|
| x86-64-v2 | SSE4.2                  | since 2009                                        |
| x86-64-v3 | AVX2, FMA               | Intel since 2013, AMD since 2015                  |
| x86-64-v4 | AVX-512 F, BW, CD, DQ, VL | servers of Intel since 2017, AMD since 2022      |
| arm64     | NEON                    | all of that architecture                          |

The names are those of the x86-64 psABI, section 3.1.1.
"""

import platform
import sys
import sysconfig
from functools import lru_cache

from fastnn.machine import libraries

__all__ = ["ARM64", "BELOW", "LEVELS", "X86_64", "cpu_level", "full_name", "processor"]

ARM64, X86_64 = "arm64", "x86_64"  # processors
LEVELS = ("x86-64-v2", "x86-64-v3", "x86-64-v4", ARM64)

# What may run in place of a level's code, the best first.
BELOW = {
    "x86-64-v4": ("x86-64-v3", "x86-64-v2"),
    "x86-64-v3": ("x86-64-v2",),
    "x86-64-v2": (),
    ARM64: (),
}


def full_name(level: str) -> str:
    """The name of a level that may be given without its beginning; of others, what was given."""
    return f"x86-64-{level}" if level in ("v2", "v3", "v4") else level


@lru_cache
def cpu_level() -> str | None:
    """The highest level that this CPU and its system have; None below the lowest."""
    if processor() != X86_64:
        return ARM64 if processor() == ARM64 else None
    try:
        number = libraries.probe().fastnn_cpu_level()
    except libraries.RefusedError:  # whoever compiles has LLVM, which knows
        return _level_of(_features_by_llvm())
    return f"x86-64-v{number}" if number else None


def processor() -> str:
    """What this Python was made for, as fastnn calls it: x86_64, arm64, or another's own name.

    That need not be what the machine is, on which it may be emulated.
    """
    name = sysconfig.get_platform().rpartition("-")[2].lower()
    if name == "universal2":  # two Pythons in one on a Mac
        name = platform.machine().lower()
    if sys.maxsize < 2**32:
        return f"{name}, 32 bits"
    return {"amd64": X86_64, "aarch64": ARM64}.get(name, name)


def _features_by_llvm() -> set[str]:
    try:
        import llvmlite.binding as llvm
    except ImportError:  # then nothing can be compiled either
        return set()
    return {name for name, present in llvm.get_host_cpu_features().items() if present}


# What a level has beyond the one below it, by LLVM's names.
_FEATURES = {
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "x86-64-v3": {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"},
    "x86-64-v2": {"cx16", "popcnt", "sahf", "sse3", "sse4.1", "sse4.2", "ssse3"},
}


def _level_of(features: set[str]) -> str | None:
    """The highest level whose features, and those of all below it, are there."""
    for level in _FEATURES:
        if all(_FEATURES[each] <= features for each in (level, *BELOW[level])):
            return level
    return None
