"""What kernels are made for: the registers of the CPU, or those that a test wants."""

import runpy

import pytest
from numba.core import config

from fastnn.kernels.simd import registers

# Bytes of a register, and rows of a tile.
SHAPES = {"avx512": (64, 8), "avx2": (32, 4), "sse2": (16, 4), "neon": (16, 8)}


def shape():
    names = runpy.run_path(registers.__file__)
    return names["REGISTER_BYTES"], names["TILE_ROWS"]


@pytest.mark.parametrize("kind", SHAPES)
def test_wanted_registers(kind, monkeypatch):
    monkeypatch.setenv("FASTNN_REGISTERS", kind)
    assert shape() == SHAPES[kind]


@pytest.mark.parametrize(
    ("kind", "features"),
    [
        ("avx512", "+sse2,+avx,+avx2,+avx512f"),
        ("avx2", "+sse2,+avx,+avx2,-avx512f"),
        ("avx2", "+sse2,+avx"),
        ("sse2", "+sse,+sse2"),
        ("neon", "+neon"),
    ],
)
def test_the_cpus_own_registers(kind, features, monkeypatch):
    monkeypatch.delenv("FASTNN_REGISTERS", raising=False)
    monkeypatch.setattr(config, "CPU_FEATURES", features)
    assert shape() == SHAPES[kind]


def test_an_unknown_kind(monkeypatch):
    monkeypatch.setenv("FASTNN_REGISTERS", "avx10")
    with pytest.raises(ValueError, match="FASTNN_REGISTERS: expected one of avx512, .*'avx10'"):
        shape()
