"""Which level a CPU has: all of what the level has, and of those below it."""

import ctypes
import platform

import pytest

from fastnn.machine import cpu, libraries

V2 = {"cx16", "popcnt", "sahf", "sse3", "ssse3", "sse4.1", "sse4.2"}
V3 = V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}
V4 = V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.mark.parametrize(
    ("features", "level"),
    [
        (V4 | {"avx512vnni"}, "x86-64-v4"),
        (V4 - {"avx512vl"}, "x86-64-v3"),
        (V4 - {"bmi2"}, "x86-64-v2"),
        (V3, "x86-64-v3"),
        (V3 - {"fma"}, "x86-64-v2"),
        (V2, "x86-64-v2"),
        (V3 - {"sse4.2"}, None),
    ],
)
def test_levels_are_all_or_nothing(features, level):
    assert cpu._level_of(features) == level


@pytest.mark.parametrize(
    ("name", "level"), [("arm64", "arm64"), ("aarch64", "arm64"), ("ppc64le", None)]
)
def test_other_architectures(monkeypatch, name, level):
    monkeypatch.setattr(platform, "machine", lambda: name)
    assert cpu.cpu_level.__wrapped__() == level


@pytest.fixture
def on_x86(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")


def test_where_no_probe_was_built_llvm_tells(on_x86, monkeypatch, tmp_path):
    monkeypatch.setattr(libraries, "FOLDER", tmp_path)
    monkeypatch.setattr(cpu, "_features_by_llvm", lambda: V4 - {"avx512cd"})
    assert cpu.cpu_level.__wrapped__() == "x86-64-v3"


@pytest.mark.parametrize(("number", "level"), [(0, None), (2, "x86-64-v2"), (4, "x86-64-v4")])
def test_the_probe_tells_a_number(on_x86, monkeypatch, number, level):
    class Probe:
        def __init__(self, path):
            assert path == str(libraries.probe())

        fastnn_cpu_level = staticmethod(lambda: number)

    monkeypatch.setattr(ctypes, "CDLL", Probe)
    assert cpu.cpu_level.__wrapped__() == level


@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64") or not libraries.probe().exists(),
    reason="no probe was built",
)
def test_llvm_says_the_same_of_this_cpu_as_the_probe():
    assert cpu.cpu_level() == cpu._level_of(cpu._features_by_llvm())
