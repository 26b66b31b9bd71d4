"""Ctrl-C, and exceptions of callbacks: what has been learned is kept."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import (
    everything,
    labelled,
    one_hot,
    output_after_a_signal,
    reference,
    same_bits,
    small,
)
from tolerance import assert_close

import fastnn
from fastnn import interrupts
from fastnn.engine import trainer
from fastnn.training import loop, pieces

X, LABELS = labelled(61)


@pytest.fixture(autouse=True)
def usual_signals():
    """A shell may have Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Stop(Exception):
    pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop])
def test_interrupted_after_an_epoch(error):
    net, expected = small(), small()
    expected.fit(X, LABELS, epochs=2, l2=1.0)

    def stop_after_two(_, epoch):
        if epoch.epoch == 2:
            raise error

    with pytest.raises(error):
        net.fit(X, LABELS, epochs=9, l2=1.0, callbacks=stop_after_two)
    assert same_bits(net, expected)
    assert net.history.epoch == [1, 2]
    assert net.evaluate(X, LABELS) == expected.evaluate(X, LABELS)
    for each in (net, expected):
        each.fit(X, LABELS, epochs=1)
    assert everything(net)["arrays"] == everything(expected)["arrays"]
    assert net.history.epoch == [1, 2, 3]


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop])
def test_interrupted_within_an_epoch(monkeypatch, error, zeros, l1):
    """The first two mini-batches of the second epoch have been learned, and are in no history."""
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    x, calls = X.copy(), []
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    net, rng = small(seed=4), np.random.default_rng(4)
    rng.standard_normal(4 + 3 + 4 * 5 + 3 * 4)  # the initial parameters
    expected, y = reference(net), one_hot(LABELS)

    def stop(done, rows):
        calls.append(done)
        if len(calls) == 7 + 2:
            raise error

    with pytest.raises(error):
        net.fit(x, LABELS, epochs=9, batch_size=10, l1=l1, l2=20.0, callbacks=fastnn.Progress(stop))
    assert net.history.epoch == [1]
    for order in (rng.permutation(61), rng.permutation(61)[:20]):
        for start in range(0, len(order), 10):
            rows = order[start : start + 10]
            expected.update_mini_batch(x[rows], y[rows], 0.5, l1, 20.0, 61)
    for got, w in zip([*net.weights, *net.biases], expected.weights + expected.biases, strict=True):
        assert_close(got, w)
    assert net.evaluate(x, LABELS).penalty > 0
    net.fit(x, LABELS, epochs=1)
    assert net.history.epoch == [1, 2]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
def test_interrupted_as_a_kernel_returns(monkeypatch, zeros, optimizer):
    """Where Python raises what came while a kernel ran. The kernel's work is complete."""
    x = X.copy()
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    settings = {"batch_size": 10, "l2": 20.0, "learning_rate": 0.1, "optimizer": optimizer}
    net, expected, run_team, calls = small(), small(), trainer.run_team, []
    expected.fit(x, LABELS, epochs=1, **settings)

    def interrupted(*arguments):
        run_team(*arguments)
        calls.append(1)
        if len(calls) > 1:  # the first one trains nothing, but prepares
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "run_team", interrupted)
        with pytest.raises(KeyboardInterrupt):
            net.fit(x, LABELS, epochs=1, **settings)
    assert everything(net)["arrays"] == everything(expected)["arrays"]
    assert everything(net)["updates"] == everything(expected)["updates"]


PROGRAM = """
import numpy as np, fastnn
net = fastnn.Network([4, 200, 200, 2], seed=0)
rows = 1_000_000
x, y = np.ones((rows, 4), np.float32), np.zeros(rows, int)
x[:, COLUMNS:] = 0
before = [w.copy() for w in net.weights]

def ready(done, rows):
    global ready
    print("ready", flush=True)
    ready = lambda *_: None

try:
    net.fit(
        x, y, epochs=2, batch_size=1, learning_rate=0.001,
        callbacks=fastnn.Progress(lambda *a: ready(*a)),
    )
except KeyboardInterrupt:
    moved = any((w != b).any() for w, b in zip(net.weights, before))
    print("interrupted", net.history.epoch, moved, np.isfinite(net.feedforward(x[:9])).all())
else:
    print("the fit was too short for this test")
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="any Python code can be interrupted")
@pytest.mark.parametrize("what", ["places", "timers"])
def test_no_interrupt_leaves_anything_half_done(what):
    """In a process of its own, which can hang without taking the others along."""
    run = subprocess.run(
        [sys.executable, Path(__file__).parents[1] / "helpers/interrupts.py", what],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    interrupted = int(run.stdout.split()[0])
    assert interrupted >= {"places": 400, "timers": 250}[what]


def interrupted_within(action):
    """Whether SIGINT, sent here, was let in before this was left."""
    try:
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            action()
            return False
    except KeyboardInterrupt:
        return True


def test_held_interrupts_come_at_the_end():
    seen = []
    assert interrupted_within(lambda: seen.append("held"))
    assert seen == ["held"]
    assert interrupts._installed == []


@pytest.mark.parametrize("let_in", [interrupts.let_in, lambda: interrupts.allow(pytest.fail)])
def test_held_interrupts_come_where_they_are_let_in(let_in):
    with interrupts.held():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            let_in()
        signal.raise_signal(signal.SIGINT)  # and wait again
        with pytest.raises(KeyboardInterrupt):
            interrupts.let_in()


def test_what_is_allowed_can_hold_interrupts_in_turn():
    seen = []

    def inner():
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            seen.append("held")

    with interrupts.held():
        with pytest.raises(KeyboardInterrupt):
            interrupts.allow(inner)
        with interrupts.held():  # this one holds no longer than the outer one
            signal.raise_signal(signal.SIGINT)
        seen.append("held")
        with pytest.raises(KeyboardInterrupt):
            interrupts.let_in()
    assert seen == ["held", "held"]


def test_a_handler_that_is_set_meanwhile_stays():
    def handler(number, frame):
        """Set by a callback."""

    with interrupts.held():
        signal.signal(signal.SIGINT, handler)
    assert signal.getsignal(signal.SIGINT) is handler


def test_other_threads_hold_nothing():
    def hold():
        with interrupts.held():
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            interrupts.let_in()
            assert interrupts.allow(len, "abc") == 3

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold).result()


@pytest.mark.parametrize("during", ["evaluation", "checkpoint", "callback", "report"])
def test_interrupts_come_at_once_where_others_are_at_work(monkeypatch, tmp_path, during):
    """And the network is that of the epoch which is complete."""
    net, expected, seen = small(), small(), []
    expected.fit(X, LABELS, epochs=1)

    def ctrl_c(*_):
        seen.append(signal.raise_signal(signal.SIGINT))

    settings = {"callbacks": lambda *_: None}  # else short epochs are trained together
    if during == "evaluation":
        settings |= {"validation_data": (X, LABELS)}
        monkeypatch.setattr(loop, "measure", ctrl_c)
    elif during == "checkpoint":
        settings |= {"callbacks": fastnn.Checkpoint(tmp_path / "net.npz")}
        monkeypatch.setattr("fastnn.storage.npz.write", ctrl_c)
    elif during == "callback":
        settings |= {"callbacks": ctrl_c}
    else:
        monkeypatch.setattr("fastnn.training.progress.Report.epoch", ctrl_c)
        monkeypatch.setattr("fastnn.training.progress.Report.speaks", True)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, LABELS, epochs=3, **settings)
    assert seen == []  # the signal's call did not return
    assert everything(net)["arrays"] == everything(expected)["arrays"]
    assert net.history.epoch == ([] if during == "evaluation" else [1])


@pytest.mark.parametrize("callbacks", [None, lambda *_: None], ids=["unwatched", "watched"])
def test_an_interrupt_of_the_last_piece_finds_its_epoch_in_the_history(monkeypatch, callbacks):
    monkeypatch.setattr(pieces, "_SHORT", 10**12)  # else unwatched epochs are trained together
    net, run_team, calls = small(), trainer.run_team, []

    def team(*arguments):
        run_team(*arguments)
        calls.append(1)
        if len(calls) == 1 + 2:  # the first one trains nothing, but prepares
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(trainer, "run_team", team)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, LABELS, epochs=9, callbacks=callbacks)
    assert net.history.epoch == [1, 2]
    assert len(calls) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT can't be sent to one process there")
@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="any Python code can be interrupted")
@pytest.mark.parametrize("columns", [4, 1], ids=["dense", "sparse"])
def test_a_signal_ends_a_long_epoch_soon(columns):
    """Though an epoch takes many seconds: it is trained in pieces."""
    program = PROGRAM.replace("COLUMNS", str(columns))
    assert output_after_a_signal(program) == "interrupted [] True True\n"  # within the first epoch
