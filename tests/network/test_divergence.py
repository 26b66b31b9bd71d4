"""DivergenceError: what it says, and that nothing good is lost."""

import math
import signal

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn import training
from fastnn.engine import Engine

X, LABELS = labelled(60)


def explosive(**options):
    """No sigmoid keeps this network's outputs small."""
    settings = {"activation": "relu", "cost": "quadratic", "seed": 0, "dtype": "float32"}
    return fastnn.Network([5, 4, 3], **{**settings, **options})


def diverge(net, x=X, **settings):
    with pytest.raises(fastnn.DivergenceError) as caught:
        net.fit(x, LABELS, **settings)
    return caught.value


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_a_learning_rate_that_is_too_large(activation, optimizer, dtype):
    net = explosive(activation=activation, dtype=dtype)
    before = [w.copy() for w in (*net.weights, *net.biases)]
    error = diverge(net, learning_rate=30.0, optimizer=optimizer, epochs=30)
    assert isinstance(error, ArithmeticError)
    assert error.epoch == 1
    assert 1 <= error.update <= 6
    assert error.layer in (1, 2)
    assert error.cause == "learning rate"
    assert error.data_cost is error.penalty is None
    assert error.last_norms[error.layer - 1] > 1e3 * error.weights.weight_norms[error.layer - 1]
    assert all(map(math.isfinite, error.last_norms))
    for part in ("in epoch 1, at update ", "of 6", "a learning rate, 30,", f"layer {error.layer}"):
        assert part in str(error)
    for got, kept in zip([*net.weights, *net.biases], before, strict=True):
        np.testing.assert_array_equal(got, kept)
    assert net.history.epoch == []


def rate_that_rises(net, good_epochs, **settings):
    """Some good epochs, then one with a weight so large that the next update explodes."""

    def spoil(net, epoch):
        if epoch.epoch == good_epochs:
            net.weights[0] = np.full((4, 5), 1e25)
            spoil.net = everything(net)["arrays"]

    return diverge(
        net, learning_rate=0.01, epochs=9, batch_size=10, callbacks=spoil, **settings
    ), spoil.net


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "adamw"])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
def test_good_epochs_and_the_optimizers_memory_are_kept(zeros, optimizer):
    x = X.copy()
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    net = explosive()
    error, before = rate_that_rises(net, 2, x=x, optimizer=optimizer, l2=0.1)
    assert error.epoch == 3
    assert net.history.epoch == [1, 2]
    assert error.data_cost == net.history.data_cost[-1]
    assert error.penalty == net.history.penalty[-1]
    assert f"a data cost of {error.data_cost:.4g}" in str(error)
    assert everything(net)["arrays"] == before
    assert error.weights.weight_norms == net.evaluate(x, LABELS).weight_norms
    net.weights[0] /= 1e25
    net.fit(x, LABELS, learning_rate=0.01, epochs=1, optimizer=optimizer)
    assert net.history.epoch == [1, 2, 3]


def test_the_update_is_found_though_an_epoch_is_one_call():
    """Compared with fits of fewer and fewer rows, the last of which diverges no more."""
    net = explosive(seed=3)
    order = np.random.default_rng(3)
    order.standard_normal(4 + 3 + 4 * 5 + 3 * 4)  # the initial parameters
    rows = order.permutation(60)
    error = diverge(net, learning_rate=6.0, batch_size=4, epochs=1)
    assert 1 < error.update < 15

    def survives(updates):
        twin, chosen = explosive(seed=3), rows[: 4 * updates]
        try:
            for k in range(0, len(chosen), 4):  # one update a fit, with the rows in order
                twin.fit(X[chosen[k : k + 4]], LABELS[chosen[k : k + 4]],
                         learning_rate=6.0, batch_size=4, epochs=1)  # fmt: skip
        except fastnn.DivergenceError:
            return None
        return twin

    assert survives(error.update) is None
    last = survives(error.update - 1)
    norms = last.evaluate(X, LABELS).weight_norms
    assert [f"{norm:.2g}" for norm in error.last_norms] == [f"{norm:.2g}" for norm in norms]


def test_the_update_is_found_in_weighted_rows():
    """Rows that count c times, at eta / c, are the same training: c is a power of two."""
    c, settings = 2.0**10, {"batch_size": 4, "epochs": 1}
    plain = diverge(explosive(seed=3), learning_rate=6.0, **settings)
    weighted = diverge(
        explosive(seed=3), learning_rate=6.0 / c, sample_weight=np.full(60, c), **settings
    )
    assert weighted.update == plain.update < 15
    assert weighted.last_norms == plain.last_norms


def test_pieces_of_an_epoch(monkeypatch):
    """Training stops at once, not at the end of the epoch."""
    monkeypatch.setattr(training, "_PIECE_WORK", 1)
    calls = []
    error = diverge(
        explosive(), learning_rate=30.0, batch_size=2, on_progress=lambda *a: calls.append(a)
    )
    assert len(calls) < error.update < 30


def test_a_penalty_that_explodes():
    net = small()
    settings = {"l2": 6e3, "learning_rate": 0.5, "epochs": 400, "check_regularization": False}
    error = diverge(net, **settings)
    assert error.cause == "penalty"
    assert "decay factor 1 - eta l2 / n = -49 is below 0" in str(error)
    assert error.epoch == net.history.epoch[-1] + 1
    assert np.isfinite(net.history.penalty).all()
    assert np.isfinite(net.weights[0]).all()


def test_inputs_that_are_too_large():
    error = diverge(explosive(), x=X * 1e6, learning_rate=0.5)
    assert error.cause == "data"
    assert f"inputs of up to {np.abs(X * 1e6).max():.4g}, which are best scaled" in str(error)


def test_a_function_of_the_users_without_a_value():
    """The logarithm of a negative z is NaN, whatever the learning rate."""
    log = fastnn.UserActivation(lambda z: np.log(z), lambda z: 1 / z, name="log")
    error = diverge(explosive(activation=log), learning_rate=0.01)
    assert error.cause == "function"
    assert error.update == 1
    assert "a function of the user's where it has no value" in str(error)


def test_weights_that_nobody_reads_are_looked_at():
    """All rows are right of a dead neuron's kink: the cost stays finite."""
    net = fastnn.Network([1, 1, 1], activation="relu", cost="quadratic", seed=0)
    net.weights, net.biases = [[[3e38]], [[0.0]]], [[[-3e38]], [[0.0]]]
    settings = {"l2": 5.0, "learning_rate": 2.0, "check_regularization": False, "epochs": 1}
    with pytest.raises(fastnn.DivergenceError) as caught:
        net.fit(np.full((2, 1), 0.5), np.zeros((2, 1)), batch_size=1, **settings)
    assert (caught.value.layer, caught.value.cause) == (1, "penalty")


def test_a_training_that_is_well_is_not_changed():
    net, twin = small(), small()
    net.fit(X, LABELS, epochs=4)
    for _ in range(4):
        twin.fit(X, LABELS, epochs=1)
    assert same_bits(net, twin)
    assert_close(net.history.data_cost, twin.history.data_cost)


def test_interrupted_while_it_looks_for_the_place(monkeypatch):
    net, calls, figures = explosive(), [], Engine.figures
    before = everything(net)["arrays"]

    def interrupt(*arguments):
        calls.append(arguments)
        if len(calls) == 5:  # some updates are done once more by then
            signal.raise_signal(signal.SIGINT)
        return figures(*arguments)

    monkeypatch.setattr(Engine, "figures", interrupt)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, LABELS, learning_rate=30.0)
    assert everything(net)["arrays"] == before
