"""Rows that name a class by a label: the same bits as by a row of ones and zeros."""

import numpy as np
import pytest
from jitted import kernel
from tolerance import assert_close
from twins import make_twins

from fastnn.engine import Counting, OneHot, Trainer, UpdateRule, gradients, targets
from fastnn.engine.targets import as_kernels_take
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import lanes, pointer
from fastnn.kernels.targets import target_rows, targets_from
from fastnn.layout.training import Targets

CLASSES = [2, 3, 8, 16, 17, 40]  # of one register, of several, and whole ones
DTYPES = ["float32", "float64"]
ROWS = 150  # more than a block


def twins_of(classes, dtype, on=1.0, off=0.0, zeros=0.0):
    """Twins whose targets are rows, and the same targets as labels."""
    twins = make_twins([9, 21, classes], "tanh", "softmax", "log-likelihood", dtype, ROWS)
    twins.x[np.random.default_rng(1).random(twins.x.shape) < zeros] = 0
    labels = twins.y.argmax(axis=1).astype(np.int32)
    twins.y = np.where(twins.y == 1, on, off).astype(dtype)
    return twins, OneHot(labels, classes, twins.y.dtype, on, off)


@kernel
def run(targets, n, first, order, start, m, target):
    rows = Matrix(pointer(target, 0), target.shape[1], m, n)
    labels = pointer(targets.labels, 0)
    y = Targets(pointer(targets.rows, 0), labels, targets.labelled, targets.on, targets.off)
    target_rows(targets_from(y, n, first), pointer(order, start), rows)


@pytest.mark.parametrize("n", CLASSES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("labelled", [True, False], ids=["labels", "rows"])
def test_target_rows_are_made_whole(n, dtype, labelled):
    """All of each is written, its padding with zeros, whatever was there before; nothing else."""
    labels = np.random.default_rng(n).integers(0, n, 9).astype(np.int32)
    labels[[2, 3]] = 0, n - 1
    whole = np.where(np.eye(n)[labels] == 1, 0.9, 0.05).astype(dtype)
    y = OneHot(labels, n, np.dtype(dtype), 0.9, 0.05) if labelled else whole
    unit, order, first = lanes(np.dtype(dtype).itemsize), np.array([3, 0, 1, 5, 0]), 2
    target = np.full((6, -(-n // unit) * unit), np.nan, dtype)
    run(as_kernels_take(y, dtype), n, first, order, 1, 4, target)
    np.testing.assert_array_equal(target[:4, :n], whole[first + order[1:]])
    assert (target[:4, n:] == 0).all()
    assert np.isnan(target[4:]).all()


@pytest.mark.parametrize("smoothing", [(1.0, 0.0), (0.8, 0.05)], ids=["plain", "smoothed"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", CLASSES)
def test_labels_agree_with_the_reference(classes, dtype, smoothing):
    """Outputs, costs, gradients and a training with a short last mini-batch."""
    twins, y = twins_of(classes, dtype, *smoothing)
    reference, order = twins.reference, np.random.default_rng(1).permutation(ROWS)
    if smoothing == (1.0, 0.0):
        twins.y = y.labels  # which the reference takes as well
    costs = reference.data_costs(twins.x, twins.y)
    cost_sum, correct = twins.engine.evaluate(twins.x, y)
    assert_close(np.asarray(cost_sum, dtype), costs.sum(), scale=len(costs))
    assert correct == (reference.feedforward(twins.x).argmax(axis=1) == y.labels).sum()
    for got, expected in zip(
        sum(gradients(twins.engine, twins.x, y), []),
        sum(reference.gradients(twins.x, twins.y), []),
        strict=True,
    ):
        assert_close(got, expected, scale=ROWS)
    trainer = Trainer(twins.engine, twins.x, y, UpdateRule(19, 0.1, 0.2, 0.5, ROWS))
    trainer.run(order)
    trainer.finish_epoch()
    reference.train(twins.x, twins.y, order, 19, 0.1, 0.2, 0.5, ROWS)
    twins.assert_same_parameters()


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smoothing", [(1.0, 0.0), (0.8, 0.05)], ids=["plain", "smoothed"])
def test_the_same_bits_as_rows(smoothing, dtype, zeros):
    """Weighted, for two threads, and from the middle of the data on."""
    results, weights = [], np.random.default_rng(2).random(ROWS)
    for form in ("rows", "labels"):
        twins, y = twins_of(10, dtype, *smoothing, zeros)
        y = twins.y if form == "rows" else y
        rule = UpdateRule(20, 0.3, 0.0, 0.1, ROWS)
        trainer = Trainer(twins.engine, twins.x, y, rule, max_threads=2, counting=Counting(weights))
        trainer.run(np.arange(ROWS)[:60], 2)
        trainer.run(np.arange(ROWS)[60:], 1)
        trainer.finish_epoch()
        nabla = sum(gradients(twins.engine, twins.x[70:], y[np.arange(70, ROWS)]), [])
        results.append(
            (
                twins.engine.parameters.tobytes(),
                trainer.cost_sum,
                trainer.correct,
                twins.engine.evaluate(twins.x, y, row_weights=weights),
                [n.tobytes() for n in nabla],
            )
        )
    assert results[0] == results[1]
    assert 0 < results[0][2] < ROWS


def test_labels_are_the_matrix_that_they_stand_for():
    """In pieces of any size, and some of the rows."""
    labels = np.array([2, 0, 1, 2, 2], np.int32)
    y = OneHot(labels, 3, np.dtype("float32"), 0.5, 0.25)
    matrix = np.where(np.eye(3)[labels] == 1, 0.5, 0.25).astype("float32")
    for numbers in (1, 6, 7, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(targets, "_PIECE", numbers)
            pieces = list(y.pieces())
        assert len(pieces) == {1: 5, 6: 3, 7: 3, 100: 1}[numbers]
        np.testing.assert_array_equal(np.concatenate(pieces), matrix)
        assert all(piece.dtype == "float32" for piece in pieces)
    assert (len(y), y.shape) == (5, (5, 3))
    rows = np.array([3, 1])
    np.testing.assert_array_equal(next(y[rows].pieces()), matrix[rows])
