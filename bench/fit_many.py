"""How much longer many networks take one after the other than with `fastnn.fit_many`.

    python bench/fit_many.py [--networks 16] [--epochs 10] [--rounds 5] [--cores 2]

Trains networks [784, 30, 10] on the book's 50,000 images: by a loop over `fit`, with the number
of threads that it chooses itself and with one, and by `fit_many` on that many threads. The ways
take turns; medians count. The bar is 0.6 of the faster loop's time on two cores.
"""

import argparse
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import fastnn
from bench.suite import machine
from fastnn.book import mnist_loader
from fastnn.engine.threads import available_cores

BAR = 0.6
SETTINGS = {"batch_size": 10, "learning_rate": 0.5, "l2": 5.0}


def one_by_one(specs, x, y, n_threads):
    for spec in specs:
        net = fastnn.Network([784, 30, 10], seed=spec["seed"])
        net.fit(x, y, epochs=spec["epochs"], n_threads=n_threads, **SETTINGS)


def together(specs, x, y, cores):
    with ThreadPoolExecutor(cores) as executor:
        fastnn.fit_many(specs, x, y, executor=executor, sizes=[784, 30, 10], **SETTINGS)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, default in (("networks", 16), ("epochs", 10), ("rounds", 5), ("cores", 2)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default: {default}")
    parser.add_argument("--rows", type=int, default=50_000, help="of the training data")
    chosen = parser.parse_args(argv)
    (x, y), _, _ = mnist_loader.load_data()
    x, y = x[: chosen.rows], y[: chosen.rows]
    specs = fastnn.grid(seed=range(chosen.networks), epochs=chosen.epochs)
    fastnn.Network([784, 30, 10]).compile(x, y, **SETTINGS)
    ways = {
        "loop over fit": lambda: one_by_one(specs, x, y, None),
        "loop over fit, one thread": lambda: one_by_one(specs, x, y, 1),
        f"fit_many on {chosen.cores} threads": lambda: together(specs, x, y, chosen.cores),
    }
    seconds, cpu = {name: [] for name in ways}, {name: [] for name in ways}
    with machine.Others() as others:
        for _ in range(chosen.rounds):
            for name, run in ways.items():
                start, busy = time.perf_counter(), sum(os.times()[:2])
                run()
                seconds[name].append(time.perf_counter() - start)
                cpu[name].append(sum(os.times()[:2]) - busy)
    *loops, many = (statistics.median(values) for values in seconds.values())
    for name, values in seconds.items():
        busy = statistics.median(cpu[name])
        print(f"{name:30} {statistics.median(values):8.3f} s, {busy:8.3f} s of CPU time")
    cores = available_cores()
    print(f"ratio {many / min(loops):.3f}, bar {BAR} on 2 cores; other processes took", end=" ")
    print(f"{others.cores} cores" if others.cores is not None else "an unknown share", end="; ")
    if cores < chosen.cores:
        print(f"not decided: only {cores} usable")
        return 0
    print("met" if many / min(loops) <= BAR else "MISSED")
    return int(many / min(loops) > BAR)


if __name__ == "__main__":
    sys.exit(main())
