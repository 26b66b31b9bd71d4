"""What LLVM calls the machines of a CPU level, see fastnn.machine.cpu."""

import os
from typing import NamedTuple

import llvmlite.binding as llvm

from fastnn.machine.choice import CHOICE

__all__ = ["CPUS", "Machine", "host", "made_for"]


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


def made_for(level: str, triple: str) -> Machine:
    """The machine of a level on a system."""
    if level not in CPUS:
        raise ValueError(f"level: expected one of {', '.join(CPUS)}, got {level!r}")
    cpus = {**CPUS, **_MAC_CPUS} if "apple" in triple else CPUS
    return Machine(level, triple, *cpus[level])


def host() -> Machine:
    """The machine at hand, of the level that this process runs on.

    Who tells Numba what to compile for (NUMBA_CPU_NAME, NUMBA_CPU_FEATURES) gets that, and an
    x86-64 CPU below v2 code for itself.
    """
    triple = llvm.get_process_triple()
    told = os.environ.get("NUMBA_CPU_NAME") or os.environ.get("NUMBA_CPU_FEATURES")
    if told or CHOICE.level is None:
        return Machine(None, triple, "", "")
    return made_for(CHOICE.level, triple)
