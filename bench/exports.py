"""One network as every kind of file: how large, how fast for one row, how accurate.

    python -m bench.exports
    python -m bench.exports bench/results/FILE-exports.json

A network that learned MNIST is written as each kind. Times are medians of several rounds, in each
of which all take their turn with the same test images, one at a time and on one core: `predictor`
of fastnn, ONNX Runtime's `run`, and a program in C that `gcc -O2` made of the header. Accuracies
are of MNIST's 10,000 test images. What can't be measured here is left out, and said on standard
error. The figures go to a file in bench/results, and into the page; the second command writes the
page only.
"""

import argparse
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import fastnn
from bench import pages
from bench.suite import machine, report
from fastnn.datasets import load_mnist
from fastnn.export import read, write
from fastnn.files import atomic_write

PART = "exports"
ROUNDS, ROWS, HIDDEN = 9, 2000, 192
HEAD = ["file", "bytes", "microseconds a row", "MNIST's test images right"]

MAIN = """\
#include <stdio.h>
#include <time.h>
#include "net.h"

static float rows[COUNT][NET_INPUTS];

int main(int count, char **files)
{
    static float output[NET_OUTPUTS], scratch[NET_SCRATCH];
    struct timespec start, end;
    FILE *file = fopen(files[1], "rb"), *labels = fopen(files[2], "wb");
    if (!file || fread(rows, sizeof rows, 1, file) != 1 || !labels)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < COUNT; i++) {
        net_predict(rows[i], output, scratch);
        fputc(net_label(output), labels);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f", end.tv_sec - start.tv_sec + 1e-9 * (end.tv_nsec - start.tv_nsec));
    return fclose(labels) != 0;
}
"""


class Fastnn:
    """fastnn, with the network as it comes back from the file."""

    about = "fastnn's `predictor`"

    def __init__(self, path, x):
        self._net, self._x = read(path), x
        self._predict = self._net.predictor()

    def labels(self):
        """Of all rows."""
        return self._net.predict(self._x)

    def seconds(self, count):
        """For a row, one after the other."""
        return _seconds(self._predict, self._x[:count])


class OnnxRuntime:
    """ONNX Runtime, with one thread."""

    about = "ONNX Runtime"

    def __init__(self, path, x):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._x = x

    def labels(self):
        return self._session.run(["label"], {"input": self._x})[0]

    def seconds(self, count):
        run = self._session.run
        return _seconds(lambda row: run(None, {"input": row[None]}), self._x[:count])


class CProgram:
    """The header in a program."""

    about = "C, gcc -O2"

    def __init__(self, path, x):
        self._x, self._folder = x, path.parent

    def labels(self):
        return self._run(len(self._x))[1]

    def seconds(self, count):
        return self._run(count)[0] / count

    def _run(self, count):
        """Seconds and labels of the first rows."""
        program = self._folder / f"main{count}"
        if not program.exists():
            (self._folder / "main.c").write_text(MAIN)
            command = [
                "gcc",
                "-O2",
                "-std=gnu99",
                f"-DCOUNT={count}",
                "main.c",
                "-lm",
                "-o",
                program,
            ]
            subprocess.run(command, cwd=self._folder, check=True)
        rows, labels = self._folder / "rows", self._folder / "labels"
        rows.write_bytes(self._x[:count].tobytes())
        done = subprocess.run([program, rows, labels], capture_output=True, text=True, check=True)
        return float(done.stdout), np.frombuffer(labels.read_bytes(), np.uint8)


def _seconds(predict, rows):
    start = time.perf_counter()
    for row in rows:
        predict(row)
    return (time.perf_counter() - start) / len(rows)


class Kind(NamedTuple):
    """A file that is written, who runs it if anybody does, and what that needs of others.

    module   of fastnn, which may be in another version only
    """

    file: str
    what: str
    runner: Any = None
    options: dict[str, Any] = {}
    module: str = "fastnn.export"
    package: str | None = None
    program: str | None = None

    def missing(self):
        """What it needs and is not here, else None."""
        for module in filter(None, (self.module, self.package)):
            if importlib.util.find_spec(module) is None:
                return module
        return self.program if self.program and not shutil.which(self.program) else None


KINDS = [
    Kind("net.npz", "fastnn's own", Fastnn),
    Kind("net.onnx", "ONNX", OnnxRuntime, package="onnxruntime"),
    Kind("net.safetensors", "safetensors", Fastnn),
    Kind("net.h", "C99", CProgram, {"prefix": "net"}, "fastnn.export.c99", program="gcc"),
    Kind(
        "int8/net.h",
        "C99, int8",
        CProgram,
        {"prefix": "net", "int8": True},
        "fastnn.export.c99",
        program="gcc",
    ),
    Kind("net.html", "a page to draw on", module="fastnn.demo.page"),
]


def measure(net, folder, x, y, count, rounds):
    """A line of figures for each kind that can be written here."""
    lines, runners = [], []
    for kind in KINDS:
        if needed := kind.missing():
            print(f"{kind.what}: left out, there is no {needed}", file=sys.stderr)
            continue
        path = folder / kind.file
        path.parent.mkdir(exist_ok=True)
        write(net, path, **kind.options)
        line = {"file": kind.what, "bytes": path.stat().st_size, "run_by": None}
        runner = kind.runner and kind.runner(path, x)
        if runner:
            right = np.count_nonzero(runner.labels() == y)
            line |= {"run_by": runner.about, "rows": len(x), "right": int(right)}
        lines.append(line)
        runners.append(runner)
    times = [[runner and runner.seconds(count) for runner in runners] for _ in range(rounds)]
    for line, runner, *seconds in zip(lines, runners, *times):
        if runner:
            line["microseconds"] = statistics.median(seconds) * 1e6
    return lines


def markdown(results):
    """The page's part."""
    rows = [
        [
            line["file"],
            f"{line['bytes']:,}",
            f"{report.figure(line['microseconds'])}, {line['run_by']}" if line["run_by"] else "",
            f"{line['right'] / line['rows']:.2%}" if line["run_by"] else "",
        ]
        for line in results["exports"]
    ]
    about, settings = results["machine"], results["settings"]
    origin = f"{machine.processor(about)}, {about['date'][:10]}"
    note = (
        f"({settings['network']}; one thread, medians of {settings['rounds']} interleaved rounds; "
        f"{origin}.)"
    )
    return [*report.markdown_table(HEAD, rows), "", note]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "results", nargs="?", type=Path, help="write the page of these, measure none"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--rows", type=int, default=ROWS, help="test images of a round")
    parser.add_argument("--hidden", type=int, default=HIDDEN, help="neurons")
    parser.add_argument("--json", type=Path, help="the results file")
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    if arguments.results:
        results = json.loads(arguments.results.read_text())
    else:
        results = _results(arguments)
        about = machine.slug(results["machine"])
        path = arguments.json or arguments.root / "bench" / "results" / f"{about}-exports.json"
        with atomic_write(path) as file:
            file.write(json.dumps(results, indent=2).encode() + b"\n")
    print("\n".join(lines := markdown(results)))
    pages.write(PART, lines, arguments.root)


def _results(arguments):
    x, y, x_test, y_test = load_mnist()
    sizes = [784, arguments.hidden, 10]
    net = fastnn.Network(sizes, "relu", "log_likelihood", initializer="he_normal", seed=0)
    rate = fastnn.OneCycle(0.005)
    net.fit(x, y, epochs=5, batch_size=64, learning_rate=rate, optimizer="adam", l2=10.0)
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(net, Path(folder), x_test, y_test, arguments.rows, arguments.rounds)
    name = f"{'-'.join(map(str, sizes))}, relu and softmax, of MNIST"
    settings = {"network": name, "rounds": arguments.rounds, "rows": arguments.rows}
    return {"machine": machine.describe(), "settings": settings, "exports": lines}


if __name__ == "__main__":
    main()
