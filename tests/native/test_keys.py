"""How arguments name a specialization, and how they come in a block."""

import struct
from typing import Any, NamedTuple

import numpy as np
import pytest

from fastnn.native.keys import flatten, keys_of, packing


class Pair(NamedTuple):
    first: Any
    second: Any


def key_and_block(*arguments):
    kinds, values = [], []
    flatten(arguments, kinds, values)
    return keys_of(kinds), packing(kinds).pack(*values)


def test_keys_are_types_and_blocks_are_values():
    a, b = np.arange(3.0), np.arange(4, dtype=np.uint16)
    key, block = key_and_block(a, Pair(b, Pair(np.float32(1.5), 7)), 0.25, True)
    assert key == "f8*,Pair(u2*,Pair(f4,i8)),f8,b1"
    assert struct.unpack("=qqf4xqdq", block) == (a.ctypes.data, b.ctypes.data, 1.5, 7, 0.25, 1)


@pytest.mark.parametrize(
    "number", [np.int64(3), 3, np.float64(2.0), 2.0, np.bool_(True), False, np.float32(0.5)]
)
def test_numbers_of_numpy_are_as_pythons(number):
    plain = number.item() if isinstance(number, np.generic) else number
    expected = "f4" if type(number) is np.float32 else key_and_block(plain)[0]
    assert key_and_block(number)[0] == expected


@pytest.mark.parametrize(
    "argument",
    [np.zeros((4, 4))[:, 1], np.zeros(3, np.complex128), np.zeros(2, ">f8"), "text", None, [1]],
)
def test_what_kernels_do_not_take_is_refused(argument):
    with pytest.raises(TypeError, match="expected"):
        key_and_block(argument)


def test_addresses_are_those_of_the_first_element():
    base = np.arange(20.0)
    for array in (base, base[3:], base.reshape(4, 5)[2:], np.empty((0, 4)), base.view()):
        assert struct.unpack("=q", key_and_block(array)[1]) == (array.ctypes.data,)
