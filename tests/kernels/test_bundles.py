"""Bundles of arrays as pointers."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import njit
from numba.core import config
from numba.core.errors import TypingError

from fastnn.kernels.layout import Functions, layers_of, plan_layers
from fastnn.kernels.simd import item, pointer, pointers, set_item


class Inner(NamedTuple):
    x: Any
    y: Any


class Outer(NamedTuple):
    number: float
    inner: Inner
    nothing: None
    z: Any


@njit
def run(bundle, out):
    p, q = pointers(bundle), pointers(Inner(out, out))
    set_item(q.x, 0, item(p.inner.x, 1))
    set_item(q.x, 1, item(p.inner.y, 4))  # of the second row
    set_item(q.y, 2, float(item(p.z, 2)) + p.number)
    return p.nothing


def test_arrays_become_pointers_wherever_they_are():
    rows = np.arange(6.0).reshape(2, 3)
    rows.flags.writeable = False
    bundle = Outer(0.5, Inner(np.float64([1, 2]), rows), None, np.int64([7, 8, 9]))
    out = np.zeros(3)
    assert run(bundle, out) is None
    assert out.tolist() == [2.0, 4.0, 9.5]


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_arrays_with_gaps_have_no_pointer():
    with pytest.raises(TypingError):
        run(
            Outer(0.5, Inner(np.zeros(9)[::2], np.zeros(6)), None, np.zeros(3, np.int64)),
            np.zeros(3),
        )


def test_layers_have_the_rows_of_their_table():
    plan = plan_layers([5, 4, 3], Functions([1, 0], [True, False], [0, 9], 2, [7, 8]), "float32", 3)

    @njit
    def first_and_last(table):
        layers = layers_of(pointer(table, 0))
        return (
            layers.last,
            item(layers.sizes, 0),
            item(layers.sizes, 2),
            item(layers.b, 1),
            item(layers.functions, 2),
            item(layers.cost, 0),
            item(layers.cost_functions, 1),
        )

    assert first_and_last(plan.table) == (2, 5, 3, plan.layers.b[1], 9, 2, 8)
