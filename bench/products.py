"""Dense products beside OpenBLAS's: `python -m bench.products`.

Each line is one product of a layer with `n` neurons and `depth` inputs, for a mini-batch of m rows,
as training has it:

    forward   z = a w + b                 beside np.matmul(a, w)
    error     delta = delta_above w^T     beside np.matmul(delta_above, w_t)
    gradient  w <- decay w - eta/m a^T delta, all of it   beside np.matmul(a.T, delta) alone

Figures: floating-point operations a second, which share of the measured peak that is, and the time
that NumPy's OpenBLAS takes for one by fastnn's: the median of interleaved rounds. Threads of fastnn
meet after each product, as in training. Small ones of NumPy's contain its call, 0.5 us or so.
"""

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from bench.product_figures import HEAD, Line, Products, summary
from bench.suite import cpu_level, machine, peak
from bench.suite.process import program
from fastnn import cli
from fastnn.cli.arguments import Parser, whole
from fastnn.cli.errors import CommandError
from fastnn.cli.outputs import check_writable
from fastnn.engine.threads import run_team
from fastnn.kernels import target
from fastnn.kernels.jit import inline
from fastnn.kernels.matrix import Matrix, columns_of, rows_of
from fastnn.kernels.optimizers import Rate, Step
from fastnn.kernels.penalty import Penalty
from fastnn.kernels.products import from_row, from_zero, product
from fastnn.kernels.simd import advance, pointer
from fastnn.kernels.team import row_unit, share, wait_for_all
from fastnn.kernels.update import Tile, update_weights
from fastnn.layout.codes import SGD
from fastnn.layout.layers import UPDATE_UNIT, Functions, aligned_empty, plan_layers
from fastnn.layout.team import Member
from fastnn.layout.training import State

SIZES = (32, 128, 512, 2048)
RAGGED = ((10, 784, 30), (100, 784, 100), (33, 47, 61), (257, 513, 1025), (1000, 100, 10))
DTYPES = ("float32", "float64")
FORWARD, ERROR, GRADIENT = PRODUCTS = ("forward", "error", "gradient")
ROUNDS, SECONDS = 7, 0.02  # of one measurement
# OpenBLAS's threads wait awake for 2^26 cycles after a product, in the way of others; its next one
# comes sooner.
WAITING = {"OPENBLAS_THREAD_TIMEOUT": "20"}

_compiled = numba.njit(nogil=True, error_model="numpy", **target.OPTIONS)


class Arrays(NamedTuple):
    """A layer's: parameters and scratch memory, where they begin, and how far rows are apart."""

    parameters: NDArray
    scratch: NDArray
    a: int
    c: int
    w: int
    b: int
    sums: int
    room: int
    own_room: int
    a_stride: int
    c_stride: int
    m: int
    depth: int
    n: int


@inline
def _matrices(arrays, member):
    a = Matrix(pointer(arrays.scratch, arrays.a), arrays.a_stride, arrays.m, arrays.depth)
    c = Matrix(pointer(arrays.scratch, arrays.c), arrays.c_stride, arrays.m, arrays.n)
    w = Matrix(pointer(arrays.parameters, arrays.w), arrays.c_stride, arrays.depth, arrays.n)
    room = pointer(arrays.scratch, arrays.room + member.number * arrays.own_room)
    return a, c, w, room


@_compiled
def _sums(arrays, biased, number, size, sync, repeats):
    """z or delta: this thread's rows, `repeats` times."""
    member = Member(number, size, pointer(sync, 0))
    a, c, w, room = _matrices(arrays, member)
    first, last = share(member, arrays.m, row_unit(arrays.m))
    a, c = rows_of(a, first, last), rows_of(c, first, last)
    start = from_row(pointer(arrays.parameters, arrays.b)) if biased else from_zero(room)
    for _ in range(repeats):
        product(c, start, a, w, room)
        if not wait_for_all(member):
            return


@_compiled
def _updates(arrays, number, size, sync, repeats):
    """w: this thread's rows, `repeats` times."""
    member = Member(number, size, pointer(sync, 0))
    a, delta, w, room = _matrices(arrays, member)
    first, last = share(member, arrays.depth, UPDATE_UNIT)
    start = advance(w.start, first * w.stride)
    sums = pointer(arrays.scratch, arrays.sums + arrays.w + first * w.stride)
    tile = Tile(State(start, start, start), sums, columns_of(a, first, last), delta)
    rate = Rate(1e-9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    step = Step(SGD, 1.0, 1.0, rate, Penalty(0.999, 0.0, 0.0, 0.0, 0.0))
    for _ in range(repeats):
        update_weights(tile, step, room)
        if not wait_for_all(member):
            return


def _arrays(m: int, depth: int, n: int, dtype: str, threads: int) -> Arrays:
    """A layer of random numbers, as a network has it."""
    plan = plan_layers([depth, n], Functions([0], [False], [0], 0, [0, 0]), dtype, m, threads)
    layers, rng = plan.layers, np.random.default_rng(0)
    parameters = aligned_empty(plan.parameters, dtype)
    scratch = aligned_empty(plan.scratch, dtype)
    parameters[:] = rng.random(plan.parameters)
    scratch[:] = rng.random(plan.scratch)
    (a, c), (w,), (b,) = layers.a, layers.w, layers.b
    return Arrays(
        parameters, scratch, a, c, w, b, layers.sums[0], *layers.room, *layers.strides, m, depth, n
    )  # fmt: skip


def _candidates(kind: str, cell: tuple[int, ...], dtype: str, threads: int) -> list[Callable]:
    """What runs a product so many times: fastnn's, NumPy's."""
    (m, depth, n), arrays = cell, _arrays(*cell, dtype, threads)
    rng = np.random.default_rng(0)
    a, c = rng.random((m, depth)).astype(dtype), rng.random((m, n)).astype(dtype)
    w = rng.random((depth, n)).astype(dtype)

    def fastnn(repeats: int) -> None:
        def run(member: Member) -> None:
            if kind == GRADIENT:
                _updates(arrays, *member, repeats)
            else:
                _sums(arrays, kind == FORWARD, *member, repeats)

        run_team(run, threads)

    def openblas(repeats: int) -> None:
        factors = (a.T, c, w) if kind == GRADIENT else (a, w, c)
        for _ in range(repeats):
            np.matmul(*factors[:2], out=factors[2])

    return [fastnn, openblas]


def _seconds(run: Callable[[int], None], repeats: int) -> float:
    start = time.perf_counter()
    run(repeats)
    return (time.perf_counter() - start) / repeats


def _enough(run: Callable[[int], None]) -> int:
    """Repeats that take SECONDS: to wake another thread takes a part of that only."""
    repeats = 1
    while repeats * _seconds(run, repeats) < SECONDS:
        repeats *= 2
    return repeats


def _measure(kind: str, cell: tuple[int, ...], dtype: str, threads: int) -> tuple[float, float]:
    """Seconds that fastnn takes, and the time of OpenBLAS by that; medians."""
    candidates = _candidates(kind, cell, dtype, threads)
    for run in candidates:
        run(1)  # compiled, if it has not been
    repeats = [_enough(run) for run in candidates]
    rounds = []
    for _ in range(ROUNDS):
        rounds.append([])
        for run, count in zip(candidates, repeats, strict=True):
            run(count)  # another thread wakes up, and the other one's fall asleep
            rounds[-1].append(_seconds(run, count))
    ours, theirs = np.array(rounds).T
    return float(np.median(ours)), float(np.median(theirs / ours))


def _lines(arguments: argparse.Namespace, threads: int) -> Iterator[Line]:
    cells = [*itertools.product(arguments.sizes, repeat=3), *(RAGGED if arguments.ragged else ())]
    for dtype in arguments.dtypes:
        peak_speed = peak.multiply_adds(threads, dtype)
        for kind, cell in itertools.product(arguments.products, cells):
            seconds, ratio = _measure(kind, cell, dtype, threads)
            speed = 2 * math.prod(cell) / seconds
            yield Line(dtype, threads, kind, *cell, speed, speed / peak_speed, ratio)


def _from_worker(arguments: argparse.Namespace, threads: int) -> Iterator[Line]:
    """What another process measures: OpenBLAS's threads are set when it is loaded."""
    options = ["--sizes", *map(str, arguments.sizes), "--products", *arguments.products]
    options += ["--dtypes", *arguments.dtypes, *([] if arguments.ragged else ["--no-ragged"])]
    command = [sys.executable, "-c", program("bench.products"), *options, f"--worker={threads}"]
    environment = {**os.environ, **WAITING, "OPENBLAS_NUM_THREADS": str(threads)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
        for line in worker.stdout or ():
            yield Line(*json.loads(line))
    if worker.returncode:
        raise CommandError(f"the process with {threads} thread(s) ended with {worker.returncode}")


def _parser() -> Parser:
    parser = Parser(prog="python -m bench.products", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    size = whole(1)
    parser.add_argument("--sizes", type=size, nargs="+", default=SIZES, help="of m, depth and n")
    parser.add_argument("--no-ragged", dest="ragged", action="store_false", help="only --sizes")
    parser.add_argument("--products", nargs="+", choices=PRODUCTS, default=PRODUCTS)
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=DTYPES)
    cores = machine.usable_threads()
    parser.add_argument("--threads", type=whole(1, cores), nargs="+", default=(1, cores))
    parser.add_argument("--cpu-level", metavar="LEVEL", help="hold both to v2, v3 or v4 of x86-64")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--worker", type=size, help=argparse.SUPPRESS)
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.worker:
        for line in _lines(arguments, arguments.worker):
            print(json.dumps(line), flush=True)
        return 0
    level, lines = cpu_level.check(arguments.cpu_level), []
    if arguments.json:
        check_writable("--json", arguments.json)
    with cpu_level.held(level):
        about = machine.describe(level)
        print(machine.processor(about), HEAD, sep="\n", flush=True)
        for threads in dict.fromkeys(arguments.threads):
            for line in _from_worker(arguments, threads):
                print(line, flush=True)
                lines.append(line)
    print(summary(lines))
    if arguments.json:
        Products(about, lines).write(Path(arguments.json))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default the process's own; returns the exit code."""
    return cli.run(_parser, sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
