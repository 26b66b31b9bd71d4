"""Threads at work on one mini-batch: who does what, and how they wait for each other.

Every thread runs the same kernel. Work is cut into units that don't depend on the number
of threads, and each unit is computed whole by one thread: the result is the same bits for
any number of threads. Between the phases of a mini-batch the threads wait for each other.

Waiting is a spin on a counter in memory: threads meet every few microseconds, and waking a
sleeping one would take longer than that. Whoever has spun for a while gives up its core
each time around, so that more threads than cores get slower, not stuck.
"""

import ctypes
import sys

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import item, set_item
from fastnn.layout.layers import HALF_TILE, ROW_UNIT, SMALL_MINI_BATCH
from fastnn.layout.team import ABORT, ARRIVALS, LINE, MEETINGS
from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["row_unit", "share", "wait_for_all"]

_SPINS_BEFORE_YIELDING = 2_000

# What the operating system calls "let another thread run"; kernels find it by this name.
_YIELD = "fastnn_yield"
if sys.platform == "win32":
    _function = ctypes.WinDLL("kernel32").SwitchToThread
else:
    _function = ctypes.CDLL(None).sched_yield
llvm.add_symbol(_YIELD, ctypes.cast(_function, ctypes.c_void_p).value)


@intrinsic
def _yield_core(typingctx):
    """Let another thread run on this core."""

    def codegen(context, builder, sig, args):
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.IntType(32), []), _YIELD
        )
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def _atomic_add(typingctx, p, offset, value):
    """p[offset] += value; all that this thread wrote before is visible to who sees it."""

    def codegen(context, builder, sig, args):
        address = builder.gep(args[0], [args[1]])
        return builder.atomic_rmw("add", address, args[2], "acq_rel")

    return types.int64(p, types.intp, types.int64), codegen


@intrinsic
def _atomic_load(typingctx, p, offset):
    """p[offset], and with it all that its writer wrote before."""

    def codegen(context, builder, sig, args):
        return builder.load_atomic(builder.gep(args[0], [args[1]]), "acquire", 8)

    return types.int64(p, types.intp), codegen


if CHOICE.mode == INTERPRETED:  # plain Python threads: the interpreter's lock orders everything
    import threading
    import time

    _lock = threading.Lock()

    def _atomic_add(p, offset, value):
        with _lock:
            p[offset] += value

    def _atomic_load(p, offset):
        return p[offset]

    def _yield_core():
        time.sleep(0)


@inner
def wait_for_all(member):
    """Return when all members have called this as often as this one has.

    Returns False if the team was told to give up.
    """
    if member.size == 1:
        return True
    own = MEETINGS + member.number * LINE
    generation = item(member.sync, own) + 1
    set_item(member.sync, own, generation)
    _atomic_add(member.sync, ARRIVALS, 1)
    spins = 0
    while _atomic_load(member.sync, ARRIVALS) < generation * member.size:
        spins += 1
        if spins > _SPINS_BEFORE_YIELDING:
            if _atomic_load(member.sync, ABORT) != 0:
                return False
            _yield_core()
    return True


@inner
def share(member, n, unit):
    """A member's part [first, last) of n things that are handed out `unit` at a time."""
    if member.size == 1:  # divisions take long
        return np.int64(0), np.int64(n)
    units = (n + unit - 1) // unit
    first = units * member.number // member.size * unit
    last = units * (member.number + 1) // member.size * unit
    return min(first, n), min(last, n)


@inline
def row_unit(m):
    """In how many rows of a mini-batch of m they come."""
    return HALF_TILE if m < SMALL_MINI_BATCH else ROW_UNIT
