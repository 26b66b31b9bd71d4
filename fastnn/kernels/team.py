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
from typing import NamedTuple

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

from fastnn.kernels.jit import inner
from fastnn.kernels.simd import item, set_item

__all__ = ["Member", "give_up", "share", "sync_size", "wait_for_all"]

# The team's counter of arrivals, its flag, and each member's count of its own meetings, on a
# cache line each.
_LINE = 16
_ARRIVALS, _ABORT, _MEETINGS = 0, _LINE, 2 * _LINE
_SPINS_BEFORE_YIELDING = 2_000


class Member(NamedTuple):
    """One thread of a team.

    number from 0
    size   number of threads
    sync   (sync_size(size),) int64, the team's, zeros at the start; in kernels a pointer
    """

    number: int
    size: int
    sync: object


def sync_size(size: int) -> int:
    """Elements of the memory by which a team of `size` threads meets."""
    return _MEETINGS + size * _LINE


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


if config.DISABLE_JIT:  # plain Python threads: the interpreter's lock orders everything
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
    own = _MEETINGS + member.number * _LINE
    generation = item(member.sync, own) + 1
    set_item(member.sync, own, generation)
    _atomic_add(member.sync, _ARRIVALS, 1)
    spins = 0
    while _atomic_load(member.sync, _ARRIVALS) < generation * member.size:
        spins += 1
        if spins > _SPINS_BEFORE_YIELDING:
            if _atomic_load(member.sync, _ABORT) != 0:
                return False
            _yield_core()
    return True


def give_up(sync) -> None:
    """Tell the waiting members of a team that not all will come."""
    sync[_ABORT] = 1


@inner
def share(member, n, unit):
    """A member's part [first, last) of n things that are handed out `unit` at a time."""
    if member.size == 1:  # divisions take long
        return np.int64(0), np.int64(n)
    units = (n + unit - 1) // unit
    first = units * member.number // member.size * unit
    last = units * (member.number + 1) // member.size * unit
    return min(first, n), min(last, n)
