"""Object files ask their system for nothing but C's library."""

import llvmlite.binding as llvm
import pytest

from fastnn.build.cpu_level import cpu_level_object
from fastnn.build.machine_code import MissingSymbolError, as_object, merge
from fastnn.build.systems import SYSTEMS
from fastnn.kernels.levels import made_for

CALLS = """
target triple = "{triple}"
declare i32 @{callee}()
define i32 @fastnn_something() {{
    %result = call i32 @{callee}()
    ret i32 %result
}}
"""

# How object files of each system begin.
MAGIC = {"linux": b"\x7fELF", "macos": b"\xcf\xfa\xed\xfe", "windows": b"\x64\x86"}


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_an_object_of_each_system(system):
    machine = made_for(system.levels[-1], system.triple)
    module = llvm.parse_assembly(CALLS.format(triple=system.triple, callee="sched_yield"))
    code, seconds = as_object(module, machine)
    assert code.startswith(MAGIC[system.name.partition("-")[0]])
    assert set(seconds) == {"optimize", "machine code"}


def test_what_no_system_has():
    system = SYSTEMS["linux-x86_64"]
    module = llvm.parse_assembly(CALLS.format(triple=system.triple, callee="NRT_Free"))
    with pytest.raises(MissingSymbolError, match="C library only, got NRT_Free"):
        as_object(module, made_for("x86-64-v3", system.triple))


@pytest.mark.parametrize(
    ("name", "function"), [("linux-arm64", "sched_yield"), ("windows-x86_64", "SwitchToThread")]
)
def test_threads_take_turns_by_the_systems_function(name, function):
    system = SYSTEMS[name]
    module = merge([], made_for(system.levels[0], system.triple))
    assert f"call i32 @{function}()" in str(module)
    assert "internal" in str(module.get_function("fastnn_yield"))


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name.endswith("x86_64")])
def test_the_probe_is_of_its_system(name):
    assert cpu_level_object(SYSTEMS[name]).startswith(MAGIC[name.partition("-")[0]])
