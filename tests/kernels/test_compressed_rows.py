"""Layer 1 on non-zeros only, against the same training on all inputs."""

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from tolerance import assert_close
from twins import make_twins
from ways import Fixed

import fastnn.engine.engine
import fastnn.engine.trainer
from fastnn.engine import Engine, Trainer, UpdateRule, gradients
from fastnn.engine.arrays import raw_rows
from fastnn.engine.placed import as_rows
from fastnn.engine.strategy import DENSE, SORTED
from fastnn.kernels.layer1 import scaled
from fastnn.layout.rows import SPARE, Nonzeros
from fastnn.native.kernels import append_rows, restore

SMALL = KERNELS_ARE_INTERPRETED
OPTIMIZERS = {
    "sgd": {},
    "momentum": {"mu": 0.9},
    "nesterov": {"mu": 0.9},
    "rmsprop": {"beta2": 0.9, "epsilon": 1e-3},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3},
}


def zeros_and_values(rows, inputs, dtype, density=0.2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.random((rows, inputs)) * (rng.random((rows, inputs)) < density)
    x[0], x[1], x[:, -1] = 0, 1, 0  # a row of zeros, a full row, an input that is never there
    return x.astype(dtype)


@pytest.fixture
def made_rows(monkeypatch):
    """The rows that trainers made for their kernels."""
    made, make_rows = [], fastnn.engine.trainer.make_rows

    def recording(*arguments):
        made.append(make_rows(*arguments))
        return made[-1]

    monkeypatch.setattr(fastnn.engine.trainer, "make_rows", recording)
    return made


def trained(sparsely, x, sizes, rule, epochs=2, max_threads=1, cuts=1):
    """Parameters and figures after training on the rows' non-zeros, or on all inputs.

    sparsely: a way, or true for the most special one that the rule allows
    """
    rng = np.random.default_rng(1)
    engine = Engine(sizes, ["tanh"] * (len(sizes) - 2) + ["softmax"], "log-likelihood", x.dtype)
    for w in engine.weights:
        w[...] = rng.standard_normal(w.shape) / np.sqrt(w.shape[1])
    y = np.eye(sizes[-1], dtype=x.dtype)[rng.integers(0, sizes[-1], len(x))]
    strategy = Fixed(sparsely if sparsely else DENSE)
    trainer = Trainer(engine, x, y, rule, max_threads=max_threads, strategy=strategy)
    assert (trainer.way != DENSE) == bool(sparsely)
    figures = []
    for _ in range(epochs):
        trainer.start_epoch()
        for piece in np.array_split(rng.permutation(len(x)), cuts):
            trainer.run(piece, max_threads)
        trainer.finish_epoch()
        figures.append((trainer.cost_sum, trainer.correct))
    return engine.parameters, figures


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("l1", "l2"), [(0, 0), (0, 2), (0.5, 0), (0.5, 2)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_same_as_dense(optimizer, l1, l2, dtype):
    # 21, 7, 2 and 1 AVX-512 vectors of float32 wide: panels of every width.
    for sizes in ([50, 330, 4], [37, 100, 20, 3], [9, 17, 2], [30, 5]):
        x = zeros_and_values(43, sizes[0], dtype)
        eta = 0.1 if optimizer == "sgd" else 0.01
        rule = UpdateRule(10, eta, l1, l2, 43, optimizer, **OPTIMIZERS[optimizer])
        expected, dense_figures = trained(0, x, sizes, rule)
        got, figures = trained(2, x, sizes, rule)
        if optimizer in ("adam", "rmsprop"):
            # They divide by the gradient's own size: rounding of one near 0 matters.
            np.testing.assert_allclose(got, expected, atol=1e-3 if dtype == "float32" else 1e-9)
        else:
            assert_close(got, expected)
        assert_close(np.float32(figures), np.float32(dense_figures), scale=43)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("l1", "l2", "way"), [(0.0, 5.0, True), (0.05, 0.0, SORTED), (0.05, 5.0, SORTED)]
)
@pytest.mark.parametrize("proximal", [False, True])
def test_thousands_of_updates(l1, l2, way, proximal, dtype):
    epochs = 4 if SMALL else 200
    x = zeros_and_values(100, 40, dtype)
    rule = UpdateRule(4, 0.1, l1, l2, 100, proximal=proximal)
    expected, _ = trained(0, x, [40, 20, 3], rule, epochs)
    got, _ = trained(way, x, [40, 20, 3], rule, epochs)
    # A sub-gradient's step flips a weight's sign near 0: rounding may decide on which side it is.
    shrink = 0.0 if proximal else rule.eta * l1 / rule.n
    eps = 1e-4 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(got, expected, rtol=eps, atol=eps + 2 * shrink)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scale_that_would_underflow(dtype):
    """0.6 ** 2000 is 0 even in float64; the scale must be folded back long before."""
    epochs = 3 if SMALL else 80
    x = zeros_and_values(100, 40, dtype)
    rule = UpdateRule(4, 0.4, 0.0, 100.0, 100)
    assert 1 - rule.eta * rule.l2 / rule.n == 0.6
    expected, _ = trained(0, x, [40, 20, 3], rule, epochs)
    got, _ = trained(2, x, [40, 20, 3], rule, epochs)
    assert np.isfinite(got).all()
    assert_close(got, expected)


@pytest.mark.parametrize("l2", [250.0, 400.0])
def test_decay_to_nothing_or_beyond(l2):
    """A decay factor of 0 or -0.6 can't be divided by: the weights take it at once."""
    x = zeros_and_values(20, 12, "float64")
    rule = UpdateRule(4, 0.4, 0.0, l2, 100)
    expected, _ = trained(0, x, [12, 5, 3], rule)
    got, _ = trained(2, x, [12, 5, 3], rule)
    assert_close(got, expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_same_bits_however_an_epoch_is_cut_and_for_any_threads(optimizer):
    x = zeros_and_values(60, 50, "float32")
    rule = UpdateRule(10, 0.05, 0.0, 2.0, 60, optimizer, **OPTIMIZERS[optimizer])
    results = [
        trained(2, x, [50, 200, 3], rule, max_threads=threads, cuts=cuts)
        for threads, cuts in ((1, 1), (1, 6), (2, 3), (3, 1), (5, 2))
    ]
    for parameters, figures in results[1:]:
        assert parameters.tobytes() == results[0][0].tobytes()
        assert figures == results[0][1]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_full_rows_have_room_to_be_sorted(threads, made_rows):
    """Each thread may get all of a mini-batch's entries; without the compiler, each is checked."""
    x, y = np.random.default_rng(0).random((6, 13)) + 0.1, np.eye(3)[np.arange(6) % 3]
    rule, parameters = UpdateRule(3, 0.1, 0.0, 0.5, 6, "momentum", mu=0.5), []
    for most in (1, threads):
        engine = Engine([13, 9, 3], ["tanh", "softmax"], "log-likelihood", "float64")
        trainer = Trainer(engine, x, y, rule, max_threads=most, strategy=Fixed(SORTED))
        bins = made_rows.pop().bins
        assert bins.room == 3 * 4  # rows of 13 inputs have four groups
        assert bins.rows.shape == (most, 12)
        trainer.run(np.arange(6), most)
        parameters.append(engine.parameters.tobytes())
    assert parameters[0] == parameters[1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compress_and_restore(dtype):
    x = zeros_and_values(20, 30, dtype)
    starts = np.zeros(21, np.int64)
    columns = np.empty(x.size + SPARE, np.uint16)
    values = np.empty(x.size + SPARE, dtype)
    for first, last in ((0, 7), (7, 8), (8, 20)):
        one = x.dtype.type(1)
        piece = raw_rows(x[first:last])
        append_rows(as_rows(piece), 30, False, one, first, starts, columns, values)
    rows, expected_columns = np.nonzero(x)
    n = len(rows)
    np.testing.assert_array_equal(starts, np.searchsorted(rows, np.arange(21)))
    np.testing.assert_array_equal(columns[:n], expected_columns)
    np.testing.assert_array_equal(values[:n], x[rows, expected_columns])
    for first, last in ((0, 20), (3, 9)):
        restored = np.zeros_like(x[first:last])
        nonzeros = Nonzeros(starts, columns, values)
        restore(nonzeros, first, raw_rows(restored, written=True), 30)
        np.testing.assert_array_equal(restored, x[first:last])


def test_dense_rows_are_left_alone(made_rows):
    engine = Engine([8, 3], ["sigmoid"], "cross-entropy", "float32")
    x = np.ones((10, 8), "float32")
    trainer = Trainer(engine, x, np.zeros((10, 3), "float32"), UpdateRule(2, 0.1, 0.0, 0.0, 10))
    assert trainer.way == DENSE
    assert np.shares_memory(made_rows.pop().dense.x.start, x)
    assert scaled.SMALLEST_SCALE > 1e-30


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [1, 5, 300])
def test_outputs_and_costs_of_sparse_rows(rows, dtype):
    for sizes in ([50, 330, 4], [37, 20, 3], [30, 5]):
        twins = make_twins(sizes, "tanh", "softmax", "log-likelihood", dtype, rows)
        twins.x *= np.random.default_rng(3).random(twins.x.shape) < 0.2
        assert_close(twins.engine.outputs(twins.x), twins.reference.feedforward(twins.x))
        cost_sum, _ = twins.engine.evaluate(twins.x, twins.y)
        expected = twins.reference.data_costs(twins.x, twins.y).sum()
        assert_close(np.asarray(cost_sum, dtype), expected, scale=rows)
        for got, expected in zip(
            sum(gradients(twins.engine, twins.x, twins.y), []),
            sum(twins.reference.gradients(twins.x, twins.y), []),
            strict=True,
        ):
            assert_close(got, expected, scale=rows)


@pytest.mark.parametrize("density", [0.1, 0.9])
def test_outputs_are_the_same_bits_on_all_cores_and_on_one(density, monkeypatch):
    twins = make_twins([40, 30, 4], "tanh", "softmax", "log-likelihood", "float32", 1000)
    twins.x *= np.random.default_rng(3).random(twins.x.shape) < density
    results = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(fastnn.engine.engine, "available_cores", lambda cores=cores: cores)
        monkeypatch.setattr(fastnn.engine.engine, "_WORTH_THREADS", 0.0)
        results.append((twins.engine.outputs(twins.x), twins.engine.evaluate(twins.x, twins.y)))
    for outputs, evaluation in results[1:]:
        np.testing.assert_array_equal(outputs, results[0][0])
        assert evaluation == results[0][1]
