"""Kernels are compiled for a level of CPUs, a user's functions for the CPU at hand."""

import llvmlite.binding as llvm
import numba
import pytest
from numba.core import config

from fastnn.kernels import levels, target

X86 = "x86_64-unknown-linux-gnu"
V2 = {"cx16", "popcnt", "sahf", "sse3", "ssse3", "sse4.1", "sse4.2"}
V3 = V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}
V4 = V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.fixture
def cpu(monkeypatch):
    """Give this machine another CPU: its name and its features."""
    for name in ("FASTNN_CPU_LEVEL", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        monkeypatch.delenv(name, raising=False)

    def give(name, features):
        monkeypatch.setattr(llvm, "get_process_triple", lambda: X86)
        monkeypatch.setattr(llvm, "get_host_cpu_name", lambda: name)
        monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: dict.fromkeys(features, True))

    return give


@pytest.mark.parametrize(
    ("features", "level"),
    [
        (V4 | {"avx512vnni"}, "x86-64-v4"),
        (V4 - {"avx512vl"}, "x86-64-v3"),
        (V3, "x86-64-v3"),
        (V3 - {"fma"}, "x86-64-v2"),
        (V2, "x86-64-v2"),
        (V2 - {"sse4.2"}, None),
    ],
)
def test_the_level_of_a_cpu(cpu, features, level):
    cpu("some", features)
    assert levels.host().level == level


def test_a_level_by_name(cpu, monkeypatch):
    cpu("znver3", V3)
    for name in ("v2", "x86-64-v2"):
        monkeypatch.setenv("FASTNN_CPU_LEVEL", name)
        assert levels.host() == ("x86-64-v2", X86, "x86-64-v2", "")
    for name in ("v4", "v5", "arm64"):
        monkeypatch.setenv("FASTNN_CPU_LEVEL", name)
        message = rf"FASTNN_CPU_LEVEL: expected .* \(x86-64-v3, x86-64-v2\), got '{name}'"
        with pytest.raises(ValueError, match=message):
            levels.host()


def test_who_tells_numba_what_to_compile_for_gets_it(cpu, monkeypatch):
    cpu("znver3", V3)
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    assert levels.host().level is None


def test_llvm_knows_the_machine_of_each_level():
    triples = {"x86-64": X86, "arm64": "aarch64-unknown-linux-gnu"}
    for level in levels.CPUS:
        triple = next(t for start, t in triples.items() if level.startswith(start))
        target.machine_code_maker(levels.made_for(level, triple))
    assert levels.made_for("arm64", "arm64-apple-macosx11.0.0").cpu == "apple-m1"


@pytest.mark.skipif(
    not llvm.get_process_triple().startswith("x86_64"), reason="one level there is one CPU"
)
def test_cpus_of_a_level_share_a_cache(cpu):
    keys = set()
    for name, features in (("znver3", V3 | {"sha"}), ("haswell", V3), ("znver4", V4)):
        cpu(name, features)
        keys.add(target._Codegen(levels.host(), runs=True).magic_tuple())
    assert len(keys) == 2


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_users_function_is_compiled_for_this_cpu():
    @numba.njit
    def own(x):
        return x + 1

    assert own(1) == 2
    _, name, features = own.targetctx.codegen().magic_tuple()
    assert name == (config.CPU_NAME or llvm.get_host_cpu_name())
    assert features != target.machine().features


def test_a_process_that_compiled_builds_nothing_for_others():
    assert target._target.target_context
    with pytest.raises(RuntimeError, match="kernels were compiled in this process before"):
        target.build_for("arm64", "aarch64-unknown-linux-gnu")
    assert target.runs_here()
