"""What fit reports: Epoch, History."""

import copy
import json
import pickle

import pytest
from samples import labelled, small

import fastnn
from fastnn.training import loop

NAMES = [
    "epoch",
    "seconds",
    "data_cost",
    "penalty",
    "accuracy",
    "validation_data_cost",
    "validation_accuracy",
    "learning_rate",
    "weight_norms",
    "zero_shares",
    "largest_weights",
]
X, LABELS = labelled()
VALIDATION = labelled(11, seed=3)


@pytest.fixture
def net():
    net = small(dtype="float32")
    net.fit(X, LABELS, epochs=2, l2=1.0, validation_data=VALIDATION)
    return net


def test_a_dict_of_lists_of_plain_numbers(net):
    history = net.history
    assert isinstance(history, dict)
    assert list(history) == NAMES
    assert history.epoch == [1, 2]
    for name in NAMES[1:]:
        kind = tuple if name in NAMES[-3:] else float
        assert [type(figure) for figure in history[name]] == [kind, kind], name
        assert getattr(history, name) is history[name]
    twin = fastnn.History()
    twin.restore(json.loads(json.dumps(history)))
    assert twin == history
    assert all(0 <= a <= 1 for a in history.accuracy + history.validation_accuracy)
    assert all(s > 0 for s in history.seconds)


def test_unknown_figures_are_attribute_errors(net):
    with pytest.raises(AttributeError, match="history has no 'loss'; it has epoch, seconds"):
        net.history.loss  # noqa: B018
    assert not hasattr(net.history, "_private")


def test_figures_after_the_epoch_are_those_of_evaluate(net):
    measured = net.evaluate(*VALIDATION)
    assert net.history.validation_data_cost[-1] == measured.data_cost
    assert net.history.validation_accuracy[-1] == measured.accuracy
    assert net.history.penalty[-1] == measured.penalty


def test_epochs_are_counted_over_all_fits(net):
    net.fit(X, LABELS, epochs=1)
    assert net.history.epoch == [1, 2, 3]
    assert net.history.validation_data_cost[2] is None
    assert net.history.validation_accuracy[2] is None
    assert net.history.penalty[2] == 0


def test_callback_gets_each_epoch_when_it_is_in_the_history():
    net, seen = small(), []

    def look(_, epoch):
        assert isinstance(epoch, fastnn.Epoch)
        assert epoch == fastnn.Epoch(*(net.history[name][-1] for name in NAMES))
        assert epoch.cost == epoch.data_cost + epoch.penalty
        seen.append(epoch.epoch)

    net.fit(X, LABELS, epochs=3, l1=0.5, callbacks=look)
    assert seen == [1, 2, 3]


def test_data_cost_is_measured_just_before_each_update():
    """With one mini-batch, the first epoch's cost is the initial network's."""
    net = small()
    start = net.evaluate(X, LABELS)
    net.fit(X, LABELS, epochs=1, batch_size=len(X))
    assert net.history.data_cost[0] == pytest.approx(start.data_cost, rel=1e-14)
    assert net.history.accuracy[0] == start.accuracy
    assert net.evaluate(X, LABELS).data_cost != pytest.approx(start.data_cost, rel=1e-3)


def test_seconds_leave_the_validation_out(monkeypatch):
    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    clock, measure = Clock(), loop.measure

    def slow_measure(*data):
        clock.now += 1000
        return measure(*data)

    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(loop, "measure", slow_measure)
    net = small()
    net.fit(
        X,
        LABELS,
        epochs=2,
        validation_data=VALIDATION,
        callbacks=fastnn.Progress(lambda done, rows: setattr(clock, "now", clock.now + 1)),
    )
    assert net.history.seconds == [1, 1]


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, fastnn.History.copy, lambda h: pickle.loads(pickle.dumps(h))]
)
def test_copies_are_independent(net, twin):
    history = net.history
    history.best_epoch, history["mine"] = 2, [[1], [2]]
    other = twin(history)
    assert type(other) is fastnn.History
    assert other == history
    assert other.best_epoch == 2
    other.epoch.append(99)
    other.best_epoch = 1
    other["mine"][0].append(7)
    other["more"] = []
    assert (history.epoch, history.best_epoch, history["mine"]) == ([1, 2], 2, [[1], [2]])
    assert "more" not in history


def test_figures_that_an_older_version_did_not_measure(net):
    older = {name: list(net.history[name]) for name in NAMES if name != "learning_rate"}
    history = fastnn.History()
    history.restore(older)
    assert history == {**older, "learning_rate": [None, None]}
    with pytest.raises(ValueError, match="^history: expected lists of one length: epoch, seconds"):
        history.restore({name: older[name] for name in older if name != "penalty"})
