"""Kernels as C functions: what is called from outside, compiled for one key.

See fastnn.native.keys for keys, and for the block that a kernel's arguments come in. Beside kernels
there are functions that kernels call by their address, see functions.calls: `called.huber(f4)`.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

from fastnn import layout
from fastnn.kernels import columns, epoch, evaluation, figures, jit, placed_rows, shuffle
from fastnn.kernels.functions import calls, rare_activations, rare_costs
from fastnn.kernels.layer1 import compressed
from fastnn.kernels.simd.emulation import pointers
from fastnn.kernels.simd.types import I64, Pointer

__all__ = ["compiled", "interpreted", "interpreted_address"]

_CALLED = "called."

_KERNELS: dict[str, Any] = {
    "train": epoch.train,
    "finish": epoch.finish,
    "measure": figures.measure,
    "outputs": evaluation.outputs,
    "evaluate": evaluation.evaluate,
    "append_rows": compressed.append_rows,
    "find_columns": placed_rows.find_columns,
    "copy_rows": placed_rows.copy_rows,
    "restore": compressed.restore,
    "find_middles": compressed.find_middles,
    "shuffle": shuffle.shuffle,
    "column_outputs": columns.column_outputs,
    "column_gradients": columns.column_gradients,
}
_BLOCK = Pointer(types.int64)


def compiled(key: str) -> Any:
    """The C function of this key: its `address` is good as long as this lives, and that is always.

    Where it is built for another machine, it has none. It is compiled once, whoever asks; forks
    wait for Numba's lock, see jit, so that there may be no other.
    """
    with global_compiler_lock:
        return compiled_anew(key)


@lru_cache(None)
def compiled_anew(key: str) -> Any:
    """The same without the lock."""
    name, kinds = _parsed(key)
    if name.startswith(_CALLED):
        function, signature = _called_functions()[name], calls.signature(kinds[0])
    else:
        function, signature = _entry(_KERNELS[name], kinds), ((_BLOCK,), types.int64)
    return jit.c_function(function, signature, key)


def _called_functions() -> dict[str, Callable]:
    """Those that kernels call by their address."""
    functions = (*rare_activations.FUNCTIONS, *rare_costs.FUNCTIONS)
    return {f"{_CALLED}{function.__name__}": function for function in functions}


def interpreted_address(key: str) -> int:
    """The same as a number by which `calls.call` finds a function of Python's."""
    return calls.interpreted_address(_called_functions()[_parsed(key)[0]])


def interpreted(name: str, arguments: tuple) -> int:
    """Run a kernel as plain Python, on arrays of which each read and write is checked."""
    result = _KERNELS[name](*map(pointers, arguments))
    return 0 if result is None else int(result)


def _entry(kernel: Any, kinds: list[types.Type]) -> Callable:
    """The function of a block that calls the kernel with the arguments in it."""

    @intrinsic
    def call(typingctx: Any, block: Any) -> Any:
        function = numba.typeof(kernel)
        signature = function.get_call_type(typingctx, tuple(kinds), {})

        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            slots = iter(range(2**16))
            values = [_loaded(context, builder, args[0], kind, slots) for kind in kinds]
            implementation = context.get_function(function, signature)
            result = implementation(builder, values)
            context.add_linking_libs(getattr(implementation, "libs", ()))
            if signature.return_type == types.none:
                return I64(0)
            return context.cast(builder, result, signature.return_type, types.int64)

        return types.int64(block), codegen

    def entry(block):
        return call(block)

    return entry


def _loaded(context: Any, builder: Any, block: Any, kind: types.Type, slots: Iterator) -> Any:
    """An argument of this type, from the block's next slots."""
    if isinstance(kind, types.BaseNamedTuple):
        fields = [_loaded(context, builder, block, each, slots) for each in kind.types]
        return context.make_tuple(builder, kind, fields)
    place = builder.gep(block, [I64(next(slots))])
    if kind == types.boolean:
        return builder.icmp_signed("!=", builder.load(place), I64(0))
    value = context.get_data_type(kind)
    return builder.load(builder.bitcast(place, value.as_pointer()))


_WORD = re.compile(r"(\w+\*?)|([(),])")


def _parsed(key: str) -> tuple[str, list[types.Type]]:
    """The name of what a key is of, and the types of its arguments."""
    name, rest = key.split("(", 1)
    words = [match[0] for match in _WORD.finditer(rest)]
    return name, _kinds(words)


def _kinds(words: list[str]) -> list[types.Type]:
    """The types up to the next closing bracket, which are taken out of the words."""
    kinds: list[types.Type] = []
    while (word := words.pop(0)) != ")":
        if word == ",":
            continue
        if words[:1] == ["("]:
            words.pop(0)
            kinds.append(types.BaseTuple.from_types(_kinds(words), getattr(layout, word)))
        elif word.endswith("*"):
            kinds.append(Pointer(_number(word[:-1])))
        else:
            kinds.append(_number(word))
    return kinds


def _number(name: str) -> types.Type:
    return types.boolean if name == "b1" else numba.from_dtype(np.dtype(name))
