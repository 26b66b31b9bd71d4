"""Kernels are compiled for a level of CPUs, a user's functions for the CPU at hand."""

import llvmlite.binding as llvm
import numba
import pytest
from numba.core import config

from fastnn.kernels import levels, target
from fastnn.machine import choice

X86 = "x86_64-unknown-linux-gnu"


@pytest.fixture
def level(monkeypatch):
    """Have this process be for another level of x86-64."""
    for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(llvm, "get_process_triple", lambda: X86)

    def give(level):
        monkeypatch.setattr(levels, "CHOICE", choice.CHOICE._replace(level=level))

    return give


def test_code_is_for_the_level_of_this_process(level):
    level("x86-64-v2")
    assert levels.host() == ("x86-64-v2", X86, "x86-64-v2", "")
    level("x86-64-v4")
    assert levels.host() == ("x86-64-v4", X86, "x86-64-v4", "-prefer-256-bit")
    level(None)  # below all of them
    assert levels.host() == (None, X86, "", "")


@pytest.mark.parametrize("name", ["NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"])
def test_who_tells_numba_what_to_compile_for_gets_it(level, monkeypatch, name):
    level("x86-64-v3")
    monkeypatch.setenv(name, "generic")
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
def test_cpus_of_a_level_share_a_cache(level, monkeypatch):
    keys = set()
    for name, cpu in (("x86-64-v3", "znver3"), ("x86-64-v3", "haswell"), ("x86-64-v4", "znver4")):
        level(name)
        monkeypatch.setattr(llvm, "get_host_cpu_name", lambda cpu=cpu: cpu)
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
