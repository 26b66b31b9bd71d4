"""Layers as kernels find them in the table of a plan."""

from jitted import kernel

from fastnn.kernels.layer import layers_of
from fastnn.kernels.simd import item, pointer
from fastnn.layout.layers import Functions, plan_layers


def test_layers_have_the_rows_of_their_table():
    plan = plan_layers([5, 4, 3], Functions([1, 0], [True, False], [0, 9], 2, [7, 8]), "float32", 3)

    @kernel
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
