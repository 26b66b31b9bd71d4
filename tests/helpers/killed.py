"""The child of test_killed.py: trains, and writes a checkpoint after every mini-batch."""

import sys

from samples import labelled, small

import fastnn
from fastnn.training import pieces

SETTINGS = {"epochs": 10**6, "batch_size": 10, "learning_rate": 0.01, "l2": 1.0}


def data():
    """Mostly zeros, so that the first weights have a factor within an epoch."""
    x, labels = labelled(61)
    x[x < 1] = 0
    return x, labels


def train(path, seed=5, every_seconds=1e-9, callbacks=()):
    """From the beginning, or from the checkpoint if there is one."""
    net = small(seed, "float32")
    checkpoint = fastnn.Checkpoint(path, every_seconds=every_seconds, resume="if there")
    net.fit(*data(), **SETTINGS, callbacks=[checkpoint, *callbacks])


if __name__ == "__main__":
    pieces._PIECE_WORK = 1
    small(0, "float32").compile(*data(), **SETTINGS)
    print("ready", flush=True)
    train(sys.argv[1])
