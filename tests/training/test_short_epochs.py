"""Short epochs are trained several in one call: nobody can tell but by the clock."""

import sys
import time

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import everything, labelled, output_after_a_signal, small, without_seconds

import fastnn
from fastnn.engine import Trainer, thread_choice, trainer
from fastnn.training import loop, pieces

X, LABELS = labelled(23)
# A piece of a long epoch has so much work for each short epoch of a piece of those.
WORK = 23 * pieces._row_work(5 * 4 + 4 * 3, 10) * pieces._TOGETHER_SHARE
SPARSE = np.where(np.random.default_rng(1).random(X.shape) < 0.9, 0.0, X)


@pytest.fixture
def counts(monkeypatch):
    """How many epochs each call of `run_epochs` has."""
    seen, run_epochs = [], Trainer.run_epochs

    def run(self, orders, *others):
        seen.append(len(orders))
        run_epochs(self, orders, *others)

    monkeypatch.setattr(Trainer, "run_epochs", run)
    return seen


def look(net, epoch):
    """Whoever has a callback looks at the network after each epoch."""


def result(net):
    return everything(net)["arrays"], net.history.best_epoch, without_seconds(net.history)


OPTIONS = {
    "plain": {"l2": 2.0},
    "in_order": {"shuffle": False, "l1": 0.1},
    "one_batch": {"batch_size": 23, "optimizer": "adam"},
    "schedule": {"learning_rate": fastnn.WarmUp(fastnn.Cosine(0.1), 2.5), "optimizer": "momentum"},
    "limits": {"max_norm": 0.5, "optimizer": fastnn.SGD(clip_norm=0.1)},
    "dropout": {"dropout": 0.3, "input_dropout": 0.1},
    "weights": {"sample_weight": np.linspace(0.1, 2, 23)},
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("x", [X, SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_same_bits_as_one_by_one(counts, monkeypatch, options, x, threads, dtype):
    """23 rows are no whole number of mini-batches of 5."""
    options = {"batch_size": 5, "epochs": 9, "n_threads": threads, **options}
    net, expected = small(dtype=dtype), small(dtype=dtype)
    for _ in range(2):
        expected.fit(x, LABELS, callbacks=look, **options)
    assert counts == []
    net.fit(x, LABELS, **options)
    assert counts == [9]
    monkeypatch.setattr(pieces, "_PIECE_WORK", WORK * 9 // 2)
    monkeypatch.setattr(pieces, "_SHORT", 2)
    net.fit(x, LABELS, **options)
    assert counts == [9, 4, 4, 1]
    assert result(net) == result(expected)


def test_every_epoch_has_a_line_and_its_share_of_the_time(counts, capsys):
    net, calls, start = small(), [], time.perf_counter()
    net.fit(
        X, LABELS, epochs=9, verbose=2, callbacks=fastnn.Progress(lambda *rows: calls.append(rows))
    )
    assert counts == [9]
    assert calls == [(23, 23)] * 9
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == list("123456789")
    assert 0 < sum(net.history.seconds) < time.perf_counter() - start
    assert len(set(net.history.seconds)) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"callbacks": look},
        {"validation_data": (X, LABELS)},
        {"callbacks": fastnn.EarlyStopping("data_cost")},
        {"learning_rate": fastnn.HalveOnPlateau(0.1, monitor="data_cost")},
        {"learning_rate": fastnn.WarmUp(fastnn.HalveOnPlateau(0.1, monitor="data_cost"))},
    ],
    ids=lambda options: "-".join(options),
)
def test_one_by_one_where_somebody_looks_after_each(counts, options):
    small().fit(X, LABELS, epochs=9, **options)
    assert counts == []


def test_one_by_one_where_a_checkpoint_is_written(counts, tmp_path):
    """A fit that goes on from one within an epoch completes it first."""
    net, twin, path = small(), small(), tmp_path / "net.npz"
    net.fit(X, LABELS, epochs=3, callbacks=fastnn.Checkpoint(path))
    assert counts == []
    twin.fit(X, LABELS, epochs=3, callbacks=fastnn.Checkpoint(path, resume=True))
    assert result(net) == result(twin)


def test_long_epochs_are_trained_one_by_one(counts, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_WORK", WORK * 15 // 2)
    small().fit(X, LABELS, epochs=9)
    assert counts == []
    monkeypatch.setattr(pieces, "_PIECE_WORK", WORK * 17 // 2)
    small().fit(X, LABELS, epochs=10, n_threads=1)
    assert counts == [8, 2]


def test_first_pieces_are_short_where_the_number_of_threads_is_tried_out(counts, monkeypatch):
    monkeypatch.setattr(thread_choice, "available_cores", lambda: 2)
    monkeypatch.setattr(pieces, "_PIECE_WORK", WORK * 100)
    net, expected = small(), small()
    net.fit(X, LABELS, epochs=100)
    assert counts[0] == 100 * pieces._TOGETHER_SHARE // 64
    assert sum(counts) == 100
    expected.fit(X, LABELS, epochs=100, n_threads=1)
    assert result(net) == result(expected)


def explosive():
    return fastnn.Network([5, 4, 3], activation="relu", cost="quadratic", seed=0)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("x", [X, SPARSE], ids=["dense", "sparse"])
def test_divergence_is_that_of_its_own_epoch(counts, x, optimizer):
    settings = {
        "epochs": 20,
        "batch_size": 5,
        "optimizer": optimizer,
        "learning_rate": lambda t: 0.01 if t < 3.5 else 1e38,
    }
    nets, errors = (explosive(), explosive()), []
    for net, callbacks in zip(nets, (None, look), strict=True):
        with pytest.raises(fastnn.DivergenceError) as caught:
            net.fit(x, LABELS, callbacks=callbacks, **settings)
        errors.append(caught.value)
        net.fit(x, LABELS, epochs=2, callbacks=look, optimizer=optimizer, learning_rate=0.01)
    assert counts == [20]
    assert errors[0].epoch == 4
    assert str(errors[0]) == str(errors[1])
    assert vars(errors[0]) == vars(errors[1])
    assert nets[0].history.epoch == [1, 2, 3, 4, 5]
    assert result(nets[0]) == result(nets[1])


def test_figures_that_overflow_are_no_divergence(counts):
    """The squares of these weights do, in float64; their norms don't."""
    nets = [fastnn.Network([1, 2], "identity", "quadratic", seed=0, dtype="float64")] * 2
    for net, callbacks in zip(nets, (None, look), strict=True):
        net.weights[0][...] = 1e160
        net.fit(np.zeros((4, 1)), np.zeros((4, 2)), epochs=3, callbacks=callbacks)
        assert net.history.weight_norms[-3:] == [(pytest.approx(2**0.5 * 1e160),)] * 3
    assert counts == [3]


def interrupted(function, number, after=False):
    """The function, whose call of this number is interrupted, before or after its work."""
    calls = []

    def call(*arguments, **keywords):
        calls.append(1)
        if len(calls) == number and not after:
            raise KeyboardInterrupt
        answer = function(*arguments, **keywords)
        if len(calls) == number:
            raise KeyboardInterrupt
        return answer

    return call


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("where", ["before", "kernel", "figures", "progress", "history"])
def test_interrupted(monkeypatch, optimizer, where):
    """In between the network and the history are of the same epochs."""
    net, expected = small(), small()
    settings = {"batch_size": 5, "optimizer": optimizer}
    for each in (net, expected):
        each.fit(X, LABELS, epochs=2, **settings)
    if where != "before":
        expected.fit(X, LABELS, epochs=9, **settings)
    with monkeypatch.context() as patch:
        options = dict(settings)
        if where in ("before", "kernel"):  # the first call trains nothing, but prepares
            call = interrupted(trainer.run_team, 2, after=where == "kernel")
            patch.setattr(trainer, "run_team", call)
        elif where == "figures":
            patch.setattr(loop, "as_epochs", interrupted(loop.as_epochs, 1))
        elif where == "progress":
            options["callbacks"] = fastnn.Progress(interrupted(lambda *_: None, 2))
        else:
            patch.setattr(fastnn.History, "follow", interrupted(fastnn.History.follow, 2))
        with pytest.raises(KeyboardInterrupt):
            net.fit(X, LABELS, epochs=9, **options)
    assert result(net) == result(expected)
    for each in (net, expected):
        each.fit(X, LABELS, epochs=1, **settings)
    assert result(net) == result(expected)


PROGRAM = """
import numpy as np, fastnn
x, y = np.random.default_rng(0).random((200, 4)), np.arange(200) % 3
net, twin = (fastnn.Network([4, 9, 3], seed=0) for _ in range(2))
net.compile(x, y, batch_size=100)
print("ready", flush=True)
try:
    net.fit(x, y, epochs=10**7, batch_size=100)
except KeyboardInterrupt:
    epochs = len(net.history.epoch)
    twin.fit(x, y, epochs=epochs, batch_size=100)
    print(epochs > 9, all((a == b).all() for a, b in zip(net.weights, twin.weights)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT can't be sent to one process there")
@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="any Python code can be interrupted")
def test_a_signal_leaves_the_epochs_that_the_history_has():
    assert output_after_a_signal(PROGRAM) == "True True\n"
