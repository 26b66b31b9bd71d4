"""Compiled functions as an object file without Python.

All functions are put into one module of LLVM's before anything is optimized: what several of
them have in common is then there once, and optimized once. Only the functions asked for can be
seen from outside, so that LLVM drops, or copies into its only caller, whatever else it can.
"""

import time
from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm

from fastnn.kernels.levels import Machine
from fastnn.kernels.target import machine_code_maker

__all__ = ["MissingSymbolError", "as_object", "merge"]

# What a library may ask its system for: memory and mathematics of C, and the thread's turn.
_MATHEMATICS = {"exp", "log", "log1p", "expm1", "log2", "exp2", "pow", "sqrt", "fma", "tanh"}
_MATHEMATICS |= {"floor", "ceil", "trunc", "rint", "nearbyint", "round", "fmod", "ldexp"}
_MATHEMATICS |= {"sin", "cos", "tan", "fabs", "copysign", "erf", "erfc"}
ALLOWED = {f"{name}{ending}" for name in _MATHEMATICS for ending in ("", "f")}
ALLOWED |= {"memcpy", "memmove", "memset", "sched_yield", "SwitchToThread"}


class MissingSymbolError(Exception):
    """A function calls what is in no library of the system."""


def merge(functions: Sequence[tuple[str, Any]], machine: Machine) -> Any:
    """One module of LLVM's with all `functions`, each under the name that goes with it.

    functions  pairs of a name and a KernelFunction that was compiled for this machine
    """
    whole = llvm.parse_assembly(_yield(machine))
    names = {_YIELD}
    parts: dict[Any, None] = {}
    for _, function in functions:
        whole.link_in(function._library._final_module, preserve=True)
        parts |= function._library.all_parts()
    for part in parts:  # each once, however many functions call it; callers come first
        whole.link_in(part._get_module_for_linking(), preserve=True)
    for name, function in functions:
        entry = whole.get_function(function.native_name)
        entry.name = name
        entry.linkage = "external"
        if "windows" in machine.triple:
            entry.storage_class = "dllexport"
        names.add(name)
    whole.data_layout = str(machine_code_maker(machine).target_data)
    for value in (*whole.functions, *whole.global_variables):
        if not value.is_declaration and value.name not in names - {_YIELD}:
            value.linkage = "internal"
    whole.verify()
    return whole


_YIELD = "fastnn_yield"  # as fastnn.kernels.team calls it


def _yield(machine: Machine) -> str:
    """What lets another thread run: the system's function under the kernels' name."""
    function = "SwitchToThread" if "windows" in machine.triple else "sched_yield"
    return f"""
        target triple = "{machine.triple}"
        declare i32 @{function}()
        define i32 @{_YIELD}() {{
            %result = call i32 @{function}()
            ret i32 %result
        }}
    """


def as_object(module: Any, machine: Machine) -> tuple[bytes, dict[str, float]]:
    """The module's object file, and the CPU seconds that each step took.

    Optimized at level 1, as `target` says why.
    """
    start = time.process_time()
    maker = machine_code_maker(machine)
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = False
    builder = llvm.create_pass_builder(maker, options)
    builder.getModulePassManager().run(module, builder)
    _drop_what_nobody_calls(module, builder)
    module.verify()
    missing = undefined(module) - ALLOWED
    if missing:
        raise MissingSymbolError(
            f"kernels: expected functions of the C library only, got {', '.join(sorted(missing))}"
        )
    optimized = time.process_time()
    code = maker.emit_object(module)
    return code, {"optimize": optimized - start, "machine code": time.process_time() - optimized}


def _drop_what_nobody_calls(module: Any, builder: Any) -> None:
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)


def undefined(module: Any) -> set[str]:
    """What a module needs from outside."""
    values = (*module.functions, *module.global_variables)
    return {v.name for v in values if v.is_declaration and not v.name.startswith("llvm.")}
