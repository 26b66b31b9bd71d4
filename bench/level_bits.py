"""Train the same network with the same seed on each CPU level, and compare the bits.

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
AFTER = (1, 2, 5, 10)  # epochs
ROWS = 10_000

TRAINING = f"""
import json, sys
import numpy as np
import fastnn
from fastnn.datasets import load_mnist

x, y, x_test, y_test = load_mnist()
net = fastnn.Network([784, 100, 10], activation="relu", seed=0)
accuracies = []
for before, after in zip({(0, *AFTER)}, {AFTER}):
    net.fit(x[:{ROWS}], y[:{ROWS}], epochs=after - before, batch_size=32, optimizer="adam")
    parameters = [array.ravel() for array in (*net.weights, *net.biases)]
    np.save(sys.argv[1] + f"/{{after}}.npy", np.concatenate(parameters).astype(float))
    accuracies.append(net.evaluate(x_test, y_test).accuracy)
print(json.dumps(accuracies))
"""


def environment(level):
    """The variables by which a process runs a level's code, or code that adds up as it does."""
    own = cpu_level()
    if level in (own, *BELOW[own]):
        return {"FASTNN_CPU_LEVEL": level}
    return {"FASTNN_REGISTERS": LEVELS[level]}


def trained(level, folder):
    """(parameters after some epochs, test accuracies) of the training on a level."""
    variables = {**os.environ, **environment(level)}
    command = [sys.executable, "-c", TRAINING, str(folder)]
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return [np.load(f"{folder}/{epochs}.npy") for epochs in AFTER], json.loads(done.stdout)


def table(results, reference):
    """Lines of the page: by how much weights differ from those of `reference`."""
    others = [level for level in results if level != reference]
    lines = [
        f"| after | {' | '.join(f'weights, {level}' for level in others)} "
        f"| {' | '.join(f'accuracy, {level}' for level in results)} |",
        "|---|" + "---:|" * (len(others) + len(results)),
    ]
    theirs = results[reference][0]
    for i, epochs in enumerate(AFTER):
        norm = np.linalg.norm(theirs[i])
        far = [np.linalg.norm(results[level][0][i] - theirs[i]) / norm for level in others]
        cells = [f"{value:.1e}" for value in far]
        cells += [f"{accuracies[i]:.2%}" for _, accuracies in results.values()]
        name = "1 epoch" if epochs == 1 else f"{epochs} epochs"
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def note(levels):
    """What was trained where."""
    where = machine.describe()
    stood_in = [level for level in levels if "FASTNN_REGISTERS" in environment(level)]
    how = "".join(f"; {level}: its registers, by a CPU without them" for level in stood_in)
    return (
        f"(784-100-10, ReLU, Adam, mini-batches of 32, {ROWS:,} digits, seed 0, float32; "
        f"{where['cpu']}, {where['date'][:10]}{how}.)"
    )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    results = {}
    for level in LEVELS:
        with tempfile.TemporaryDirectory() as folder:
            results[level] = trained(level, folder)
    lines = table(results, "x86-64-v3")
    pages.write("levels", [*lines, "", note(results)], arguments.root)


if __name__ == "__main__":
    main()
