"""When checkpoints are written; those that are refused are in test_refused_checkpoints.py."""

import contextlib
import logging
import os

import numpy as np
import pytest
from rewriting import header_of
from samples import labelled, same_bits, small

import fastnn
from fastnn.storage import checkpoints, npz
from fastnn.training import pieces

X, LABELS = labelled(61)
SETTINGS = {"epochs": 4, "batch_size": 10, "learning_rate": 0.1, "l2": 5.0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


@pytest.fixture
def written(monkeypatch):
    """Epochs and rows done of each checkpoint that is written."""
    positions, write = [], npz.write

    def remember(path, saved):
        position = saved.settings["checkpoint"]["position"]
        positions.append((position["epochs"], position["done"]))
        write(path, saved)

    monkeypatch.setattr(npz, "write", remember)
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    return positions


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_by_default_after_each_epoch(path, written, kind):
    small().fit(X, LABELS, **SETTINGS, callbacks=fastnn.Checkpoint(kind(path)))
    assert written == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("every", "expected"), [(1, [1, 2, 3, 4]), (2, [2, 4]), (3, [3, 4]), (9, [4])]
)
def test_every_few_epochs_and_at_the_end(path, written, every, expected):
    small().fit(X, LABELS, **SETTINGS, callbacks=fastnn.Checkpoint(path, every_epochs=every))
    assert written == [(epochs, 0) for epochs in expected]


def test_every_few_seconds(path, written, monkeypatch):
    """A clock that a piece takes a second of: 7 pieces an epoch."""
    clock = [0.0]

    class Time:
        perf_counter = staticmethod(lambda: 0.0)
        monotonic = staticmethod(lambda: clock[0])

    def tick(done, total):
        clock[0] += 1

    monkeypatch.setattr(checkpoints, "time", Time)
    checkpoint = fastnn.Checkpoint(path, every_seconds=5)
    small().fit(X, LABELS, **SETTINGS, callbacks=[checkpoint, fastnn.Progress(tick)])
    assert written == [(0, 50), (1, 30), (2, 10), (2, 60), (3, 40), (4, 0)]


def test_early_stopping_has_its_last_one_too(path, written):
    rule = fastnn.EarlyStopping("data_cost", 1)
    net = small()
    checkpoint = fastnn.Checkpoint(path, every_epochs=100)
    net.fit(X, LABELS, epochs=30, learning_rate=9.0, callbacks=[rule, checkpoint])
    assert written == [(len(net.history.epoch), 0)]
    assert same_bits(fastnn.load(path), net)
    assert header_of(path)["checkpoint"]["finished"]


def test_ctrl_c_within_an_epoch_writes_one_and_an_exception_does_not(path, written):
    for error, positions in [(KeyboardInterrupt, [(0, 20)]), (ZeroDivisionError, [])]:

        def stop(done, total, error=error):
            if done == 20:
                raise error

        written.clear()
        with pytest.raises(error):
            small().fit(
                X, LABELS, **SETTINGS, callbacks=[fastnn.Checkpoint(path), fastnn.Progress(stop)]
            )
        assert written == positions


def test_a_diverged_network_leaves_the_last_good_one(path, caplog):
    def spoil(net, epoch):
        if epoch.epoch == 3:
            net.weights[0][0, 0] = np.nan

    with caplog.at_level("WARNING", "fastnn"), contextlib.suppress(ArithmeticError):
        callbacks = [spoil, fastnn.Checkpoint(path)]
        small().fit(X, LABELS, **SETTINGS, callbacks=callbacks)  # may notice itself
    assert fastnn.load(path).history.epoch == [1, 2]
    assert any("NaN or infinity" in message for message in caplog.messages)


def test_each_one_is_a_line_of_the_log(path, caplog):
    with caplog.at_level(logging.DEBUG, "fastnn"):
        small().fit(X, LABELS, **SETTINGS, callbacks=fastnn.Checkpoint(path))
        net = small()
        net.fit(X, LABELS, **SETTINGS, callbacks=fastnn.Checkpoint(path, resume=True))
    lines = [r.getMessage() for r in caplog.records if r.name == "fastnn.storage.checkpoints"]
    written = f"checkpoint {path}"
    assert [line.split(":")[0] for line in lines] == [*4 * [written], f"resumed {path}", written]


@pytest.mark.parametrize("order", [1, -1])
def test_what_functions_change_is_in_it_wherever_it_stands(path, order):
    def double(net, epoch):
        net.weights[1][...] *= 2

    net = small()
    net.fit(X, LABELS, **SETTINGS, callbacks=[fastnn.Checkpoint(path), double][::order])
    assert same_bits(fastnn.load(path), net)
