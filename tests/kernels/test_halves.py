"""The two halves of sparse inputs: where they meet, and that nothing is lost between them."""

import numpy as np
import pytest
from tolerance import assert_close

from fastnn import first_layer
from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.engine.halves import in_halves
from fastnn.engine.inputs import Inputs
from fastnn.kernels.layout import INPUT_GROUP

ROWS, INPUTS = 60, 40


def sparse_rows(columns, dtype="float32"):
    """Rows with non-zeros in some of these columns only."""
    rng = np.random.default_rng(2)
    x = np.zeros((ROWS, INPUTS), dtype)
    x[:, columns] = rng.random((ROWS, len(columns))) * (rng.random((ROWS, len(columns))) < 0.5)
    return x


@pytest.mark.parametrize("columns", [range(INPUTS), range(10), range(25, 40), [7], []])
def test_each_row_is_cut_where_its_second_half_begins(columns):
    x = sparse_rows(np.array(columns, int))
    halved = in_halves(Inputs(x, "float32").nonzeros, INPUTS, 10, 0)
    before = np.count_nonzero(x[:, : halved.middle], axis=1)
    np.testing.assert_array_equal(halved.middles - halved.starts[:-1], before)


@pytest.mark.parametrize("columns", [range(INPUTS), range(10), range(25, 40)])
def test_halves_have_as_many_nonzeros(columns):
    x = sparse_rows(np.array(columns))
    halved = in_halves(Inputs(x, "float32").nonzeros, INPUTS, 10, 0)
    of_column = np.count_nonzero(x, axis=0)
    first = of_column[: halved.middle].sum()
    assert abs(2 * first - of_column.sum()) <= 2 * of_column.max()


def test_updates_of_all_weights_count_too():
    x = sparse_rows(np.arange(10))
    groups, columns = Inputs(x, "float32").groups, INPUTS // INPUT_GROUP
    cheap, dear = (in_halves(groups, columns, 10, update).middle for update in (0.1, 1000.0))
    assert cheap <= 10 // INPUT_GROUP
    assert abs(dear - columns / 2) <= 1


@pytest.mark.parametrize("columns", [[0], [INPUTS - 1], [0, INPUTS - 1], []])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("l1", [0.0, 0.5])
def test_a_half_without_nonzeros(l1, optimizer, columns, monkeypatch):
    """As on all inputs, and the same bits for any number of threads."""
    x = sparse_rows(np.array(columns, int), "float64")
    y = np.eye(3)[np.arange(ROWS) % 3]
    rule = UpdateRule(10, 0.05, l1, 2.0, ROWS, optimizer, beta1=0.9, beta2=0.999, epsilon=1e-3)
    results = []
    for way, threads in ((0, 1), (-1, 1), (-1, 2), (-1, 5)):
        monkeypatch.setattr(first_layer, "fastest", lambda ways, *_, way=way: ways[way])
        engine = Engine([INPUTS, 20, 3], ["tanh", "softmax"], "log-likelihood", "float64")
        for l, w in enumerate(engine.weights):
            w[...] = np.random.default_rng(l).standard_normal(w.shape)
        trainer = Trainer(engine, x, y, rule, max_threads=threads)
        trainer.run(np.arange(ROWS), threads)
        trainer.finish_epoch()
        results.append(engine.parameters)
    dense, *sparse = results
    for parameters in sparse:
        assert parameters.tobytes() == sparse[0].tobytes()
    assert_close(sparse[0], dense)
