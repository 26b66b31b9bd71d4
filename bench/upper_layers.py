"""Above layer 1 threads share the rows, or each takes all: `python bench/upper_layers.py`.

For each cell it prints the work above layer 1 as fastnn.engine.upper_layers estimates it,
microseconds that a mini-batch takes both ways on two threads, and what is chosen. Its constant
comes from such a table. Beside it stands how long a meeting of the threads takes: where that is
much longer than 0.05 microseconds, the cores lie far apart, and working alone pays more.
"""

import time

import numpy as np

from fastnn.engine import Engine, Trainer, UpdateRule, first_layer, upper_layers
from fastnn.engine.threads import run_team
from fastnn.kernels.jit import kernel
from fastnn.kernels.team import member_at, wait_for_all

INPUTS, OUTPUTS = 784, 10
CELLS = [
    (hidden, m)
    for m in (4, 10, 20, 64, 1024)
    for hidden in ((), (30,), (100,), (256,), (64, 64), (1024,))
    if sum(hidden) * m <= 16_384
]
ROUNDS, MEETINGS = 9, 20_000


@kernel
def _meet(n, member_):
    """Meet n times."""
    member = member_at(member_)
    for _ in range(n):
        if not wait_for_all(member):
            return


def microseconds_a_meeting():
    start = time.perf_counter()
    run_team(lambda member: _meet(MEETINGS, member), 2)
    return 1e6 * (time.perf_counter() - start) / MEETINGS


def trainers(x, y, hidden, m):
    """A trainer for each way; the result of both is the same."""
    choose, ways = upper_layers.each_by_itself, {}
    try:
        for own in (False, True):
            upper_layers.each_by_itself = lambda *_, own=own: own
            activations = ["sigmoid"] * (len(hidden) + 1)
            engine = Engine([INPUTS, *hidden, OUTPUTS], activations, "cross-entropy", "float32")
            engine.parameters[:] = 1e-3
            ways[own] = Trainer(engine, x, y, UpdateRule(m, 1e-3, 0.0, 1.0, len(x)), max_threads=2)
    finally:
        upper_layers.each_by_itself = choose
    return ways


def microseconds_a_mini_batch(ways, rows, m):
    """The median of some interleaved rounds of each."""
    order, figures = np.random.default_rng(0).permutation(rows), {own: [] for own in ways}
    for _ in range(ROUNDS):
        for own, trainer in ways.items():
            start = time.perf_counter()
            trainer.run(order, 2)
            trainer.finish_epoch()
            figures[own].append(1e6 * (time.perf_counter() - start) / (rows // m))
    return {own: float(np.median(of_way)) for own, of_way in figures.items()}


def main():
    rng, rows = np.random.default_rng(0), 3840
    values = rng.random((rows, INPUTS), np.float32)
    y = np.eye(OUTPUTS, dtype="float32")[rng.integers(0, OUTPUTS, rows)]
    microseconds_a_meeting()
    print("inputs  hidden      batch      work   shared  by each   faster  chosen   a meeting")
    for density, kind in ((0.19, "sparse"), (1.0, "dense")):
        x = values * (rng.random(values.shape, np.float32) < density)
        for hidden, m in CELLS:
            halves = density < 1 or first_layer.shares_inputs(INPUTS, m)
            if not halves:  # threads then share the rows of layer 1, too
                continue
            sizes = [INPUTS, *hidden, OUTPUTS]
            work = upper_layers.work_above(sizes, m)
            figures = microseconds_a_mini_batch(trainers(x, y, hidden, m), rows, m)
            chosen = upper_layers.each_by_itself(sizes, m)
            names = {True: "by each", False: "shared"}
            print(
                f"{kind:7} {'-'.join(map(str, hidden)):9} {m:7} {work:9,} {figures[False]:8.2f} "
                f"{figures[True]:8.2f}  {names[figures[True] < figures[False]]:>7} "
                f"{names[chosen]:>7} {microseconds_a_meeting():11.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
