"""How arguments name a specialization, and how they come in a block."""

import struct
from typing import Any, NamedTuple

import numpy as np
import pytest

from fastnn.native.keys import flatten


class Pair(NamedTuple):
    first: Any
    second: Any


def test_keys_are_types_and_blocks_are_values():
    a, b = np.arange(3.0), np.arange(4, dtype=np.uint16)
    flat = flatten((a, Pair(b, np.float32(1.5)), 7, 0.25, True))
    assert flat.keys == ["f8*", "Pair(u2*,f4)", "i8", "f8", "b1"]
    block = flat.pack()
    assert len(block) == 6 * 8
    assert struct.unpack("=qqf4xqdq", block) == (a.ctypes.data, b.ctypes.data, 1.5, 7, 0.25, 1)


@pytest.mark.parametrize(
    "number", [np.int64(3), 3, np.float64(2.0), 2.0, np.bool_(True), False, np.float32(0.5)]
)
def test_numbers_of_numpy_are_as_pythons(number):
    (key,) = flatten((number,)).keys
    plain = number.item() if isinstance(number, np.generic) else number
    assert key == ("f4" if type(number) is np.float32 else flatten((plain,)).keys[0])


@pytest.mark.parametrize(
    "argument",
    [np.zeros((4, 4))[:, 1], np.zeros(3, np.complex128), np.zeros(2, ">f8"), "text", None, [1]],
)
def test_what_kernels_do_not_take_is_refused(argument):
    with pytest.raises(TypeError, match="expected"):
        flatten((argument,))
