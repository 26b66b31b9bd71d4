"""What is loaded or compiled when: kernels differ by the kind of rows and by settings."""

import logging
import subprocess
import sys

import numba
import numpy as np
import pytest
from samples import everything, labelled, small

import fastnn
from fastnn.kernels import functions

X, LABELS = labelled()

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")

# In a new process, where no kernel is loaded; prints a line for each one and for each epoch.
PROGRAM = """
import logging, sys
import numpy as np
import fastnn
from fastnn import training

logging.basicConfig(level="DEBUG", format="%(kernel)s", stream=sys.stdout)
for name in ("numba", "fastnn.thread_choice", "fastnn.progress", "asyncio"):
    logging.getLogger(name).setLevel("ERROR")

orders = training.Training._orders
def announced(self, count):
    print(*["epoch"] * count, flush=True)
    return orders(self, count)
training.Training._orders = announced

x = np.random.default_rng(0).random((300, 784), np.float32)
x *= np.random.default_rng(1).random(x.shape) < DENSITY
y = np.arange(300) % 10
net = fastnn.Network([784, 32, 10], "relu", "log-likelihood", seed=0)
settings = dict(SETTINGS)
"""
KINDS = [
    pytest.param(1.0, "learning_rate=0.1", id="dense"),
    pytest.param(0.1, "learning_rate=0.1, l2=1.0", id="scaled"),
    pytest.param(0.1, "learning_rate=0.1, l1=0.1", id="lazy"),
    pytest.param(0.1, "optimizer='adam', learning_rate=0.001, batch_size=64", id="sorted"),
    pytest.param(0.1, "optimizer='adam', learning_rate=0.001, dropout=0.5", id="dropout"),
]


def lines(density, settings, rest):
    """What the program with these lines at its end prints."""
    program = PROGRAM.replace("DENSITY", str(density)).replace("SETTINGS", settings) + rest
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(("density", "settings"), KINDS)
def test_all_kernels_of_a_training_come_before_its_first_epoch(density, settings):
    """So that no epoch's seconds have compiling in them."""
    found = lines(density, settings, "net.fit(x, y, epochs=2, **settings)")
    assert found[-2:] == ["epoch", "epoch"]
    assert "train" in found[:-2]


@pytest.mark.parametrize(("density", "settings"), KINDS)
def test_compile_leaves_nothing_to_compile(density, settings):
    rest = "net.compile(x, y, **settings)\nprint('fit')\n"
    rest += "net.fit(x, y, epochs=1, validation_data=(x, y), **settings)\nnet.evaluate(x, y)"
    found = lines(density, settings, rest)
    assert {"train", "evaluate"} <= set(found[: found.index("fit")])
    assert found[found.index("fit") :] == ["fit", "epoch"]


@pytest.mark.parametrize("given", [False, True], ids=["nothing given", "a fit's arguments"])
def test_compile_leaves_the_network_alone(given, tmp_path):
    net, untouched = small(), small()
    called = []
    settings = {
        "epochs": 3, "learning_rate": 1e300, "l2": 1e9, "callbacks": lambda *_: called.append(1),
        "on_progress": lambda *_: called.append(2), "checkpoint": tmp_path / "run.npz",
        "verbose": 1, "sample_weight": np.ones(len(X)),
    }  # fmt: skip
    assert (net.compile(X, LABELS, **settings) if given else net.compile()) >= 0
    assert everything(net) == everything(untouched)
    assert called == list(tmp_path.iterdir()) == []


def test_compile_refuses_what_fit_refuses():
    with pytest.raises(ValueError, match="optimizer: expected one of"):
        small().compile(X, LABELS, optimizer="adan")
    with pytest.raises(ValueError, match="y: expected 23 rows"):
        small().compile(X, LABELS[:5])


def test_what_kernels_call_by_address_is_in_the_log(caplog):
    functions.activation.cache_clear()  # another test may have asked for it
    with caplog.at_level(logging.DEBUG, "fastnn.kernels"):
        fastnn.Network([2, 3, 2], "elu")
    assert [vars(record)["kernel"] for record in caplog.records] == ["elu"]
    assert vars(caplog.records[0])["seconds"] > 0
