"""How kernels run in this process: decided once, here.

prebuilt     machine code that comes with the package; Numba is not imported
compiled     by Numba, at the first call of each kernel; kept in a cache
interpreted  as plain Python, with every read and write checked

FASTNN_KERNELS names one of these, FASTNN_CPU_LEVEL a level that the CPU has. Numba's own
NUMBA_DISABLE_JIT=1 means interpreted. What users wrote themselves, activations and costs, is
compiled by Numba in any case but the last.
"""

import logging
import os
from typing import NamedTuple

from fastnn.machine import libraries
from fastnn.machine.cpu import BELOW, LEVELS, X86_64, cpu_level, full_name, processor
from fastnn.machine.libraries import Library, RefusedError

__all__ = ["CHOICE", "COMPILED", "INTERPRETED", "PREBUILT", "Choice"]

logger = logging.getLogger(__name__)

PREBUILT, COMPILED, INTERPRETED = "prebuilt", "compiled", "interpreted"


class Choice(NamedTuple):
    """How kernels run.

    level    the one that code is for; None: this CPU, which is below the lowest level
    library  what prebuilt code is in, else None
    reason   why nothing is prebuilt for the CPU's level, in words
    """

    mode: str
    level: str | None
    library: Library | None
    reason: str


def _asked() -> str | None:
    """What the environment asks for."""
    kernels = os.environ.get("FASTNN_KERNELS") or None
    if kernels not in (None, PREBUILT, COMPILED, INTERPRETED):
        raise ValueError(
            f"FASTNN_KERNELS: expected {PREBUILT}, {COMPILED} or {INTERPRETED}, got {kernels!r}"
        )
    if os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0"):
        return kernels
    if kernels not in (None, INTERPRETED):
        raise ValueError(f"FASTNN_KERNELS: expected no {kernels!r} beside NUMBA_DISABLE_JIT")
    return INTERPRETED


def _level(mode: str | None) -> str | None:
    """The level that was asked for, or the CPU's."""
    asked = os.environ.get("FASTNN_CPU_LEVEL")
    if not asked:
        return cpu_level()
    level = full_name(asked)
    if level not in LEVELS:
        raise ValueError(f"FASTNN_CPU_LEVEL: expected one of {', '.join(LEVELS)}, got {asked!r}")
    own = cpu_level()
    if mode != INTERPRETED and (own is None or level not in (own, *BELOW[own])):
        raise ValueError(
            f"FASTNN_CPU_LEVEL: expected at most {own or 'nothing, for this CPU is below all'}, "
            f"which this CPU has, got {asked!r}"
        )
    return level


def _decide() -> Choice:
    asked = _asked()
    level = _level(asked)
    if asked == INTERPRETED:
        return Choice(INTERPRETED, level, None, "kernels are to be interpreted")
    if asked == COMPILED:
        return Choice(COMPILED, level, None, "FASTNN_KERNELS=compiled")
    if os.environ.get("FASTNN_REGISTERS"):
        return Choice(COMPILED, level, None, "FASTNN_REGISTERS asks for other registers")
    if level is None:
        known = processor() == X86_64
        reason = "this CPU is below the lowest level" if known else f"none are for {processor()}"
    else:
        reason = ""
        for each in (level, *BELOW[level]):
            try:
                return Choice(PREBUILT, each, libraries.load(each), reason)
            except RefusedError as error:
                reason = reason or str(error)
    if asked == PREBUILT:
        raise ValueError(f"FASTNN_KERNELS: expected prebuilt kernels to be there, but {reason}")
    return Choice(COMPILED, level, None, reason)


CHOICE = _decide()

if CHOICE.reason and CHOICE.library is not None:
    logger.info("kernels are those for %s: %s", CHOICE.level, CHOICE.reason)
