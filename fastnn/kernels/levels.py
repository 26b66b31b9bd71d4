"""Levels of the CPU's instructions, and what LLVM calls the machine of a level.

A level is a set of instructions that many models of CPU have, so that code for it runs on all of
them: v2, v3 (AVX2, FMA) and v4 (AVX-512) of x86-64, as its ABI defines them, and arm64 (NEON).
"""

import os
from typing import NamedTuple

import llvmlite.binding as llvm

__all__ = ["CPUS", "Machine", "host", "levels_of", "made_for"]


class Machine(NamedTuple):
    """What code is made for.

    level     "x86-64-v3", say; None: this very CPU, as Numba itself would
    triple    LLVM's name of processor and system, such as "x86_64-unknown-linux-gnu"
    cpu       LLVM's name of the processor
    features  LLVM's, what it has beyond that: "+neon"
    """

    level: str | None
    triple: str
    cpu: str
    features: str


# LLVM's processor and features of each level. LLVM tunes v4 for Skylake, which slowed down when it
# used 512 bits and is told to prefer 256; kernels are written for 64-byte registers.
CPUS = {
    "x86-64-v2": ("x86-64-v2", ""),
    "x86-64-v3": ("x86-64-v3", ""),
    "x86-64-v4": ("x86-64-v4", "-prefer-256-bit"),
    "arm64": ("generic", "+neon"),
}
# Every Mac with an ARM64 processor is an M1 or later; Linux has ARM64 back to the first of them.
_MAC_CPUS = {"arm64": ("apple-m1", "")}

# What a level needs, by LLVM's names, as the x86-64 ABI lists it.
_V2 = {"cx16", "popcnt", "sahf", "sse3", "ssse3", "sse4.1", "sse4.2"}
_V3 = _V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
_NEEDED = {"x86-64-v4": _V4, "x86-64-v3": _V3, "x86-64-v2": _V2}


def made_for(level: str, triple: str) -> Machine:
    """The machine of a level on a system."""
    if level not in CPUS:
        raise ValueError(f"level: expected one of {', '.join(CPUS)}, got {level!r}")
    cpus = {**CPUS, **_MAC_CPUS} if "apple" in triple else CPUS
    return Machine(level, triple, *cpus[level])


def levels_of(features: set[str], triple: str) -> list[str]:
    """The levels that a CPU with these features has, the highest first."""
    if triple.startswith(("aarch64", "arm64")):
        return ["arm64"]
    return [level for level, needed in _NEEDED.items() if needed <= features]


def host() -> Machine:
    """The machine at hand: its level, or the one that FASTNN_CPU_LEVEL names and it has.

    Who tells Numba what to compile for (NUMBA_CPU_NAME, NUMBA_CPU_FEATURES) gets that, and an
    x86-64 CPU below v2 code for itself.
    """
    triple = llvm.get_process_triple()
    if not os.environ.get("NUMBA_CPU_NAME") and not os.environ.get("NUMBA_CPU_FEATURES"):
        features = {name for name, present in llvm.get_host_cpu_features().items() if present}
        levels = levels_of(features, triple)
        wanted = os.environ.get("FASTNN_CPU_LEVEL")
        if wanted:
            full = f"x86-64-{wanted}" if wanted in ("v2", "v3", "v4") else wanted
            if full not in levels:
                raise ValueError(
                    "FASTNN_CPU_LEVEL: expected one that this CPU has "
                    f"({', '.join(levels) or 'none'}), got {wanted!r}"
                )
            return made_for(full, triple)
        if levels:
            return made_for(levels[0], triple)
    return Machine(None, triple, "", "")
