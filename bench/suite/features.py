"""Figures of fastnn's features alone, each from a program in a process of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.suite.starts import run_program

__all__ = ["STAGES"]

# What a checkpoint an epoch adds to the time that `fit` takes beside its epochs, as a share of
# them. A fit with and one without take turns.
_CHECKPOINT = """
import json, sys, time
from pathlib import Path
import numpy as np
import fastnn
from fastnn.datasets import load_mnist

rounds, folder, epochs = int(sys.argv[1]), Path(sys.argv[2]), 2
x, y, *_ = load_mnist()
net = fastnn.Network([784, 800, 800, 10], "relu", "log_likelihood", seed=0)

def fit(**more):
    start = time.perf_counter()
    past = len(net.history.seconds)
    net.fit(x, y, epochs=epochs, batch_size=128, learning_rate=0.001, optimizer="adam", **more)
    training = sum(net.history.seconds[past:])
    return time.perf_counter() - start - training, training

fit(callbacks=fastnn.Checkpoint(folder / "first.npz"))  # what is loaded once
shares = []
for round_ in range(rounds):
    file = folder / f"{round_}.npz"
    without, _ = fit()
    beside, training = fit(callbacks=fastnn.Checkpoint(file))
    saved = fastnn.load(file)
    assert all(np.array_equal(a, b) for a, b in zip(saved.weights, net.weights)), "not the network"
    shares.append(100 * (beside - without) / training)
print(json.dumps(shares))
"""

# Sixteen networks at once, as a share of the time that they take one after the other: by the
# faster of two loops, with as many threads as `fit` chooses for each and with one. The networks
# must be the same ones to the bit.
_FIT_MANY = """
import json, sys, time
import numpy as np
import fastnn
from fastnn.datasets import load_mnist

rounds = int(sys.argv[1])
x, y, *_ = load_mnist()
sizes, seeds = [784, 30, 10], range(16)
settings = dict(epochs=5, batch_size=10, learning_rate=0.5, l2=5.0)
fastnn.Network(sizes, seed=0).fit(x, y, **settings)  # compiles

shares = []
for _ in range(rounds):
    one_by_one = []
    for threads in (None, 1):
        start = time.perf_counter()
        networks = [fastnn.Network(sizes, seed=seed) for seed in seeds]
        for net in networks:
            net.fit(x, y, n_threads=threads, **settings)
        one_by_one.append(time.perf_counter() - start)
    start = time.perf_counter()
    found = fastnn.fit_many([dict(seed=seed) for seed in seeds], x, y, sizes=sizes, **settings)
    together = time.perf_counter() - start
    for net, other in zip(networks, found, strict=True):
        same = all(np.array_equal(a, b) for a, b in zip(net.weights, other.net.weights))
        assert same, "not the same networks"
    shares.append(100 * together / min(one_by_one))
print(json.dumps(shares))
"""

# The test images that a large network classifies wrongly, a seed each round.
_REGULARIZED = """
import json, sys
import fastnn
from fastnn.datasets import load_mnist

x, y, x_test, y_test = load_mnist()
wrong = []
for seed in range(int(sys.argv[1])):
    net = fastnn.Network(
        [784, 1024, 1024, 10], "relu", "log_likelihood", initializer="he_normal", seed=seed
    )
    net.fit(
        x, y, epochs=80, batch_size=128, learning_rate=fastnn.OneCycle(0.0015), optimizer="adam",
        dropout=0.5, input_dropout=0.2, max_norm=3.0,
    )
    wrong.append(100 * (1 - net.evaluate(x_test, y_test).accuracy))
print(json.dumps(wrong))
"""


def _stage(program: str, *, most_rounds: int | None = None) -> Callable[[int], list[float]]:
    """The figures that a program prints, one a round, with compiled code in a cache of its own."""

    def figures(rounds: int) -> list[float]:
        if most_rounds is not None:
            rounds = min(rounds, most_rounds)
        with TemporaryDirectory() as cache, TemporaryDirectory() as folder:
            printed = run_program(["-c", program, str(rounds), folder], Path(cache))
        found: list[float] = json.loads(printed)
        return found

    return figures


# As starts.STAGES.
STAGES = {
    "checkpoint": _stage(_CHECKPOINT),
    "fit many": _stage(_FIT_MANY),
    "regularized": _stage(_REGULARIZED, most_rounds=1),
}
