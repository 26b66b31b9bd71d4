"""What the CPU's vector registers look like to the kernels.

A SIMD register holds several numbers side by side (its lanes) and one instruction works
on all of them at once. Everything that depends on the CPU is decided here, once, at
import; the kernels are written in terms of these constants and never ask again.

| level                | kind   | register | lanes float32 / float64 | registers |
|----------------------|--------|----------|-------------------------|-----------|
| x86-64-v4, AVX-512   | avx512 | 64 bytes | 16 / 8                  | 32        |
| x86-64-v3, AVX2      | avx2   | 32 bytes | 8 / 4                   | 16        |
| x86-64-v2, SSE       | sse2   | 16 bytes | 4 / 2                   | 16        |
| arm64, NEON          | neon   | 16 bytes | 4 / 2                   | 32        |

The environment variable FASTNN_REGISTERS (avx512, avx2, sse2 or neon) has the kernels made for
registers of that kind whatever the CPU has; the compiler makes do with those that are there. So
tests run on any machine with the memory layout and the tiles of all of them.
"""

import os

from fastnn.machine.choice import CHOICE
from fastnn.machine.cpu import ARM64

__all__ = [
    "ALIGNMENT",
    "BITS",
    "FUSES",
    "KIND",
    "KINDS",
    "LINE_BYTES",
    "PANEL_ROWS",
    "REGISTER_BYTES",
    "TILE_ROWS",
    "TILE_VECTORS",
    "lanes",
]

# Bytes a register, and the number of registers.
_SHAPES = {"avx512": (64, 32), "avx2": (32, 16), "sse2": (16, 16), "neon": (16, 32)}
KINDS = {"x86-64-v4": "avx512", "x86-64-v3": "avx2", "x86-64-v2": "sse2", ARM64: "neon"}


def _kind() -> str:
    """Which of these shapes the kernels are made for."""
    wanted = os.environ.get("FASTNN_REGISTERS")
    if wanted and wanted not in _SHAPES:
        raise ValueError(f"FASTNN_REGISTERS: expected one of {', '.join(_SHAPES)}, got {wanted!r}")
    return wanted or KINDS.get(CHOICE.level or "", "sse2")


KIND = _kind()
REGISTER_BYTES, _REGISTERS = _SHAPES[KIND]

FUSES = KIND != "sse2"  # whether a * b + c is one instruction, which rounds once

# A tile of TILE_ROWS x TILE_VECTORS registers collects sums; as many as a row of it hold a row of
# one factor, and one a number of the other: all 16 registers, or 28 of 32.
TILE_ROWS, TILE_VECTORS = 8 if _REGISTERS == 32 else 4, 3

# A panel is so many rows of TILE_VECTORS registers: three quarters of the smallest L1 cache, which
# leaves room for what meets it.
PANEL_ROWS = 24 * 1024 // (TILE_VECTORS * REGISTER_BYTES)

LINE_BYTES = 64  # of the cache; some CPUs have larger lines, none of those meant here smaller ones

BITS = 16  # how many numbers simd's nonzero_bits looks at

# Weights and activations start at a multiple of this, so that no load straddles two cache lines,
# and that what one thread owns shares no pair of lines, which CPUs fetch together, with another's.
ALIGNMENT = 2 * LINE_BYTES


def lanes(itemsize: int) -> int:
    """How many numbers of `itemsize` bytes one register holds."""
    return REGISTER_BYTES // itemsize
