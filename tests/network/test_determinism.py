"""Same seed, same bits: of the weights and of every figure but the seconds."""

import numpy as np
import pytest
from samples import labelled, same_bits, small, without_seconds

import fastnn
from fastnn.training import pieces

DTYPES = ["float32", "float64"]


def trained(seed=5, dtype="float32", epochs=2, batch_size=4, l1=0.1, zeros=0.0, **options):
    x, labels = labelled(61)
    x[np.random.default_rng(8).random(x.shape) < zeros] = 0
    net = small(seed, dtype)
    net.fit(x, labels, epochs=epochs, batch_size=batch_size, l2=0.5, l1=l1, **options)
    return net


@pytest.mark.parametrize("dtype", DTYPES)
def test_same_seed_same_bits(dtype):
    one, other = trained(dtype=dtype), trained(dtype=dtype)
    assert same_bits(one, other)
    assert without_seconds(one.history) == without_seconds(other.history)


def test_another_seed_gives_another_network_and_another_order():
    x, labels = labelled(61)
    one, other = small(5), small(6)
    assert not same_bits(one, other)
    other.weights, other.biases = one.weights, one.biases
    assert same_bits(one, other)
    one.fit(x, labels, epochs=1)
    other.fit(x, labels, epochs=1)
    assert not same_bits(one, other)


def test_without_a_seed_each_network_is_another():
    assert not same_bits(small(None), small(None))


def test_numpys_global_seed_plays_no_role_and_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    one, state = trained(), np.random.get_state()[1].copy()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    other = trained()
    np.random.seed(0)  # noqa: NPY002
    assert same_bits(one, other)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("dtype", DTYPES)
def test_two_fits_of_an_epoch_are_one_fit_of_two(dtype):
    x, labels = labelled(61)
    together, apart = trained(dtype=dtype, epochs=2), trained(dtype=dtype, epochs=1)
    apart.fit(x, labels, epochs=1, batch_size=4, l2=0.5, l1=0.1)
    assert same_bits(together, apart)
    assert without_seconds(together.history) == without_seconds(apart.history)


def test_every_epoch_has_an_order_of_its_own():
    """Training two epochs isn't training twice in the order of the first."""
    x, labels = labelled(61)
    twice = trained(epochs=1)
    twice._state.rng = np.random.default_rng(5)
    small(5)  # draws as many numbers as these:
    for size in (4, 3, 20, 12):
        twice._state.rng.standard_normal(size)
    twice.fit(x, labels, epochs=1, batch_size=4, l2=0.5, l1=0.1)
    assert not same_bits(twice, trained(epochs=2))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("l1", [0.0, 0.1])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("piece_rows", [1, 8, 9, 60, 61])
def test_pieces_of_an_epoch_change_nothing(monkeypatch, piece_rows, zeros, l1, optimizer):
    settings = {"zeros": zeros, "l1": l1, "optimizer": optimizer}
    settings["n_threads"] = 1  # to try several, pieces are cut shorter
    whole = trained(**settings)
    weights = sum(w.size for w in whole.weights)
    monkeypatch.setattr(pieces, "_PIECE_WORK", piece_rows * pieces._row_work(weights, 4))
    calls = []
    cut = trained(callbacks=fastnn.Progress(lambda *rows: calls.append(rows)), **settings)
    step = max(4, piece_rows // 4 * 4)  # whole mini-batches
    assert calls == 2 * [(min(first + step, 61), 61) for first in range(0, 61, step)]
    assert same_bits(whole, cut)
    assert without_seconds(whole.history) == without_seconds(cut.history)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("l1", [0.0, 0.1])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("n_threads", [2, 3, None])
def test_the_number_of_threads_changes_nothing(monkeypatch, n_threads, zeros, l1, optimizer):
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)  # so that None tries all of them
    settings = {"zeros": zeros, "l1": l1, "optimizer": optimizer, "batch_size": 20}
    one, several = trained(n_threads=1, **settings), trained(n_threads=n_threads, **settings)
    assert same_bits(one, several)
    assert without_seconds(one.history) == without_seconds(several.history)


def test_validation_data_do_not_influence_training():
    xv, yv = labelled(40, seed=9)
    without, with_them = trained(), trained(validation_data=(xv, yv))
    assert same_bits(without, with_them)
    assert with_them.history.validation_accuracy[0] is not None
    for name in ("data_cost", "penalty", "accuracy"):
        assert with_them.history[name] == without.history[name]


def test_measuring_does_not_influence_training():
    x, labels = labelled(61)
    quiet, measured = small(), small()

    def measure(*_):
        measured.evaluate(x, labels)
        measured.gradients(x, labels)
        measured.predict(x)

    quiet.fit(x, labels, epochs=3)
    measured.fit(x, labels, epochs=3, callbacks=measure)
    assert same_bits(quiet, measured)


def test_another_network_in_between_leaves_no_trace():
    one, other = small(5), small(5)
    x, labels = labelled(61)
    one.fit(x, labels, epochs=1)
    fastnn.Network([5, 3], seed=5).fit(x, labels, epochs=1)
    other.fit(x, labels, epochs=1)
    assert same_bits(one, other)
