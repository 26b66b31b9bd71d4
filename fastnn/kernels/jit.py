"""How kernels are compiled: decided once, here. Where their machine code is kept, `cache` says.

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
from contextlib import AbstractContextManager, contextmanager
from functools import partial, wraps
from typing import Any, TypeVar

import numba
from numba import _dynfunc, types
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.typing.templates import AbstractTemplate, infer_global

from fastnn.kernels.cache import cached

__all__ = ["by_type", "inline", "inner", "kernel", "log_preparation"]

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable)

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_WITHOUT_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: Function) -> Function:
    """Compile a function that kernels call; Python can't call it, which spares a wrapper."""
    return _part_of_kernels(numba.njit(**_WITHOUT_WRAPPERS, **_OPTIONS)(function))


def inline(function: Function) -> Function:
    """The same, and copy it into each of its callers.

    For functions of vectors and tiles, which must stay in registers, and for those that have
    one caller.
    """
    return _part_of_kernels(numba.njit(forceinline=True, **_WITHOUT_WRAPPERS, **_OPTIONS)(function))


def kernel(function: Function) -> Function:
    """Compile, at its first call, a function that Python calls; cached on disk."""
    dispatcher = cached(numba.njit(**_OPTIONS)(function), function)
    return _logged(_compiled_within(partial(_optimization, 1), dispatcher))


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


def _part_of_kernels(dispatcher: Any) -> Any:
    within_optimization = _compiled_within(partial(_optimization, 0), dispatcher)
    return _compiled_within(partial(_no_machine_code, dispatcher), within_optimization)


def _compiled_within(context: Callable[[], AbstractContextManager], dispatcher: Any) -> Any:
    """Have `dispatcher` compile within a context, which changes what all of Numba goes by.

    No other thread compiles meanwhile: Numba's own lock sees to that, since whoever compiles
    has it, and whoever has it may compile what has a context of its own.
    """
    if not config.DISABLE_JIT:
        compile_as_usual = dispatcher.compile

        def compile(signature: Any) -> Any:
            with global_compiler_lock, context():
                return compile_as_usual(signature)

        dispatcher.compile = compile
    return dispatcher


# A child that is forked while another thread compiles would have that thread's settings and its
# lock for ever, but not the thread: forks wait until they are taken back.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )


@contextmanager
def _optimization(level: int) -> Iterator[None]:
    """LLVM's optimization level 0 to 3.

    Numba optimizes a function on its own, once more as a part of each of its callers, then as a
    part of theirs, and so on; at level 3 that is most of the time that compiling takes. What
    is part of a kernel is optimized there, and need not be before. And vectors are explicit
    here, so that levels above 1 find little to do: measured, 5 % of an epoch.
    """
    usual, config.OPT = config.OPT, type(config.OPT)(level)
    collecting = gc.isenabled()
    gc.disable()  # compiling makes millions of objects, and looking them over takes 5 %
    try:
        yield
    finally:
        config.OPT = usual
        if collecting:
            gc.enable()


@contextmanager
def _no_machine_code(dispatcher: Any) -> Iterator[None]:
    """Compile to LLVM's code only, for a function that runs as a part of kernels.

    Numba would make machine code of each function by itself as well, and never run it: a fifth
    of the time that compiling takes. There is no option to leave that out, so two methods of
    Numba's are replaced while such a function compiles; where Numba has them no more, it compiles
    as usual.
    """
    context = dispatcher.targetctx
    codegen = context.codegen()
    if not (hasattr(codegen, "_add_module") and hasattr(context, "get_executable")):
        yield
        return

    def executable(library: Any, function: Any, env: Any) -> Any:
        name = function.qualname.split(".")[-1]
        module, keep = function.lookup_module(), (library,)
        return _dynfunc.make_function(module, name, "part of kernels", 0, env, keep)

    with (
        _replaced(codegen, "_add_module", lambda module: None),
        _replaced(context, "get_executable", executable),
    ):
        yield


@contextmanager
def _replaced(owner: Any, name: str, method: Callable[..., Any]) -> Iterator[None]:
    vars(owner)[name], before = method, vars(owner).get(name)
    try:
        yield
    finally:
        if before is None:
            del vars(owner)[name]
        else:
            vars(owner)[name] = before


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
