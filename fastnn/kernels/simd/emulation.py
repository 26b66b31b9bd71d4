"""The operations of this package in plain NumPy, for kernels that are interpreted.

Here a vector is an array of as many numbers as a register holds, a tile a matrix whose
rows are whole vectors, and a pointer the rest of an array from an element on. The kernels
then run as ordinary Python: slow, but open to a debugger, and every load and store beyond
an array's end is an IndexError, which compiled code can't notice.
"""

import numpy as np

from fastnn.machine.registers import BITS, LINE_BYTES, lanes

minimum, maximum, absolute, nearest, sqrt = np.fmin, np.fmax, np.abs, np.rint, np.sqrt


def _part(p, start, length):
    if start < 0 or start + length > len(p):
        raise IndexError(f"elements {start} to {start + length} of memory that has {len(p)}")
    return p[start : start + length]


def _tile_rows(rows, width, p, stride):
    return [_part(p, i * stride, width) for i in range(rows)]


def pointer(array, offset):
    """The rest of a C-contiguous array from element `offset` on, all axes as one."""
    flat = array.reshape(-1)
    return _part(flat, offset, len(flat) - offset)


def pointers(bundle):
    """The same NamedTuple with a pointer to the first element in place of each array."""
    if isinstance(bundle, np.ndarray):
        return pointer(bundle, 0)
    return type(bundle)(*map(pointers, bundle)) if isinstance(bundle, tuple) else bundle


def advance(p, offset):
    """The rest of the memory, `offset` elements on; there is nothing to read behind its end."""
    return _part(p, min(offset, len(p)), max(0, len(p) - offset))


def reinterpreted(p, dtype):
    """The same memory as numbers of another dtype."""
    return p.view(dtype)


def lanes_at(p):
    """How many of the numbers that p points to one register holds."""
    return lanes(p.itemsize)


def item(p, offset):
    """One element; a float64 as Python's float, which doesn't widen the float32 it meets."""
    number = _part(p, offset, 1)[0]
    return float(number) if p.dtype == np.float64 else number


def set_item(p, offset, value):
    """Write one element."""
    _part(p, offset, 1)[0] = value


def prefetch(p, offset):
    """Ask for a cache line: nothing to do here."""


def splat(number):
    """A vector with `number` in every lane."""
    return np.full(lanes(np.asarray(number).itemsize), number)


def nonzero_bits(p, offset):
    """An integer whose bit k is 1 where p[offset + k] is not 0, for k below BITS; NaN is not 0."""
    return _bits(_part(p, offset, BITS) != 0)


def append_positions(p, q, bits, start, width):
    """Write (start + k) // width for each bit k that is 1, in order, from p[q] on; the next q."""
    positions = [(start + k) // width for k in range(BITS) if bits >> k & 1]
    _part(p, q, len(positions))[:] = positions
    return q + len(positions)


def line_at(p):
    """How many of the numbers that p points to one cache line holds."""
    return LINE_BYTES // p.dtype.itemsize


def zeros(p):
    """A vector of zeros, of the dtype that p points to."""
    return np.zeros(lanes_at(p), p.dtype)


def load(p, offset):
    """The vector from element `offset` on."""
    return _part(p, offset, lanes_at(p)).copy()


def load_as(p, source, offset):
    """As many numbers of `source` as make a vector of the dtype that p points to, converted."""
    return _part(source, offset, lanes_at(p)).astype(p.dtype)


def load_first_as(p, source, offset, n):
    """The same of the first n of them; the rest is 0, and is not read."""
    vector, n = np.zeros(lanes_at(p), p.dtype), min(n, lanes_at(p))
    if n > 0:
        vector[:n] = _part(source, offset, n)
    return vector


def store(p, offset, vector):
    """Write a vector from element `offset` on."""
    _part(p, offset, lanes_at(p))[:] = vector


def load_tile(rows, vectors, p, stride):
    """A tile of `rows` x `vectors` registers; its rows lie `stride` elements apart."""
    return np.stack(_tile_rows(rows, vectors * lanes_at(p), p, stride))


def zero_tile(rows, vectors, p):
    """A tile of zeros, of the dtype that `p` points to."""
    return np.zeros((rows, vectors * lanes_at(p)), p.dtype)


def store_tile(tile, p, stride):
    """Write a tile; its rows lie `stride` elements apart."""
    for row, values in zip(_tile_rows(*tile.shape, p, stride), tile, strict=True):
        row[:] = values


def copy_items(count, source, target):
    """target[:count] = source[:count]."""
    _part(target, 0, count)[:] = _part(source, 0, count)


def load_square(p, stride):
    """A square tile, as many rows of one vector as it has lanes; rows lie `stride` apart."""
    return load_tile(lanes_at(p), 1, p, stride)


def transposed(tile):
    """A square tile, transposed."""
    return tile.T.copy()


def add_outer_product(tile, column, stride, row):
    """tile[i, :] + column[i * stride] * row[:]: one term of a matrix product's sum."""
    rows, width = tile.shape
    left = np.array([item(column, i * stride) for i in range(rows)])
    with np.errstate(all="ignore"):  # rows of padding may hold anything
        return tile + np.outer(left, _part(row, 0, width))


def uniforms(p, position, key, second_key):
    """A vector of numbers in (0, 1), of p's dtype: a hash of each lane's place."""

    def mixed(x):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
        return x ^ (x >> np.uint32(16))

    places = (int(position) + int(key) + np.arange(lanes_at(p))) & 0xFFFFFFFF
    x = mixed(mixed(places.astype(np.uint32)) ^ np.uint32(second_key))
    return (((x >> np.uint32(9)) + 0.5) * 2.0**-23).astype(p.dtype)


def fma(a, b, c):
    """a * b + c."""
    return a * b + c


def where_positive(condition, a, b):
    """A where condition > 0, else b (also where condition is NaN)."""
    return np.where(condition > 0, a, b).astype(condition.dtype)


def power_of_two(n):
    """2**n for whole n that give a normal number."""
    return np.exp2(n)


def itemsize(block):
    """Bytes a number: 4 or 8."""
    return block.itemsize


def keep_lanes(vector, n, other):
    """The vector's first n lanes; `other` in the rest."""
    return np.where(np.arange(len(vector)) < n, vector, other).astype(vector.dtype)


def _bits(flags):
    return sum(int(flag) << k for k, flag in enumerate(flags))


def above_bits(a, b):
    """An integer whose bit k is 1 where lane k of a, or a number a, is above that of b."""
    return _bits(a > b)


def at_least_bits(a, b):
    """The same where it is above or equal; NaN is neither."""
    return _bits(a >= b)


def first_bit(bits):
    """Which bit of an integer that isn't 0 is the lowest one set."""
    return (int(bits) & -int(bits)).bit_length() - 1


def sum_lanes(vector):
    """The sum of a vector's lanes, added pairwise, as a number."""
    while len(vector) > 1:
        half = len(vector) // 2
        vector = vector[:half] + vector[half:]
    return vector[0]


def max_lanes(vector):
    """The largest of a vector's lanes, none of which is NaN, as a number."""
    return vector.max()
