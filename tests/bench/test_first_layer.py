"""Costs of layer 1's ways are found again in figures that they made."""

import numpy as np
import pytest

from bench import first_layer
from fastnn.engine.strategy import Costs, Work, estimates

TRUE = Costs(0.5, 1.0, 3.0, 0.3, 0.6, 1.5, 1.2, 0.9, 1.1, 1.3, 7.0)


def cell(ways, density, vectors, m, optimizer):
    work = Work(density, 784, vectors, 32, m, optimizer)
    rest = 300 + 20 * vectors + (400 + 30 * vectors) / m
    nanoseconds = {way: figure + rest for way, figure in estimates(work, TRUE).items()}
    return first_layer.Cell(work, {way: nanoseconds[way] / 1000 for way in ways})


@pytest.fixture(scope="module")
def cells():
    return [
        cell(ways, density, vectors, m, name.split(",")[0])
        for name, ways in first_layer.WAYS.items()
        for density in first_layer.DENSITIES
        for vectors in (1, 2, 4, 13, 32, 100)
        for m in first_layer.BATCHES
    ]


def test_costs_are_found_again(cells):
    np.testing.assert_allclose(first_layer.fitted(cells), TRUE, rtol=0.02)


def test_what_the_choice_loses(cells):
    assert max(each.loss(TRUE) for each in cells) == 0
    dear = TRUE._replace(product=1e6)
    for each in cells:
        fastest, others = min(each.figures.values()), list(each.figures.values())[1:]
        assert each.loss(dear) >= min(others) / fastest - 1
    assert max(each.loss(dear) for each in cells) > 0.1
