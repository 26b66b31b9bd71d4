"""DivergenceError: what it says, and that nothing good is lost."""

import math
import signal

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn.engine import Engine
from fastnn.training import pieces

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
                twin.fit(
                    X[chosen[k : k + 4]],
                    LABELS[chosen[k : k + 4]],
                    learning_rate=6.0,
                    batch_size=4,
                    epochs=1,
                )
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
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    calls = []
    error = diverge(
        explosive(),
        learning_rate=30.0,
        batch_size=2,
        callbacks=fastnn.Progress(lambda *a: calls.append(a)),
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


def regression(**settings):
    """The error of relu neurons with one output; y has numbers of about 1 if nothing else."""
    net = fastnn.Network([5, 8, 1], "relu", "quadratic", seed=0)
    before = everything(net)["arrays"]
    x, y = settings.pop("x", X), settings.pop("y", X[:, 0])
    with pytest.raises(fastnn.DivergenceError) as caught:
        net.fit(x, y, **{"epochs": 40, **settings})
    assert everything(net)["arrays"] == before or net.history.epoch
    return caught.value


CAUSES = {
    "rate": ({"learning_rate": 50.0}, "learning rate", "a learning rate, 50, that is too large"),
    "inputs": ({"x": X * 1e4, "learning_rate": 0.05}, "data", "inputs of up to"),
    "targets": (
        {"y": 1e12 * X[:, 0], "learning_rate": 0.05},
        "targets",
        f"targets of up to {1e12 * np.abs(X[:, 0]).max():.4g}, which are best scaled to about 1; "
        "or a learning rate, 0.05, that is too large for them",
    ),
    "targets below 0": (
        {"y": -1e12 * np.abs(X[:, 0]), "learning_rate": 0.05},
        "targets",
        "targets of up to",
    ),
    "sample weights": (
        {"sample_weight": np.full(60, 1e6), "learning_rate": 0.05},
        "sample weights",
        "weights of rows of up to 1e+06, which multiply the learning rate: those of sample_weight",
    ),
    "large inputs beside large targets": (
        {"x": X * 1e8, "y": 1e4 * X[:, 0], "learning_rate": 0.05},
        "data",
        "inputs of up to",
    ),
}


@pytest.mark.parametrize(("settings", "cause", "told"), CAUSES.values(), ids=CAUSES)
def test_the_likely_cause(settings, cause, told):
    error = regression(**settings)
    assert error.cause == cause
    assert f"Likely cause: {told}" in str(error)


def test_class_weights_are_weights_of_rows():
    error = diverge(explosive(), class_weight={0: 1e7, 1: 1e7}, learning_rate=0.05, epochs=40)
    assert error.cause == "sample weights"


def test_labels_are_never_too_large():
    error = diverge(explosive(), learning_rate=30.0)
    assert error.cause == "learning rate"


def test_inputs_count_as_they_are_scaled():
    net = fastnn.Network([5, 4, 3], "relu", "quadratic", seed=0, input_scale=1e-6, dtype="float64")
    error = diverge(net, x=X * 1e6, learning_rate=30.0)
    assert error.cause == "learning rate"


def test_weights_that_the_user_made_too_large():
    net = explosive()
    net.weights = [1e15 * w for w in net.weights]
    error = diverge(net, learning_rate=0.01)
    assert error.cause == "weights"
    largest = np.abs(net.weights[0]).max()
    assert f"weights of the network of up to {largest:.4g} before its first upd" in str(error)


def test_weights_that_grew_in_this_fit_are_not_the_users():
    error, _ = rate_that_rises(explosive(), 2)
    assert max(error.weights.largest_weights) > 1e24
    assert error.cause == "learning rate"


def l1_diverges(**settings):
    """L1 takes all weights across 0 at each update, by more than float32 holds in the end."""
    settings = {"l1": 1e30, "learning_rate": 6e9, "check_regularization": False, **settings}
    return diverge(explosive(), **settings)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
def test_l1_that_explodes(optimizer):
    error = l1_diverges(optimizer=optimizer)
    assert error.cause == "penalty"
    largest = max(error.weights.largest_weights)
    assert (
        "Likely cause: the L1 penalty: eta l1 / n = 1e+38 is more than the largest weight, "
        f"{largest:.4g}"
    ) in str(error)


@pytest.mark.parametrize(
    "settings", [{"l1": fastnn.Proximal(1e30)}, {"optimizer": "adam", "learning_rate": 1e30}]
)
def test_l1_that_can_only_shrink_weights_is_not_the_cause(settings):
    """Proximal L1 stops at 0, and of a gradient Adam takes no more than its sign."""
    assert l1_diverges(**settings).cause != "penalty"
