"""How kernels are compiled: decided once, here.

For which CPU, `target` says; where their machine code is kept, `cache`.

`kernel` marks a function that Python calls: compiled at its first call and cached on disk.
Numbers that are written in a call are literal types to Numba, and make it compile the function
anew for each: np.int64(0) is the same number without.
What kernels call through its address is compiled by `calls`.

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
from functools import wraps
from typing import Any, TypeVar

import numba
from numba import types
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.typing.templates import AbstractTemplate, infer_global

from fastnn.kernels import target
from fastnn.kernels.cache import cached
from fastnn.kernels.target import KernelFunction

__all__ = ["by_type", "c_function", "inline", "inner", "kernel", "log_preparation"]

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable)

_OPTIONS_OF_C = {"error_model": "numpy"}
_OPTIONS = {"nogil": True, **_OPTIONS_OF_C, **target.OPTIONS}
_WITHOUT_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: Function) -> Function:
    """Compile a function that kernels call; Python can't call it, which spares a wrapper."""
    return numba.njit(**_WITHOUT_WRAPPERS, **_OPTIONS)(function)


def inline(function: Function) -> Function:
    """The same, and copy it into each of its callers.

    For functions of vectors and tiles, which must stay in registers, and for those that have
    one caller.
    """
    return numba.njit(forceinline=True, **_WITHOUT_WRAPPERS, **_OPTIONS)(function)


def kernel(function: Function) -> Function:
    """Compile, at its first call, a function that Python calls; cached on disk."""
    dispatcher = cached(numba.njit(**_OPTIONS)(function), function)
    return _logged(_compiled_alone(dispatcher))


def c_function(function: Callable, signature: tuple, *, cache: bool = True) -> Any:
    """The function compiled to one of C: its `address`, as long as the result lives.

    signature  Numba's types of the arguments, and of the result
    cache      whether the machine code is kept on disk
    """
    result = KernelFunction(function, signature, {}, _OPTIONS_OF_C)
    if cache and target.runs_here():
        cached(result, function)
    with global_compiler_lock, _no_collection():
        result.compile()
    return result


def by_type(choices: dict[type, Any]) -> Callable[[Function], Function]:
    """Have kernels that call a function call one of these in its stead.

    It is the one for the type of the first argument, a NamedTuple, chosen when the caller is
    compiled. All take the same arguments as the function, which itself never runs.
    """

    def decorate(function: Function) -> Any:
        @wraps(function)
        def chosen(first: Any, *others: Any) -> Any:
            return choices[type(first)](first, *others)

        class Choice(AbstractTemplate):
            key = chosen

            def generic(self, args: Any, kws: Any) -> Any:
                return _chosen_type(args[0]).get_call_type(self.context, args, kws)

            def get_impl_key(self, signature: Any) -> Any:
                return _chosen_type(signature.args[0]).get_impl_key(signature)

        def _chosen_type(first: Any) -> Any:
            return numba.typeof(choices[first.instance_class])

        infer_global(chosen, types.Function(Choice))
        return chosen

    return decorate


def _compiled_alone(dispatcher: Any) -> Any:
    """Have `dispatcher` compile while no other thread does, and nobody looks for garbage.

    Compiling makes millions of objects, and looking them over takes 5 % of its time.
    """
    if not config.DISABLE_JIT:
        compile_as_usual = dispatcher.compile

        def compile(signature: Any) -> Any:
            with global_compiler_lock, _no_collection():
                return compile_as_usual(signature)

        dispatcher.compile = compile
    return dispatcher


@contextmanager
def _no_collection() -> Iterator[None]:
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


def log_preparation(name: str, seconds: float, *, loaded: bool) -> None:
    """Tell the log that a kernel was loaded, or compiled; the record has it as attributes too."""
    how = "loaded" if loaded else "compiled"
    more = {"kernel": name, "seconds": seconds, "loaded": loaded}
    logger.debug("%s %s in %.2f s", name, how, seconds, extra=more)


def _logged(dispatcher: Any) -> Any:
    """Tell the log how long a kernel kept its first caller waiting, and why."""
    if not config.DISABLE_JIT:
        compile_or_load = dispatcher.compile

        def compile(signature: Any) -> Any:
            start, loaded = time.perf_counter(), sum(dispatcher.stats.cache_hits.values())
            result = compile_or_load(signature)
            hit = sum(dispatcher.stats.cache_hits.values()) > loaded
            log_preparation(dispatcher.__name__, time.perf_counter() - start, loaded=hit)
            return result

        dispatcher.compile = compile
    return dispatcher
