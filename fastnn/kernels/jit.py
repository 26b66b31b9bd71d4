"""How kernels are compiled: decided once, here.

For which CPU, `target` says; where their machine code is kept, `cache`.

`kernel` marks a function that Python calls, see entry_points. Numbers that are written in a call
are literal types to Numba, and make it compile the function anew for each: np.int64(0) is the
same number without.

`inner` and `inline` mark functions that only kernels call: they become part of their machine
code, `inline` ones at each place where they are called.

No fast-math flags: vectors are explicit, so the compiler need not be allowed to reorder
sums, and NaN and infinity keep their meaning.
"""

import gc
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numba
from numba.core import typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock

from fastnn.kernels import target
from fastnn.kernels.cache import cached
from fastnn.kernels.target import KernelFunction
from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["c_function", "inline", "inner", "kernel"]

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable)

_OPTIONS_OF_C = {"error_model": "numpy"}

# Passes of Numba's for closures, arrays as wholes and the like, of which kernels have none: a tenth
# of the time that compiling takes.
_NOT_FOR_KERNELS = (
    untyped_passes.InlineClosureLikes,
    untyped_passes.InlineInlinables,
    untyped_passes.LiteralPropagationSubPipelinePass,
    untyped_passes.LiteralUnroll,
    untyped_passes.MakeFunctionToJitFunction,
    typed_passes.InlineOverloads,
    typed_passes.NopythonRewrites,
)


class _Compiler(CompilerBase):
    """Numba's compiler with fewer passes."""

    def define_pipelines(self) -> list[Any]:
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [each for each in manager.passes if each[0] not in _NOT_FOR_KERNELS]
        manager.finalize()
        return [manager]


_OPTIONS = {"nogil": True, "pipeline_class": _Compiler, **_OPTIONS_OF_C, **target.OPTIONS}
_WITHOUT_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: Function) -> Function:
    """Compile a function that kernels call; Python can't call it, which spares a wrapper."""
    return _jitted(function)


def inline(function: Function) -> Function:
    """The same, and copy it into each of its callers.

    For functions of vectors and tiles, which must stay in registers, and for those that have
    one caller.
    """
    return _jitted(function, forceinline=True)


def _jitted(function: Function, **options: bool) -> Function:
    if CHOICE.mode == INTERPRETED:
        return function
    return numba.njit(**options, **_WITHOUT_WRAPPERS, **_OPTIONS)(function)


kernel = inner  # a function that Python calls, as a C function, see entry_points


def c_function(function: Callable, signature: tuple, key: str = "") -> Any:
    """The function compiled to one of C: its `address`, as long as the result lives.

    signature  Numba's types of the arguments, and of the result
    key        by which the machine code is kept on disk, if at all
    """
    result = _Announced(function, signature, {}, _OPTIONS_OF_C)
    result.key = key
    if key and target.runs_here():
        cached(result, key)
    start = time.perf_counter()
    with global_compiler_lock, _no_collection():
        result.compile()
    name, seconds = key or function.__name__, time.perf_counter() - start
    loaded = result.cache_hits > 0
    logger.debug(
        "%s %s in %.2f s",
        name,
        "loaded" if loaded else "compiled",
        seconds,
        extra={"kernel": name, "seconds": seconds, "loaded": loaded},
    )
    return result


class _Announced(KernelFunction):
    """Before the first one that is in no cache takes its time, the log says why."""

    key = ""  # of fastnn's own functions

    def _compile_uncached(self) -> Any:
        global _announced
        if target.runs_here() and not _announced:
            _announced = True
            logger.info(
                "compiling %s, which takes some seconds, and what else is needed: %s",
                self.key or self.__name__,
                _why(self.key),
            )
        return super()._compile_uncached()  # type: ignore[misc]  # Numba has it


_announced = False


def _why(key: str) -> str:
    """Why a function is compiled, and not taken from a library."""
    if not key:
        return "it is the user's own function"
    if CHOICE.library is None:
        return CHOICE.reason
    return f"{CHOICE.library.path.name} is without it"


@contextmanager
def _no_collection() -> Iterator[None]:
    """Compiling makes millions of objects, and looking them over takes 5 % of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


# A child that is forked while another thread compiles would have that thread's settings and its
# lock for ever, but not the thread: forks wait until they are taken back.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )
