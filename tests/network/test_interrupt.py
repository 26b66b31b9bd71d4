"""Ctrl-C, and exceptions of callbacks: what has been learned is kept."""

import sys

import numba
import numpy as np
import pytest
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

from fastnn import training
from fastnn.engine import trainer

X, LABELS = labelled(61)


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
    monkeypatch.setattr(training, "_PIECE_WORK", 1)
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
        net.fit(x, LABELS, epochs=9, batch_size=10, l1=l1, l2=20.0, on_progress=stop)
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
net.compile(x, y, batch_size=1, learning_rate=0.001)
before = [w.copy() for w in net.weights]
print("ready", flush=True)
try:
    net.fit(x, y, epochs=2, batch_size=1, learning_rate=0.001)
except KeyboardInterrupt:
    moved = any((w != b).any() for w, b in zip(net.weights, before))
    print("interrupted", net.history.epoch, moved, np.isfinite(net.feedforward(x[:9])).all())
else:
    print("the fit was too short for this test")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT can't be sent to one process there")
@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="any Python code can be interrupted")
@pytest.mark.parametrize("columns", [4, 1], ids=["dense", "sparse"])
def test_a_signal_ends_a_long_epoch_soon(columns):
    """Though an epoch takes many seconds: it is trained in pieces."""
    program = PROGRAM.replace("COLUMNS", str(columns))
    assert output_after_a_signal(program) == "interrupted [] True True\n"  # within the first epoch
