"""The ways of layer 1, timed beside each other: `python bench/first_layer.py`.

For each cell of a grid it prints microseconds a row of each way, the fastest one, and what
fastnn.engine.strategy chooses. To the table it fits the costs that the choice goes by, and prints
them as they are written there, with what it would lose by them.
"""

import argparse
import time
from typing import NamedTuple

import numpy as np

from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.engine.strategy import (
    COSTS,
    DENSE,
    SCALED,
    SORTED,
    Costs,
    Strategy,
    Work,
    cheapest,
    estimates,
)
from fastnn.machine.registers import KIND

INPUTS, OUTPUTS = 784, 10
HIDDEN, BATCHES = (8, 16, 30, 100, 256, 800), (1, 10, 32, 128, 512)
DENSITIES = (0.02, 0.1, 0.2, 0.4, 0.6)
MOMENTS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
WAYS = {"sgd": (DENSE, SORTED, SCALED), "sgd, L1": (DENSE, SORTED), "adam": (DENSE, SORTED)}
ROUNDS = 5
STEPS = 200  # of the fit


class Fixed(Strategy):
    """One way, which is possible."""

    def __init__(self, way):
        self._way = way

    def way(self, possible, work):
        self.work = work
        return self._way


class Cell(NamedTuple):
    """What layer 1 has to do, and the microseconds a row that each way took."""

    work: Work
    figures: dict[str, float]

    def loss(self, costs):
        """What share of the fastest way's time is lost by going by these costs."""
        chosen = cheapest(list(self.figures), self.work, costs)
        return self.figures[chosen] / min(self.figures.values()) - 1


def trainer_of(x, y, hidden, m, optimizer, strategy):
    """One that takes the rows as the strategy wants."""
    l1 = 1.0 if optimizer == "sgd, L1" else 0.0
    name = optimizer.split(",")[0]
    rule = UpdateRule(m, 1e-3, l1, 1.0, len(x), name, **(MOMENTS if name == "adam" else {}))
    engine = Engine([INPUTS, hidden, OUTPUTS], ["sigmoid"] * 2, "cross-entropy", "float32")
    engine.parameters[:] = 1e-3
    return Trainer(engine, x, y, rule, strategy=strategy)


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


def measured(x, y, hidden, m, optimizer):
    """The cell of these rows."""
    strategies = {way: Fixed(way) for way in WAYS[optimizer]}
    ways = {
        way: trainer_of(x, y, hidden, m, optimizer, strategy)
        for way, strategy in strategies.items()
    }
    return Cell(strategies[DENSE].work, microseconds_a_row(ways, len(x)))


def fitted(cells):
    """The Costs by which the figures' logarithms come closest, in least squares.

    A figure is the estimate, a sum of products with the costs, and what the rest of the network
    takes: for a row and for a mini-batch, with a part for each vector of neurons.
    """
    ones, terms, figures = np.eye(len(Costs._fields)), [], []
    for work, by_way in cells:
        by_cost = [estimates(work, Costs(*one)) for one in ones]
        for way, figure in by_way.items():
            rest = [1, work.vectors, 1 / work.m, work.vectors / work.m]
            terms.append([estimate[way] for estimate in by_cost] + rest)
            figures.append(1000 * figure)
    terms = np.array(terms)
    logarithms = np.zeros(terms.shape[1])  # of the costs, which are so never below 0
    for _ in range(STEPS):
        parts = terms * np.exp(logarithms)
        sums = parts.sum(1)
        step = np.linalg.lstsq(parts / sums[:, None], np.log(figures / sums), rcond=None)[0]
        logarithms = np.clip(logarithms + np.clip(step, -0.5, 0.5), -7, 14)
    return Costs(*(float(f"{cost:.2g}") for cost in np.exp(logarithms[: len(ones)])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000, help="rows an epoch, at most")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    values = rng.random((arguments.rows, INPUTS), np.float32)
    shares = rng.random(values.shape, np.float32)
    y = np.eye(OUTPUTS, dtype="float32")[rng.integers(0, OUTPUTS, arguments.rows)]
    cells, present = [], COSTS[KIND]
    columns = "".join(f"{way:>9}" for way in (DENSE, SORTED, SCALED))
    print(f"optimizer hidden batch density{columns}   fastest  chosen  loses")
    for optimizer, ways in WAYS.items():
        for hidden in HIDDEN:
            for m in BATCHES:
                rows = min(arguments.rows, max(2 * m, arguments.rows * 60 // hidden))
                for density in DENSITIES:
                    x = values[:rows] * (shares[:rows] < density)
                    cell = measured(x, y[:rows], hidden, m, optimizer)
                    cells.append(cell)
                    shown = "".join(f"{figure:9.2f}" for figure in cell.figures.values())
                    fastest = min(cell.figures, key=cell.figures.__getitem__)
                    chosen = cheapest(ways, cell.work, present)
                    print(
                        f"{optimizer:9} {hidden:6} {m:5} {density:7.2f}{shown:27}   {fastest:8} "
                        f"{chosen:7} {cell.loss(present):5.0%}",
                        flush=True,
                    )
    fit = fitted(cells)
    print(f"\nfitted for {KIND}: {fit}")
    for title, costs in (("present", present), ("fitted", fit)):
        losses = [cell.loss(costs) for cell in cells]
        print(f"by the {title} costs it loses {np.mean(losses):.1%} on average, ", end="")
        print(f"{max(losses):.0%} at most")


if __name__ == "__main__":
    main()
