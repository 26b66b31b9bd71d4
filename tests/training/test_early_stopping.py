"""fastnn.EarlyStopping: when it stops, what the network is then."""

import copy
import math

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small

import fastnn
from fastnn.training.monitoring import Course

X, LABELS = labelled()
VALIDATION = labelled(11, seed=3)
NO_CLASSES = np.random.default_rng(0).random((23, 3))


def epochs(*costs):
    return [fastnn.Epoch(i + 5, 0.1, cost, 0.0, None) for i, cost in enumerate(costs)]


def stop(**options):
    return fastnn.EarlyStopping(**{"monitor": "data_cost", "patience": 2, **options})


@pytest.mark.parametrize(
    ("options", "costs", "stops", "best"),
    [
        ({}, [3, 2, 1], False, 2),
        ({}, [1, 2], False, 0),
        ({}, [1, 2, 3], True, 0),
        ({}, [3, 2, 2, 2], True, 1),  # the first of equals
        ({}, [1, 2, 0.5, 2], False, 2),
        ({"patience": 3}, [1, 2, 2], False, 0),
        ({"mode": "max"}, [1, 2, 3], False, 2),
        ({"mode": "max"}, [3, 2, 1], True, 0),
        ({"min_delta": 0.3}, [3, 2.8, 2.75], True, 2),  # too little to go on for, yet better
        ({"min_delta": 0.3}, [3, 2.8, 2.6], False, 2),
        ({}, [math.nan, 2, 3], False, 1),
        ({}, [2, math.nan, math.nan], True, 0),
        ({}, [math.nan, math.nan], True, None),
        ({}, [math.inf, math.inf], True, 0),
    ],
)
def test_the_rule(options, costs, stops, best):
    rule, past = stop(**options), epochs(*costs)
    assert rule.stops(past) == stops
    assert not any(rule.stops(past[:k]) for k in range(min(len(past), rule.patience)))
    assert rule.best(past) == best


def test_a_fit_looks_at_each_epoch_once(monkeypatch):
    """However many there are, an epoch's end takes no longer."""
    seen, follow = [], Course.follow

    def counted(self, epochs):
        seen.extend(range(len(self.since), len(epochs)))
        return follow(self, epochs)

    monkeypatch.setattr(Course, "follow", counted)
    small().fit(X, LABELS, epochs=7, callbacks=stop(patience=9))
    assert seen == list(range(7))


@pytest.fixture
def stopped():
    """A fit that stopped, and the parameters after each of its epochs."""
    net, seen = small(), []
    net.fit(X, LABELS, epochs=1)
    net.fit(
        X,
        LABELS,
        epochs=100,
        learning_rate=2.0,
        validation_data=VALIDATION,
        callbacks=[
            fastnn.EarlyStopping("validation_data_cost", patience=4),
            lambda net, _: seen.append(copy.deepcopy(net)),
        ],
    )
    return net, seen


def test_it_stops_and_restores_the_best_epoch(stopped):
    net, seen = stopped
    costs = net.history.validation_data_cost[1:]
    best = int(np.argmin(costs))
    assert len(costs) == best + 1 + 4 < 100
    assert net.history.best_epoch == best + 2  # one epoch went before
    assert same_bits(net, seen[best])
    assert not same_bits(net, seen[-1])
    assert net.evaluate(*VALIDATION).data_cost == costs[best]


def test_training_can_go_on_after_it(stopped):
    net, _ = stopped
    past = len(net.history.epoch)
    net.fit(X, LABELS, epochs=1)
    assert net.history.epoch[-1] == past + 1
    assert net.history.best_epoch is None


def test_the_best_epoch_is_kept_in_copies_and_files(stopped, tmp_path):
    net, _ = stopped
    net.save(tmp_path / "net.npz")
    for other in (copy.deepcopy(net), fastnn.load(tmp_path / "net.npz")):
        assert other.history == net.history
        assert other.history.best_epoch == net.history.best_epoch is not None


@pytest.mark.parametrize("epochs", [3, 100])
def test_without_restoring_it_ends_with_the_last_epoch(epochs):
    """It differs from a fit of so many epochs in nothing."""
    net, expected = small(), small()
    history = net.fit(
        X,
        LABELS,
        epochs=epochs,
        learning_rate=2.0,
        validation_data=VALIDATION,
        callbacks=fastnn.EarlyStopping("validation_data_cost", 4, restore_best=False),
    )
    expected.fit(X, LABELS, epochs=len(history.epoch), learning_rate=2.0)
    assert same_bits(net, expected)
    assert history.best_epoch == 1 + int(np.argmin(history.validation_data_cost))


def test_the_best_is_restored_when_the_epochs_run_out_or_a_callback_ends_them():
    for epochs, functions in ((4, []), (9, [lambda _, e: e.epoch == 4])):
        net, expected = small(), small()
        rule = fastnn.EarlyStopping("data_cost", patience=9, mode="max")
        net.fit(X, LABELS, epochs=epochs, callbacks=[*functions, rule])
        costs = net.history.data_cost
        assert len(costs) == 4
        expected.fit(X, LABELS, epochs=1 + int(np.argmax(costs)))
        assert same_bits(net, expected)
        assert net.history.best_epoch < 4


def test_after_an_exception_the_network_is_the_last_epochs():
    net, expected = small(), small()

    def fail(net, epoch):
        if epoch.epoch == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.fit(X, LABELS, callbacks=[stop(mode="max", patience=9), fail])
    expected.fit(X, LABELS, epochs=4)
    assert same_bits(net, expected)


def test_without_arguments_it_goes_by_the_validation_accuracy():
    net = small()
    rule = fastnn.EarlyStopping(patience=2)
    net.fit(X, LABELS, epochs=60, validation_data=VALIDATION, callbacks=rule)
    accuracies = net.history.validation_accuracy
    assert len(accuracies) < 60
    assert max(accuracies[-2:]) <= max(accuracies[:-2])


def test_where_it_stands_among_the_callbacks_changes_nothing():
    """Functions find the best epoch so far in the history, and the present one's parameters."""
    nets, seen = (small(), small()), []
    rule = fastnn.EarlyStopping("data_cost", patience=9, mode="max")
    for net, order in zip(nets, (1, -1), strict=True):
        callbacks = [rule, lambda net, epoch: seen.append((epoch.epoch, net.history.best_epoch))]
        net.fit(X, LABELS, epochs=5, callbacks=callbacks[::order])
    assert same_bits(*nets)
    assert seen[:5] == seen[5:] == [(k, nets[0].history.best_epoch) for k in range(1, 6)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": 0}, "patience: expected at least 1, got 0"),
        ({"patience": 1.5}, "patience: expected a whole number, got 1.5"),
        ({"min_delta": -1}, "min_delta: expected a finite number, 0 or more, got -1"),
        ({"mode": "larger"}, "mode: expected one of min, max; got 'larger'"),
        ({"monitor": "val_loss"}, "monitor: expected one of cost, seconds, .*; got 'val_loss'"),
        ({"monitor": "epoch"}, "monitor: expected one of"),
        ({"restore_best": 1}, "restore_best: expected True or False, got 1"),
    ],
)
def test_bad_rules_are_refused_at_once(options, message):
    with pytest.raises((TypeError, ValueError), match=f"^EarlyStopping: {message}"):
        fastnn.EarlyStopping(**options)


@pytest.mark.parametrize(
    ("rule", "options", "message"),
    [
        (
            stop(monitor="validation_accuracy"),
            {},
            "expected validation_data or .*, as it goes by validation_accuracy; got neither",
        ),
        (
            fastnn.EarlyStopping(),
            {"validation_data": (X, NO_CLASSES)},
            "expected targets that name classes, as it goes by validation_accuracy; got others, "
            "which have no accuracy: monitor='validation_data_cost' goes by the cost",
        ),
        (
            stop(monitor="accuracy"),
            {"y": NO_CLASSES},
            "expected targets that name classes, as it goes by accuracy; .* monitor='data_cost'",
        ),
    ],
)
def test_rules_that_fit_refuses(rule, options, message):
    net = small()
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=f"^EarlyStopping: {message}"):
        net.fit(**{"x": X, "y": LABELS, "callbacks": rule, **options})
    assert everything(net) == before
