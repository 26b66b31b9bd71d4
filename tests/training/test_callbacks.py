"""fit(callbacks=...) and fit(shuffle=...)."""

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, same_bits, small, without_seconds
from tolerance import assert_close

import fastnn

X, LABELS = labelled()


def test_callbacks_are_called_in_order_with_the_network_and_the_epoch():
    net, calls = small(), []
    net.fit(
        X,
        LABELS,
        epochs=2,
        callbacks=[
            lambda *arguments: calls.append(("one", *arguments)),
            lambda *arguments: calls.append(("two", *arguments)),
        ],
    )
    assert [call[0] for call in calls] == ["one", "two"] * 2
    assert all(call[1] is net for call in calls)
    assert [call[2].epoch for call in calls] == [1, 1, 2, 2]


@pytest.mark.parametrize("true", [True, np.True_])
def test_a_callback_that_returns_true_ends_the_training(true):
    """Exactly as a training that was asked for so many epochs, and the others are called."""
    net, expected, others = small(), small(), []
    callbacks = [
        lambda _, epoch: true if epoch.epoch == 2 else None,
        lambda _, epoch: others.append(epoch.epoch),
    ]
    history = net.fit(X, LABELS, epochs=9, callbacks=callbacks)
    expected.fit(X, LABELS, epochs=2)
    assert history.epoch == others == [1, 2]
    assert same_bits(net, expected)
    assert without_seconds(net.history) == without_seconds(expected.history)
    net.fit(X, LABELS, epochs=1)
    assert net.history.epoch == [1, 2, 3]


def test_behaviours_may_stand_anywhere_among_functions():
    calls = []
    callbacks = [
        fastnn.Progress(lambda done, rows: calls.append(("first", done, rows))),
        lambda _, epoch: calls.append(epoch.epoch),
        fastnn.EarlyStopping("data_cost"),
        fastnn.Progress(lambda done, rows: calls.append(("second", done, rows))),
    ]
    small().fit(X, LABELS, epochs=2, callbacks=tuple(callbacks))
    both = [("first", 23, 23), ("second", 23, 23)]
    assert calls == [*both, 1, *both, 2]


@pytest.mark.parametrize("answer", [1, "yes", [0], False, None, np.array([True, True])], ids=str)
def test_other_answers_are_ignored(answer):
    assert small().fit(X, LABELS, epochs=3, callbacks=lambda *_: answer).epoch == [1, 2, 3]


def test_without_shuffling_rows_keep_their_order():
    net, y = small(), one_hot(LABELS)
    expected = reference(net)
    net.fit(X, LABELS, epochs=2, batch_size=5, learning_rate=0.4, shuffle=False)
    for _ in range(2):
        expected.train(X, y, np.arange(23), 5, 0.4)
    for got, w in zip([*net.weights, *net.biases], expected.weights + expected.biases, strict=True):
        assert_close(got, w)
    shuffled = small()
    shuffled.fit(X, LABELS, epochs=2, batch_size=5, learning_rate=0.4)
    assert not same_bits(net, shuffled)


def test_without_shuffling_the_generator_stays_where_it_was():
    net = small()
    before = everything(net)["rng"]
    net.fit(X, LABELS, epochs=2, shuffle=False)
    assert everything(net)["rng"] == before
