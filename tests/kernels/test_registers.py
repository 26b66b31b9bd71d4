"""What kernels are made for: the registers of the CPU, or those that a test wants."""

import runpy

import pytest

from fastnn.machine import choice, registers

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
    ("kind", "level"),
    [
        ("avx512", "x86-64-v4"),
        ("avx2", "x86-64-v3"),
        ("sse2", "x86-64-v2"),
        ("sse2", None),  # a CPU below the lowest level
        ("neon", "arm64"),
    ],
)
def test_the_registers_of_a_level(kind, level, monkeypatch):
    monkeypatch.delenv("FASTNN_REGISTERS", raising=False)
    monkeypatch.setattr(choice, "CHOICE", choice.CHOICE._replace(level=level))
    assert shape() == SHAPES[kind]


def test_an_unknown_kind(monkeypatch):
    monkeypatch.setenv("FASTNN_REGISTERS", "avx10")
    with pytest.raises(ValueError, match="FASTNN_REGISTERS: expected one of avx512, .*'avx10'"):
        shape()
