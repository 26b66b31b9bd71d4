"""What the engine lets many trainings on the same rows share."""

import numpy as np
import pytest
from checked_rows import note_checks
from samples import labelled, same_bits, small

import fastnn
from fastnn import engine
from fastnn.engine import engine as engine_module
from fastnn.engine import inputs as inputs_module

X, LABELS = labelled(61)
SPARSE = X * (np.random.default_rng(1).random(X.shape) < 0.1)


def trained(x, **settings):
    net = small()
    net.fit(x, LABELS, epochs=2, l2=1.0, **settings)
    return net


@pytest.fixture
def compressed(monkeypatch):
    """The inputs that are compressed."""
    found, compress = [], engine.Inputs._compress

    def counted(inputs, **form):
        found.append(inputs)
        return compress(inputs, **form)

    monkeypatch.setattr(engine.Inputs, "_compress", counted)
    return found


def test_found_once_for_all_trainings(compressed):
    expected = trained(SPARSE)
    inputs = engine.Inputs(SPARSE, "float64")
    compressed.clear()
    with engine.share_inputs(inputs):
        assert same_bits(trained(SPARSE), expected)
        assert same_bits(trained(SPARSE.view()), expected)
        with engine.share_inputs(engine.Inputs(SPARSE, "float64")):
            trained(SPARSE)
        trained(SPARSE)
        assert len(compressed) == 1
        trained(SPARSE.copy())
        assert len(compressed) == 2
    trained(SPARSE)
    assert len(compressed) == 3


def test_of_another_dtype_are_not_taken(compressed):
    expected = trained(SPARSE)
    compressed.clear()
    with engine.share_inputs(engine.Inputs(SPARSE, "float32")):
        assert same_bits(trained(SPARSE), expected)
    assert len(compressed) == 1


def test_dense_rows_have_none(compressed):
    with engine.share_inputs(engine.Inputs(X, "float64")):
        trained(X)
    assert compressed == []


def test_halves_are_found_once_for_mini_batches_of_a_size(monkeypatch):
    found, in_halves = [], inputs_module._in_halves

    def counted(nonzeros, columns, m, update):
        found.append((m, update > 0))
        return in_halves(nonzeros, columns, m, update)

    monkeypatch.setattr(inputs_module, "_in_halves", counted)
    settings = [{"batch_size": 4}, {"batch_size": 7}, {"batch_size": 4, "optimizer": "adam"}] * 2
    expected = [trained(SPARSE, **each) for each in settings]
    found.clear()
    with engine.share_inputs(engine.Inputs(SPARSE, "float64")):
        nets = [trained(SPARSE, **each) for each in settings]
    assert all(map(same_bits, nets, expected))
    assert found == [(4, False), (7, False), (4, True)]


@pytest.fixture
def checked(monkeypatch):
    """The names of rows that are checked."""
    return note_checks(monkeypatch)


def test_shared_rows_are_not_checked_again(checked):
    with engine.share_inputs(engine.Inputs(SPARSE, "float64")):
        trained(SPARSE, validation_data=(SPARSE.copy(), LABELS))
    assert checked == ["validation x"]


def test_rows_for_another_network_are_checked(checked):
    """By their number of inputs, their dtype and how they lie in memory."""
    square, labels = SPARSE[:5], LABELS[:5]
    other = small(dtype="float32")
    turned, expected = small(), small()
    expected.fit(square.T.copy(), labels, epochs=1)
    checked.clear()
    with engine.share_inputs(engine.Inputs(square, "float64")):
        with pytest.raises(ValueError, match=r"x: expected shape \(rows, 4\), got \(5, 5\)"):
            fastnn.Network([4, 3]).fit(square, labels)
        other.fit(square, labels, epochs=1)
        turned.fit(square.T, labels, epochs=1)
    assert same_bits(turned, expected)
    assert checked == ["x"] * 3


@pytest.mark.parametrize(("n_threads", "most"), [(1, 1), (3, 3), (None, 7)])
def test_threads_of_an_evaluation(monkeypatch, n_threads, most):
    """Many networks at once take one core each, for their validation too."""
    sizes, run_team = [], engine_module.run_team

    def counted(kernel, size):
        sizes.append(size)
        return run_team(kernel, size)

    monkeypatch.setattr(engine_module, "run_team", counted)
    monkeypatch.setattr(engine_module, "available_cores", lambda: 7)
    monkeypatch.setattr(engine_module, "_WORTH_THREADS", 0.0)
    monkeypatch.setattr(engine_module, "BLOCK", 2)
    net = small()
    expected = net._engine.evaluate(X, np.eye(3)[LABELS], n_threads=1)
    sizes.clear()
    assert net._engine.evaluate(X, np.eye(3)[LABELS], n_threads=n_threads) == expected
    assert sizes == [most]


def test_threads_of_a_fit_hold_for_its_validation(monkeypatch):
    sizes, run_team = [], engine_module.run_team

    def counted(kernel, size):
        sizes.append(size)
        return run_team(kernel, size)

    monkeypatch.setattr(engine_module, "run_team", counted)
    monkeypatch.setattr(engine_module, "_WORTH_THREADS", 0.0)
    monkeypatch.setattr(engine_module, "available_cores", lambda: 7)
    x, y = np.tile(X, (5, 1)), np.tile(LABELS, 5)
    small().fit(x, y, epochs=1, validation_data=(x, y), n_threads=1)
    assert set(sizes) == {1}
    small().fit(x, y, epochs=1, validation_data=(x, y), n_threads=2)
    assert set(sizes) == {1, 2}
