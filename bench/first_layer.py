"""The ways of layer 1, timed beside each other: `python bench/first_layer.py`.

For each cell of a grid it prints microseconds a row of each way, the fastest one, and what
fastnn.engine.strategy chooses. Its constants come from such a table.
"""

import argparse
import time

import numpy as np

from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.engine.strategy import DENSE, SCALED, SORTED, Strategy

INPUTS, OUTPUTS = 784, 10
HIDDEN, BATCHES, DENSITIES = (16, 30, 100, 256, 800), (1, 10, 32, 128, 512), (0.02, 0.1, 0.2, 0.4)
MOMENTS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
WAYS = {"sgd": (DENSE, SORTED, SCALED), "sgd, L1": (DENSE, SORTED), "adam": (DENSE, SORTED)}
ROUNDS = 5


class Fixed(Strategy):
    """One way, which is possible."""

    def __init__(self, way):
        self._way = way

    def way(self, possible, work):
        return self._way


def trainers(x, y, hidden, m, optimizer):
    """A trainer for each way that this optimizer can take, and the choice among them."""
    l1 = 1.0 if optimizer == "sgd, L1" else 0.0
    rule = UpdateRule(
        m,
        1e-3,
        l1,
        1.0,
        len(x),
        optimizer.split(",")[0],
        **(MOMENTS if optimizer == "adam" else {}),
    )

    def make(strategy):
        engine = Engine([INPUTS, hidden, OUTPUTS], ["sigmoid"] * 2, "cross-entropy", "float32")
        engine.parameters[:] = 1e-3
        return Trainer(engine, x, y, rule, strategy=strategy)

    return {way: make(Fixed(way)) for way in WAYS[optimizer]}, make(Strategy()).way


def microseconds_a_row(ways, rows):
    """The shortest of some interleaved rounds of each."""
    order, best = np.random.default_rng(0).permutation(rows), dict.fromkeys(ways, np.inf)
    for _ in range(ROUNDS + 1):
        for way, trainer in ways.items():
            start = time.perf_counter()
            trainer.run(order)
            trainer.finish_epoch()
            best[way] = min(best[way], time.perf_counter() - start)
    return {way: seconds / rows * 1e6 for way, seconds in best.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000, help="rows an epoch, at most")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    values = rng.random((arguments.rows, INPUTS), np.float32)
    shares = rng.random(values.shape, np.float32)
    y = np.eye(OUTPUTS, dtype="float32")[rng.integers(0, OUTPUTS, arguments.rows)]
    losses = []
    columns = "".join(f"{way:>9}" for way in (DENSE, SORTED, SCALED))
    print(f"optimizer hidden batch density{columns}   fastest  chosen  loses")
    for optimizer in WAYS:
        for hidden in HIDDEN:
            for m in BATCHES:
                rows = min(arguments.rows, max(2 * m, arguments.rows * 60 // hidden))
                for density in DENSITIES:
                    x = values[:rows] * (shares[:rows] < density)
                    ways, chosen = trainers(x, y[:rows], hidden, m, optimizer)
                    figures = microseconds_a_row(ways, rows)
                    fastest = min(figures, key=figures.__getitem__)
                    losses.append(figures[chosen] / figures[fastest] - 1)
                    shown = "".join(
                        f"{figures[way]:9.2f}" if way in figures else "        -"
                        for way in (DENSE, SORTED, SCALED)
                    )
                    print(
                        f"{optimizer:9} {hidden:6} {m:5} {density:7.2f}{shown}   {fastest:8} "
                        f"{chosen:7} {losses[-1]:5.0%}",
                        flush=True,
                    )
    print(f"the choice loses {np.mean(losses):.1%} on average, {max(losses):.0%} at most")


if __name__ == "__main__":
    main()
