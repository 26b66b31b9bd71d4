"""What is found, loaded or compiled when: kernels differ by the kind of rows and by settings."""

import logging
import subprocess
import sys

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import everything, labelled, small

import fastnn

X, LABELS = labelled()

pytestmark = pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="nothing is compiled")

# In a new process, where no kernel was found; prints a line for each one and for each epoch, and
# before them which way layer 1 takes.
PROGRAM = """
import numpy as np
import fastnn
from fastnn.engine import strategy
from fastnn.native import calling
from fastnn.training import loop

address = calling.address
def asked(key):
    print(key.split("(")[0], flush=True)
    return address(key)
calling.address = asked

orders = loop.Training._orders
def announced(self, count):
    print(*["epoch"] * count, flush=True)
    return orders(self, count)
loop.Training._orders = announced

class Aloud(strategy.Strategy):
    told = False
    def way(self, possible, work):
        way = super().way(possible, work)
        if not self.told:
            print("way:" + way, flush=True)
        self.told = True
        return way
strategy.usual = Aloud()

x = np.random.default_rng(0).random((300, 784), np.float32)
x *= np.random.default_rng(1).random(x.shape) < DENSITY
y = np.arange(300) % 10
net = fastnn.Network([784, 32, 10], "relu", "log_likelihood", seed=0)
settings = dict(SETTINGS)
"""
ADAM = "optimizer='adam', learning_rate=0.001"
# So clear cases that the choice is the same for registers of every width.
KINDS = [
    pytest.param("dense", 1.0, "learning_rate=0.1", id="dense"),
    pytest.param("scaled", 0.03, "learning_rate=0.1, l2=1.0", id="scaled"),
    pytest.param("sorted", 0.1, f"{ADAM}, batch_size=64", id="sorted"),
    pytest.param("sorted", 0.1, f"{ADAM}, batch_size=64, dropout=0.5", id="dropout"),
]


def lines(way, density, settings, rest):
    """What the program with these lines at its end prints; layer 1 takes this way."""
    program = PROGRAM.replace("DENSITY", str(density)).replace("SETTINGS", settings) + rest
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = done.stdout.split()
    assert found.pop(found.index(f"way:{way}"))
    return found


# Its epochs are trained apart, and the weights are measured after each.
WATCHED = pytest.param("dense", 1.0, "learning_rate=0.1, callbacks=lambda *_: None", id="watched")


@pytest.mark.parametrize(("way", "density", "settings"), [*KINDS, WATCHED])
def test_all_kernels_of_a_training_come_before_its_first_epoch(way, density, settings):
    """So that nobody waits for one between epochs."""
    found = lines(way, density, settings, "net.fit(x, y, epochs=2, **settings)")
    assert found[-2:] == ["epoch", "epoch"]
    assert "train" in found[:-2]


@pytest.mark.parametrize(("way", "density", "settings"), KINDS)
def test_compile_leaves_nothing_to_compile(way, density, settings):
    rest = "net.compile(x, y, **settings)\nprint('fit')\n"
    rest += "net.fit(x, y, epochs=1, validation_data=(x, y), **settings)\nnet.evaluate(x, y)"
    found = lines(way, density, settings, rest)
    assert {"train", "evaluate"} <= set(found[: found.index("fit")])
    assert found[found.index("fit") :] == ["fit", "epoch"]


@pytest.mark.parametrize("given", [False, True], ids=["nothing given", "a fit's arguments"])
def test_compile_leaves_the_network_alone(given, tmp_path):
    net, untouched = small(), small()
    called = []
    settings = {
        "epochs": 3,
        "learning_rate": 1e300,
        "l2": 1e9,
        "callbacks": [
            lambda *_: called.append(1),
            fastnn.Progress(lambda *_: called.append(2)),
            fastnn.Checkpoint(tmp_path / "run.npz", resume=True),
            fastnn.EarlyStopping("data_cost"),
        ],
        "verbose": 1,
        "sample_weight": np.ones(len(X)),
    }
    assert (net.compile(X, LABELS, **settings) if given else net.compile()) >= 0
    assert everything(net) == everything(untouched)
    assert called == list(tmp_path.iterdir()) == []


def test_compile_refuses_what_fit_refuses():
    with pytest.raises(ValueError, match="optimizer: expected one of"):
        small().compile(X, LABELS, optimizer="adan")
    with pytest.raises(ValueError, match="y: expected 23 rows"):
        small().compile(X, LABELS[:5])


def test_functions_of_the_users_own_are_in_the_log(caplog):
    twice = fastnn.UserActivation(lambda z: 2 * z, lambda z: 2.0, name="twice")
    with caplog.at_level(logging.DEBUG, "fastnn.kernels"):
        fastnn.Network([2, 3, 2], twice)
    (told,) = (vars(record) for record in caplog.records if hasattr(record, "kernel"))
    assert not told["loaded"]
    assert told["seconds"] > 0
