"""Train the same networks with the same seed on each CPU level, and compare the bits.

    python -m bench.level_bits

writes the table of the page on prebuilt kernels. A level that this CPU lacks is stood in for by
code of its own level for the other registers, which adds up in the same order. Levels without a
library here are compiled first, which takes minutes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from bench import pages
from bench.suite import machine
from fastnn.machine.cpu import BELOW, cpu_level

LEVELS = {"x86-64-v2": "sse2", "x86-64-v3": "avx2", "x86-64-v4": "avx512"}  # -> registers
REFERENCE = "x86-64-v3"
AFTER = (1, 2, 5, 10)  # epochs
ROWS = 10_000
# What is trained -> arguments of Network and of fit.
NETWORKS = {
    "ReLU, softmax, Adam": (
        {"activation": "relu", "cost": "log_likelihood", "initializer": "he_normal"},
        {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.001},
    ),
    "sigmoid, SGD, L2": (
        {"activation": "sigmoid", "cost": "cross_entropy"},
        {"batch_size": 10, "learning_rate": 0.5, "l2": 1.0},
    ),
}

TRAINING = f"""
import json, sys
import numpy as np
import fastnn
from fastnn.datasets import load_mnist

x, y, x_test, y_test = load_mnist()
network, fit = json.loads(sys.argv[1])
net = fastnn.Network([784, 100, 10], seed=0, **network)
accuracies = []
for before, after in zip({(0, *AFTER)}, {AFTER}):
    net.fit(x[:{ROWS}], y[:{ROWS}], epochs=after - before, **fit)
    parameters = [array.ravel() for array in (*net.weights, *net.biases)]
    np.save(sys.argv[2] + f"/{{after}}.npy", np.concatenate(parameters).astype(float))
    accuracies.append(net.evaluate(x_test, y_test).accuracy)
print(json.dumps(accuracies))
"""


def environment(level):
    """The variables by which a process runs a level's code, or code that adds up as it does."""
    own = cpu_level()
    if level == own or level in BELOW.get(own, ()):
        return {"FASTNN_CPU_LEVEL": level}
    return {"FASTNN_REGISTERS": LEVELS[level]}


def trained(settings, level):
    """(parameters, test accuracies), each after some epochs, of a training on a level."""
    variables = {**os.environ, **environment(level)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", TRAINING, json.dumps(settings), folder]
        done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
        return [np.load(f"{folder}/{epochs}.npy") for epochs in AFTER], json.loads(done.stdout)


def rows(name, results):
    """The table's rows of a network: by how much its weights differ from the reference's."""
    others = [level for level in results if level != REFERENCE]
    theirs, _ = results[REFERENCE]
    for i, epochs in enumerate(AFTER):
        norm = np.linalg.norm(theirs[i])
        cells = [distance(results[level][0][i] - theirs[i], norm) for level in others]
        cells += [f"{accuracies[i]:.2%}" for _, accuracies in results.values()]
        yield f"| {name} | {epochs} | {' | '.join(cells)} |"


def distance(difference, norm):
    return f"{np.linalg.norm(difference) / norm:.0e}" if difference.any() else "the same bits"


def heading(levels):
    short = [level.removeprefix("x86-64-") for level in levels]
    others = [name for name in short if not REFERENCE.endswith(name)]
    cells = [f"weights, {name}" for name in others] + [f"right, {name}" for name in short]
    return [f"| network | epochs | {' | '.join(cells)} |", "|---|" + "---:|" * (len(cells) + 1)]


def note(levels):
    """What was trained where."""
    where = machine.describe()
    stood_in = [level for level in levels if "FASTNN_REGISTERS" in environment(level)]
    how = "".join(f"; {level}: its registers, by a CPU without them" for level in stood_in)
    return (
        f"(784-100-10, {ROWS:,} digits, float32; {where['cpu']}, {where['date'][:10]}{how}; "
        "`python -m bench.level_bits`.)"
    )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    lines = heading(LEVELS)
    for name, settings in NETWORKS.items():
        lines += rows(name, {level: trained(settings, level) for level in LEVELS})
    pages.write("levels", [*lines, "", note(LEVELS)], arguments.root)


if __name__ == "__main__":
    main()
