"""Which level a CPU has: all of what the level has, and of those below it."""

import sysconfig
from types import SimpleNamespace

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
    ("name", "level"),
    [
        ("macosx-11.0-arm64", "arm64"),
        ("linux-aarch64", "arm64"),
        ("linux-ppc64le", None),
        ("win-arm64", "arm64"),
    ],
)
def test_other_architectures(monkeypatch, name, level):
    monkeypatch.setattr(sysconfig, "get_platform", lambda: name)
    assert cpu.cpu_level.__wrapped__() == level


@pytest.fixture
def on_x86(monkeypatch):
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "win-amd64")


def test_where_no_probe_was_built_llvm_tells(on_x86, monkeypatch, tmp_path):
    monkeypatch.setattr(libraries, "FOLDER", tmp_path)
    monkeypatch.setattr(cpu, "_features_by_llvm", lambda: V4 - {"avx512cd"})
    assert cpu.cpu_level.__wrapped__() == "x86-64-v3"


@pytest.mark.parametrize(("number", "level"), [(0, None), (2, "x86-64-v2"), (4, "x86-64-v4")])
def test_the_probe_tells_a_number(on_x86, monkeypatch, number, level):
    probe = SimpleNamespace(fastnn_cpu_level=lambda: number)
    monkeypatch.setattr(libraries, "probe", lambda: probe)
    assert cpu.cpu_level.__wrapped__() == level


@pytest.mark.skipif(
    cpu.processor() != cpu.X86_64 or not libraries.FOLDER.joinpath("cpu.json").exists(),
    reason="no probe was built",
)
def test_llvm_says_the_same_of_this_cpu_as_the_probe():
    assert cpu.cpu_level() == cpu._level_of(cpu._features_by_llvm())
