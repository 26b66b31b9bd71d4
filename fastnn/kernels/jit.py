"""How kernels are compiled, and where their machine code is kept: decided once, here.

`kernel` marks a function that Python calls: compiled at its first call and cached on disk.
Numbers that are written in a call are literal types to Numba, and make it compile the function
anew for each: np.int64(0) is the same number without.
What kernels call through its address is compiled by `calls`, in the same `cached` way.

`inner` and `inline` mark functions that only kernels call: they become part of their machine
code, `inline` ones at each place where they are called.

Numba's own cache notices a change in the file that defines a function, but not in the
files of what that function calls: someone who upgrades fastnn could run stale code. So the
cache's folder is named after the content of all kernel sources: other sources, other
folder.

No fast-math flags: vectors are explicit, so the compiler need not be allowed to reorder
sums, and NaN and infinity keep their meaning.
"""

import gc
import hashlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import _dynfunc
from numba.core import config

from fastnn.kernels.simd.registers import REGISTER_BYTES, TILE_ROWS

__all__ = [
    "cache_folder", "cached", "inline", "inner", "kernel", "log_preparation", "sources_digest",
]  # fmt: skip

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable)

_SOURCES = Path(__file__).parent
_OPTIONS = {"nogil": True, "error_model": "numpy"}
_WITHOUT_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def sources_digest(folder: Path = _SOURCES) -> str:
    """A digest of every kernel source in `folder` and of what else shapes the code."""
    digest = hashlib.sha256(f"{numba.__version__} {REGISTER_BYTES} {TILE_ROWS}".encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _user_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _base_folder() -> Path:
    """NUMBA_CACHE_DIR if set; else beside the sources; else, read-only, the user's caches."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    beside = _SOURCES / "__pycache__"
    return beside if _writable(beside) else _user_folder()


cache_folder: Path = _base_folder() / f"fastnn-{sources_digest()}"


def inner(function: Function) -> Function:
    """Compile a function that kernels call; Python can't call it, which spares a wrapper."""
    return _not_run(_optimized(numba.njit(**_WITHOUT_WRAPPERS, **_OPTIONS)(function), 0))


def inline(function: Function) -> Function:
    """The same, and copy it into each of its callers.

    For functions of vectors and tiles, which must stay in registers, and for those that have
    one caller.
    """
    options = {"forceinline": True, **_WITHOUT_WRAPPERS, **_OPTIONS}
    return _not_run(_optimized(numba.njit(**options)(function), 0))


def _optimized(dispatcher: Any, level: int) -> Any:
    """Compile at LLVM's optimization level 0 to 3.

    Numba optimizes a function on its own, once more as a part of each of its callers, then as a
    part of theirs, and so on; at level 3 that is most of the time that compiling takes. What
    is part of a kernel is optimized there, and need not be before. And vectors are explicit
    here, so that levels above 1 find little to do: measured, 5 % of an epoch.
    """
    if not config.DISABLE_JIT:
        compile_at_usual_level = dispatcher.compile

        def compile(signature: Any) -> Any:
            usual, config.OPT = config.OPT, type(config.OPT)(level)
            collecting = gc.isenabled()
            gc.disable()  # compiling makes millions of objects, and looking them over takes 5 %
            try:
                return compile_at_usual_level(signature)
            finally:
                config.OPT = usual
                if collecting:
                    gc.enable()

        dispatcher.compile = compile
    return dispatcher


def _not_run(dispatcher: Any) -> Any:
    """Compile to LLVM's code only, for a function that runs as a part of kernels.

    Numba would make machine code of each function by itself as well, and never run it: a fifth
    of the time that compiling takes. There is no option to leave that out, so two methods of
    Numba's are replaced while such a function compiles; where Numba has them no more, it compiles
    as usual.
    """
    if config.DISABLE_JIT:
        return dispatcher
    compile_as_usual = dispatcher.compile

    def compile(signature: Any) -> Any:
        context = dispatcher.targetctx
        codegen = context.codegen()
        if not (hasattr(codegen, "_add_module") and hasattr(context, "get_executable")):
            return compile_as_usual(signature)

        def executable(library: Any, function: Any, env: Any) -> Any:
            name = function.qualname.split(".")[-1]
            module, keep = function.lookup_module(), (library,)
            return _dynfunc.make_function(module, name, "part of kernels", 0, env, keep)

        with (
            _replaced(codegen, "_add_module", lambda module: None),
            _replaced(context, "get_executable", executable),
        ):
            return compile_as_usual(signature)

    dispatcher.compile = compile
    return dispatcher


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


def kernel(function: Function) -> Function:
    """Compile, at its first call, a function that Python calls; cached on disk."""
    return _logged(_optimized(cached(lambda: numba.njit(cache=True, **_OPTIONS)(function)), 1))


def cached(make: Callable[[], Any]) -> Any:
    """What `make` makes with Numba, its cache being ours."""
    usual, config.CACHE_DIR = config.CACHE_DIR, str(cache_folder)
    try:
        return make()
    finally:
        config.CACHE_DIR = usual


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
