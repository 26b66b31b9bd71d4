"""The two halves of the inputs: where they meet, and that nothing is lost between them."""

import numpy as np
import pytest
from tolerance import assert_close
from ways import Fixed

from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.engine.inputs import Inputs
from fastnn.engine.strategy import DENSE, Strategy, work_of
from fastnn.layout.layers import INPUT_GROUP

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
    halved = Inputs(x, "float32").nonzeros_in_halves(10)
    before = np.count_nonzero(x[:, : halved.middle], axis=1)
    np.testing.assert_array_equal(halved.middles - halved.starts[:-1], before)


@pytest.mark.parametrize("columns", [range(INPUTS), range(10), range(25, 40)])
def test_halves_have_as_many_nonzeros(columns):
    x = sparse_rows(np.array(columns))
    halved = Inputs(x, "float32").nonzeros_in_halves(10)
    of_column = np.count_nonzero(x, axis=0)
    first = of_column[: halved.middle].sum()
    assert abs(2 * first - of_column.sum()) <= 2 * of_column.max()


def test_updates_of_all_weights_count_too():
    x = sparse_rows(np.arange(10))
    inputs, columns = Inputs(x, "float32"), INPUTS // INPUT_GROUP
    cheap, dear = (inputs.groups_in_halves(10, update).middle for update in (0.1, 1000.0))
    assert cheap <= 10 // INPUT_GROUP
    assert abs(dear - columns / 2) <= 1


@pytest.mark.parametrize("columns", [[0], [INPUTS - 1], [0, INPUTS - 1], []])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("l1", [0.0, 0.5])
def test_a_half_without_nonzeros(l1, optimizer, columns):
    """As on all inputs, and the same bits for any number of threads."""
    x = sparse_rows(np.array(columns, int), "float64")
    y = np.eye(3)[np.arange(ROWS) % 3]
    rule = UpdateRule(10, 0.05, l1, 2.0, ROWS, optimizer, beta1=0.9, beta2=0.999, epsilon=1e-3)
    results = []
    for way, threads in ((DENSE, 1), (None, 1), (None, 2), (None, 5)):
        engine = Engine([INPUTS, 20, 3], ["tanh", "softmax"], "log-likelihood", "float64")
        for l, w in enumerate(engine.weights):
            w[...] = np.random.default_rng(l).standard_normal(w.shape)
        trainer = Trainer(engine, x, y, rule, max_threads=threads, strategy=Fixed(way))
        trainer.run(np.arange(ROWS), threads)
        trainer.finish_epoch()
        results.append(engine.parameters)
    dense, *sparse = results
    for parameters in sparse:
        assert parameters.tobytes() == sparse[0].tobytes()
    assert_close(sparse[0], dense)


EXTRAS = {
    "plain": {},
    "L1": {"l1": 0.5},
    "clipped": {"clip_norm": 0.1},
    "max-norm": {"max_norm": 0.5},
    "dropout": {"drop": [0.0, 0.5]},
    "input dropout": {"drop": [0.2, 0.0]},  # which inputs in halves don't have
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("settings", EXTRAS.values(), ids=EXTRAS)
@pytest.mark.parametrize("m", [1, 9])
@pytest.mark.filterwarnings("ignore:divide by zero")  # columns of padding, without the compiler
def test_dense_inputs_in_halves(m, settings, optimizer, dtype):
    """As in whole rows, and the same bits for any number of threads; 70 neurons are 3 units.

    Rows are bytes for float32, and floats for float64.
    """
    rng = np.random.default_rng(3)
    x = rng.integers(0, 256, (ROWS, INPUTS + 1)).astype(np.uint8 if dtype == "float32" else dtype)
    y = np.eye(3, dtype=dtype)[np.arange(ROWS) % 3]
    rule = UpdateRule(
        m, 0.05, settings.get("l1", 0.0), 2.0, ROWS, optimizer, beta1=0.9, beta2=0.999, epsilon=0.1
    )._replace(**settings)
    results = []
    for halves, threads in ((False, 1), (True, 1), (True, 2), (True, 3), (True, 6)):
        engine = Engine([INPUTS + 1, 70, 3], ["tanh", "softmax"], "log-likelihood", dtype, 1 / 255)
        for l, w in enumerate(engine.weights):
            w[...] = np.random.default_rng(l).standard_normal(w.shape)
        strategy = Fixed(DENSE, halves)
        trainer = Trainer(engine, x, y, rule, max_threads=threads, strategy=strategy)
        trainer.run(np.arange(22), threads)
        trainer.finish_epoch()
        results.append(engine.parameters)
    whole, *halved = results
    for parameters in halved:
        assert parameters.tobytes() == halved[0].tobytes()
    assert_close(halved[0], whole)
    differ = halved[0].tobytes() != whole.tobytes()  # by rounding: they were summed up in halves
    assert differ == ("drop" not in settings or settings["drop"][0] == 0)


@pytest.mark.parametrize(
    ("inputs", "m", "expected"), [(784, 10, True), (784, 128, False), (32, 10, False)]
)
def test_many_dense_inputs_and_few_rows_come_in_halves(inputs, m, expected):
    work = work_of([inputs, 30, 10], 1.0, m, "sgd", "float32")
    assert Strategy().shares_inputs(work) == expected
