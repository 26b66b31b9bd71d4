"""The machine's measured limits: multiply-adds a second, and bytes a second from memory.

Small kernels on the vectors of fastnn.kernels.simd, compiled for the level that fastnn's are:
so "peak" means what the compiler gets out of that level with nothing in its way, no other work in
the loop. They run in a worker, which is held to a level if the others are.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from fastnn.kernels import target
from fastnn.kernels.simd import (
    TILE_ROWS,
    advance,
    fma,
    lanes,
    lanes_at,
    load_tile,
    pointer,
    store_tile,
    zero_tile,
)
from fastnn.layout.layers import aligned_empty

__all__ = ["bandwidth", "multiply_adds"]

_REPEATS = 5
_SECONDS = 0.05  # of one repeat

_compiled = numba.njit(nogil=True, error_model="numpy", **target.OPTIONS)


@_compiled
def _fma_loop(memory, n):
    """N times a multiply-add on each register of a tile: independent of each other."""
    p = pointer(memory, 0)
    # Each row starts from numbers of its own: the compiler would merge rows that are alike.
    stride = 2 * lanes_at(p)
    tile = load_tile(TILE_ROWS, 2, p, stride)
    for _ in range(n):
        tile = fma(tile, 0.999, 0.001)
    store_tile(tile, p, stride)


@_compiled
def _read_loop(memory, n):
    """N times through all of memory, reading."""
    p = pointer(memory, 0)
    width = 8 * lanes_at(p)
    total = zero_tile(1, 8, p)
    for _ in range(n):
        for i in range(0, memory.size - width + 1, width):
            total = total + load_tile(1, 8, advance(p, i), 0)
    store_tile(total, p, 0)


@_compiled
def _update_loop(memory, n):
    """N times through all of memory, reading and writing back."""
    p = pointer(memory, 0)
    width = 8 * lanes_at(p)
    for _ in range(n):
        for i in range(0, memory.size - width + 1, width):
            here = advance(p, i)
            store_tile(fma(load_tile(1, 8, here, 0), 0.999, 0.001), here, 0)


def multiply_adds(threads: int, dtype: str = "float32") -> float:
    """Floating-point operations a second, two for each multiply-add, on so many threads."""
    size = TILE_ROWS * 2 * lanes(np.dtype(dtype).itemsize)
    memory = [np.arange(size, dtype=dtype) for _ in range(threads)]
    return 2 * size * threads * _rate(_fma_loop, memory)


def bandwidth(size: int, threads: int, *, writing: bool) -> float:
    """Bytes a second through `size` bytes of memory, on threads with a part of it each.

    With `writing` each byte is read and written, and counts twice. How large the memory is
    decides which cache it comes from.
    """
    part = max(64, size // threads // 4)
    memory = [aligned_empty(part, np.float32) for _ in range(threads)]
    for array in memory:
        array[:] = 1
    loop = _update_loop if writing else _read_loop
    return 4 * part * threads * (2 if writing else 1) * _rate(loop, memory)


def _rate(loop: Callable[[NDArray, int], None], memory: list[NDArray]) -> float:
    """Runs of a loop's body a second and thread, the best of a few, all threads at once."""
    loop(memory[0], 1)  # compile
    n, seconds = 1, 0.0
    while seconds < _SECONDS / 4:
        n *= 4
        seconds = _seconds(loop, memory, n)
    n = max(1, round(n * _SECONDS / seconds))
    return n / min(_seconds(loop, memory, n) for _ in range(_REPEATS))


def _seconds(loop: Callable[[NDArray, int], None], memory: list[NDArray], n: int) -> float:
    if len(memory) == 1:
        start = time.perf_counter()
        loop(memory[0], n)
        return time.perf_counter() - start
    barrier = threading.Barrier(len(memory) + 1)

    def work(array: Any) -> None:
        barrier.wait()
        loop(array, n)

    threads = [threading.Thread(target=work, args=(array,)) for array in memory]
    for thread in threads:
        thread.start()
    start = time.perf_counter()  # before they start: this thread may be late to wake up
    barrier.wait()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start
