"""The book's calls for one sample or a few, ours beside the book's: `python -m bench.book.calls`.

For each size of network it checks that both give the same numbers, then times `feedforward(x)` of
a column, `backprop(x, y)`, `update_mini_batch` of 10 samples, and `evaluate` and `accuracy` of 100,
in turns and in one process. It prints the medians of all rounds in microseconds, and the median of
the rounds' ratios with the smallest that a round of each took. It exits with 1 if one of ours is
slower, or, for 784-30-10, not twice as fast.
"""

import argparse
import statistics
import sys
import time

import numpy as np

from bench.book.as_written import AsWritten, CrossEntropy
from bench.suite.machine import describe, fastnn_versions
from fastnn.book import network, network2

SIZES = [(2, 3, 1), (10, 5, 2), (30, 20, 20, 10), (784, 30, 10), (784, 100, 10)]
LARGE = (784, 30, 10)  # of which twice the speed is asked
ETA, LMBDA, N = 1e-3, 0.1, 1000


def networks(sizes):
    """Ours of both chapters and the book's, of the same weights, and 100 samples."""
    rng = np.random.default_rng(0)
    ours, chapter1 = network2.Network(list(sizes)), network.Network(list(sizes))
    book = AsWritten(list(sizes), CrossEntropy)
    for net in (chapter1, book):
        net.weights, net.biases = [w.copy() for w in ours.weights], list(ours.biases)
    # As MNIST's: a fifth of the pixels are not 0, in float32.
    x = rng.random((100, sizes[0], 1)) * (rng.random((100, sizes[0], 1)) < 0.2)
    labels = rng.integers(0, sizes[-1], 100).tolist()
    training = [(a, np.eye(sizes[-1])[:, [j]]) for a, j in zip(x.astype(np.float32), labels)]
    return ours, chapter1, book, training


def calls(sizes):
    """For each call ours, the book's, and what both compute, to be compared."""
    ours, chapter1, book, training = networks(sizes)
    (x, y), batch = training[0], training[:10]
    tests = [(x, int(np.argmax(y))) for x, y in training]

    def update(net):
        net.update_mini_batch(batch, ETA, LMBDA, N)

    verify(sizes, "feedforward", [ours.feedforward(x)], [book.feedforward(x)])
    for got, expected in zip(ours.backprop(x, y), book.backprop(x, y), strict=True):
        verify(sizes, "backprop", got, expected)
    assert ours.accuracy(tests) == chapter1.evaluate(tests) == book.accuracy(tests)
    update(ours), update(book)
    verify(sizes, "update_mini_batch", ours.weights + ours.biases, book.weights + book.biases)
    return {
        "feedforward": (lambda: ours.feedforward(x), lambda: book.feedforward(x), 50),
        "backprop": (lambda: ours.backprop(x, y), lambda: book.backprop(x, y), 20),
        "update_mini_batch": (lambda: update(ours), lambda: update(book), 4),
        "evaluate": (lambda: chapter1.evaluate(tests), lambda: book.accuracy(tests), 2),
        "accuracy": (lambda: ours.accuracy(tests), lambda: book.accuracy(tests), 2),
    }


def verify(sizes, name, got, expected):
    for a, b in zip(got, expected, strict=True):
        if a.shape != b.shape or not np.allclose(a, b, rtol=1e-9, atol=1e-12):
            sys.exit(f"{sizes}: {name} differs from the book's")


def seconds(call, times):
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def measured(ours, book, times, rounds):
    """Seconds of each round of both, in turns."""
    pairs = [(seconds(ours, times), seconds(book, times)) for _ in range(rounds)]
    return tuple(zip(*pairs, strict=True))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=101, help="of each call (default: 101)")
    options = parser.parse_args(argv)
    print(describe()["cpu"], fastnn_versions())
    print(f"{'network':18}{'call':20}{'ours':>9}{'book':>9} us{'ratio':>8}{'smallest':>10}")
    missed = []
    for sizes in SIZES:
        for name, (ours, book, times) in calls(sizes).items():
            a, b = measured(ours, book, times, options.rounds)
            ratio = statistics.median(y / x for x, y in zip(a, b, strict=True))
            smallest = min(b) / min(a)
            figures = f"{1e6 * statistics.median(a):9.1f}{1e6 * statistics.median(b):9.1f}   "
            network_name = "-".join(map(str, sizes))
            print(f"{network_name:18}{name:20}{figures}{ratio:8.2f}{smallest:10.2f}")
            if ratio < (2.0 if sizes == LARGE else 1.0):
                missed.append(f"{network_name} {name}")
    if missed:
        print("missed:", ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
