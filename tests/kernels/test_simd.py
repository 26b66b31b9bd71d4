"""Every operation on vectors and tiles against NumPy, compiled and emulated alike."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from jitted import kernel

from fastnn.kernels import simd
from fastnn.kernels.jit import inner
from fastnn.kernels.simd import (
    BITS,
    above_bits,
    absolute,
    add_outer_product,
    advance,
    append_positions,
    at_least_bits,
    emulation,
    first_bit,
    fma,
    item,
    itemsize,
    keep_lanes,
    lanes,
    lanes_at,
    line_at,
    load,
    load_as,
    load_first_as,
    load_square,
    load_tile,
    max_lanes,
    maximum,
    minimum,
    nearest,
    nonzero_bits,
    pointer,
    power_of_two,
    reinterpreted,
    set_item,
    splat,
    store,
    store_tile,
    sum_lanes,
    transposed,
    where_positive,
    zero_tile,
    zeros,
)

DTYPES = [np.float32, np.float64]


def vector_operation(operation, *operands):
    """operation(vectors) for operands (lanes,), compiled unless the compiler is off."""
    n = len(operands)

    @kernel
    def run(a, b, c, out):
        pa, pb, pc, po = pointer(a, 0), pointer(b, 0), pointer(c, 0), pointer(out, 0)
        if n == 1:
            store(po, 0, one(load(pa, 0)))
        elif n == 2:
            store(po, 0, two(load(pa, 0), load(pb, 0)))
        else:
            store(po, 0, three(load(pa, 0), load(pb, 0), load(pc, 0)))

    one = inner(operation) if n == 1 else inner(lambda a: a)
    two = inner(operation) if n == 2 else inner(lambda a, b: a)
    three = inner(operation) if n == 3 else inner(lambda a, b, c: a)
    out = np.empty_like(operands[0])
    run(*(list(operands) * 3)[:3], out)
    return out


OPERATIONS = {
    "arithmetic": (lambda a, b: (a + b) * a - b / (a * a + 1.0), 2),
    "numbers": (lambda a: 2 * a - 0.5 + 1.0 / (a * a + 3), 1),
    "negative": (lambda a: -a, 1),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_operators(name, dtype):
    operation, n = OPERATIONS[name]
    operands = np.random.default_rng(0).standard_normal((n, lanes(dtype().itemsize))).astype(dtype)
    got = vector_operation(operation, *operands)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, operation(*operands), rtol=4 * np.finfo(dtype).eps)


FUNCTIONS = {
    "fma": (lambda a, b, c: fma(a, b, c), lambda a, b, c: a * b + c),
    "fma_with_numbers": (lambda a: fma(a, 2.0, 0.25), lambda a: a * 2 + 0.25),
    "minimum": (lambda a, b: minimum(a, b), np.minimum),
    "maximum": (lambda a, b: maximum(a, b), np.maximum),
    "absolute": (lambda a: absolute(a), np.abs),
    "nearest": (lambda a: nearest(a * 2.0), lambda a: np.rint(a * 2)),
    "power_of_two": (lambda a: power_of_two(nearest(a * 20.0)), lambda a: np.exp2(np.rint(a * 20))),
    "where_positive": (
        lambda a, b, c: where_positive(a, b, c),
        lambda a, b, c: np.where(a > 0, b, c),
    ),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, dtype):
    function, expected = FUNCTIONS[name]
    n = function.__code__.co_argcount
    operands = np.random.default_rng(1).standard_normal((n, lanes(dtype().itemsize))).astype(dtype)
    got = vector_operation(function, *operands)
    np.testing.assert_allclose(got, expected(*operands), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_where_positive_with_nan_takes_the_second(dtype):
    n = lanes(dtype().itemsize)
    nan, one, two = (np.full(n, v, dtype) for v in (np.nan, 1, 2))
    got = vector_operation(lambda a, b, c: where_positive(a, b, c), nan, one, two)
    np.testing.assert_array_equal(got, two)


@pytest.mark.parametrize("dtype", DTYPES)
def test_memory(dtype):
    @kernel
    def run(a, out):
        p, q = pointer(a, 3), pointer(out, 0)
        store(q, 1, load(p, 2) + zeros(p) + splat(item(p, 0)))
        set_item(q, 0, sum_lanes(load(advance(p, 4), 0)))
        return lanes_at(p), itemsize(load(p, 0))

    a = np.arange(64, dtype=dtype)
    out = np.zeros(40, dtype)
    n = lanes(a.itemsize)
    assert run(a, out) == (n, a.itemsize)
    np.testing.assert_array_equal(out[1 : 1 + n], a[5 : 5 + n] + 3)
    assert out[0] == a[7 : 7 + n].sum()
    assert not out[1 + n :].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_first_lanes_are_kept(dtype):
    @kernel
    def run(a, n, out):
        store(pointer(out, 0), 0, keep_lanes(load(pointer(a, 0), 0), n, -2.5))

    a = np.full(lanes(dtype().itemsize), np.nan, dtype)
    for n in (-3, 0, 1, len(a) - 1, len(a), len(a) + 5):
        out = np.zeros_like(a)
        run(a, n, out)
        np.testing.assert_array_equal(np.isnan(out), np.arange(len(a)) < n)
        assert (out[max(0, n) :] == -2.5).all()


def test_a_line_holds_64_bytes():
    @kernel
    def run(a, b, c):
        return line_at(pointer(a, 0)), line_at(pointer(b, 0)), line_at(pointer(c, 0))

    assert run(np.zeros(64, np.uint8), np.zeros(9, np.uint16), np.zeros(9)) == (64, 32, 8)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int16"])
def test_which_numbers_are_not_zero(dtype):
    @kernel
    def run(a, offset):
        return nonzero_bits(pointer(a, 1), offset)

    a = np.random.default_rng(0).integers(0, 3, 3 * BITS).astype(dtype)
    if a.dtype.kind == "f":
        a[4:9] = np.nan, np.inf, -0.0, 1e-45, -1  # in float32 the smallest denormal number
    for offset in (0, 1, BITS):
        expected = [int(number != 0) for number in a[1 + offset :][:BITS]]
        assert run(a, offset) == sum(bit << k for k, bit in enumerate(expected))
    assert run(np.zeros(1 + BITS, dtype), 0) == 0


@pytest.mark.parametrize("width", [1, 4])
def test_positions_of_bits(width):
    @kernel
    def run(a, q, bits, start):
        if width == 1:
            return append_positions(pointer(a, 0), q, bits, start, 1)
        return append_positions(pointer(a, 0), q, bits, start, 4)

    start = 65536 - 2 * BITS
    for bits in (
        0,
        1,
        2 ** (BITS - 1),
        2**BITS - 1,
        *np.random.default_rng(0).integers(0, 2**BITS, 50),
    ):
        a = np.zeros(BITS + 3, np.uint16)
        expected = [(start + k) // width for k in range(BITS) if bits >> k & 1]
        assert run(a, 2, bits, start) == 2 + len(expected)
        assert a[:2].tolist() == [0, 0]
        assert a[2:][: len(expected)].tolist() == expected
        assert a[2 + BITS] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_which_lanes_are_above(dtype):
    @kernel
    def run(a, b, number):
        a, b = load(pointer(a, 0), 0), load(pointer(b, 0), 0)
        return (
            above_bits(a, b),
            at_least_bits(a, b),
            above_bits(number, b),
            at_least_bits(number, b),
        )

    n = lanes(dtype().itemsize)
    a, b = np.zeros(n, dtype), np.zeros(n, dtype)
    a[0], b[n - 1], a[1] = 1, 1, np.nan
    everywhere, last = 2**n - 1, 2 ** (n - 1)
    # Of two lanes the second is the last one, and NaN.
    assert run(a, b, dtype(1)) == (1, everywhere & ~(2 | last), everywhere & ~last, everywhere)


def test_the_first_bit():
    @kernel
    def run(bits):
        return first_bit(bits)

    assert [run(np.int64(bits)) for bits in (1, 2, 12, 2**40, -(2**63))] == [0, 1, 2, 40, 63]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_largest_lane(dtype):
    @kernel
    def run(a, offset):
        return max_lanes(load(pointer(a, 0), offset))

    n = lanes(dtype().itemsize)
    a = np.concatenate([-np.arange(1, n + 1), -np.arange(n, 0, -1)]).astype(dtype)
    assert [run(a, offset) for offset in range(n + 1)] == [
        a[offset : offset + n].max() for offset in range(n + 1)
    ]


@pytest.mark.parametrize("source", ["float32", "float64", "uint8", "int16"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_load_as(dtype, source):
    @kernel
    def run(a, out):
        store(pointer(out, 0), 1, load_as(pointer(out, 0), pointer(a, 1), 2))

    a, out = np.arange(100, 200).astype(source), np.zeros(40, dtype)
    n = lanes(out.itemsize)
    run(a, out)
    np.testing.assert_array_equal(out[1 : 1 + n], np.arange(103, 103 + n))
    assert not out[1 + n :].any()


@pytest.mark.parametrize("source", ["float32", "float64", "uint8", "int16"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_load_first_as(dtype, source):
    """What is behind is not even read: it may not be there."""

    @kernel
    def run(a, n, out):
        store(pointer(out, 0), 0, load_first_as(pointer(out, 0), pointer(a, 0), 1, n))

    full = lanes(dtype().itemsize)
    for n in (-1, 0, 1, 3, full - 1, full, full + 3):
        kept = max(0, min(n, full))
        a, out = np.arange(100, 101 + kept).astype(source), np.full(full, np.nan, dtype)
        run(a, n, out)
        np.testing.assert_array_equal(out[:kept], a[1:])
        assert not out[kept:].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed(dtype):
    @kernel
    def run(a, out, stride):
        store_tile(transposed(load_square(pointer(a, 0), stride)), pointer(out, 0), stride)

    n = lanes(dtype().itemsize)
    a, out = np.arange(n * (n + 3), dtype=dtype).reshape(n, n + 3), np.zeros((n, n + 3), dtype)
    run(a, out, n + 3)
    np.testing.assert_array_equal(out[:, :n], a[:, :n].T)
    assert not out[:, n:].any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "vectors"), [(2, 1), (2, 2), (5, 3)])
def test_tiles(rows, vectors, dtype):
    width = vectors * lanes(dtype().itemsize)
    stride = width + 5

    @kernel
    def run(c, a, b, out):
        tile = load_tile(rows, vectors, pointer(c, 0), stride) + zero_tile(
            rows, vectors, pointer(c, 0)
        )
        for k in range(3):  # a (rows, 3), b (3, width)
            tile = add_outer_product(tile, pointer(a, k), 3, pointer(b, k * width))
        store_tile(tile * 2.0, pointer(out, 0), stride)

    rng = np.random.default_rng(2)
    c = rng.standard_normal((rows, stride)).astype(dtype)
    a = rng.standard_normal((rows, 3)).astype(dtype)
    b = rng.standard_normal((3, width)).astype(dtype)
    out = np.zeros_like(c)
    run(c, a, b, out)
    expected = 2 * (c[:, :width] + a @ b)
    np.testing.assert_allclose(out[:, :width], expected, rtol=1e-5, atol=1e-6)
    assert not out[:, width:].any()


def test_bytes_are_read_as_numbers_of_a_dtype():
    @kernel
    def third(start, dtype):
        p = pointer(start, 0)
        if dtype == 0:
            return float(item(p, 2))
        if dtype == 1:
            return float(item(reinterpreted(p, np.float32), 2))
        return item(reinterpreted(p, np.float64), 2)

    for code, dtype in enumerate([np.uint8, np.float32, np.float64]):
        numbers = np.array([1, 2, 3], dtype)
        assert third(numbers.view(np.uint8), code) == 3.0


class Inner(NamedTuple):
    x: Any
    y: Any


class Outer(NamedTuple):
    number: float
    inner: Inner
    z: Any


def test_the_emulation_points_to_arrays_wherever_they_are():
    rows = np.arange(6.0).reshape(2, 3)
    p = emulation.pointers(Outer(0.5, Inner(np.float64([1, 2]), rows), np.int64([7, 8, 9])))
    assert (type(p), type(p.inner), p.number) == (Outer, Inner, 0.5)
    assert (emulation.item(p.inner.x, 1), emulation.item(p.inner.y, 4), emulation.item(p.z, 2)) == (
        2.0,
        4.0,
        9,
    )
    emulation.set_item(p.inner.y, 4, 8.0)
    assert rows[1, 1] == 8.0


def test_emulation_has_every_operation():
    names = {*simd.__all__, "pointers"} - {"ALIGNMENT", "BITS", "TILE_ROWS", "lanes"}
    assert all(callable(getattr(emulation, name)) for name in names)


@pytest.mark.skipif(not KERNELS_ARE_INTERPRETED, reason="compiled code has no bounds tests")
def test_emulation_notices_reads_and_writes_outside():
    p = pointer(np.zeros(lanes(8)), 0)
    with pytest.raises(IndexError, match="memory that has"):
        load(p, 1)
    with pytest.raises(IndexError, match="memory that has"):
        store_tile(zero_tile(2, 1, p), p, lanes(8))
    with pytest.raises(IndexError, match="memory that has"):
        item(reinterpreted(pointer(np.zeros(8, np.uint8), 0), np.float32), 2)
