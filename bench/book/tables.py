"""Reproduce the book's accuracies: mean and spread over seeds beside the book's own figure.

    python -m bench.book.tables [--seeds 5] [--out RESULTS.json] [--write]

Trains every network of chapters 1, 3, 5 and the fully connected one of chapter 6 (see rows.py),
prints a table, writes all figures to a file, and with --write the table to its page.
`--from RESULTS.json` trains nothing and takes the figures of that file.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import fastnn
from bench import pages
from bench.book.experiment import RESULTS, data, fit_all
from bench.book.hidden_layers import speeds
from bench.book.rows import ANY, BEST, FIRST, LAST, ROWS, SPEEDS, VALIDATED
from bench.suite import machine
from fastnn.files import atomic_write


def train(rows, seeds, quick=False):
    """The accuracies of each row, per cent: a dict from which epoch to a list over seeds."""
    sets = dict(zip(("training", "validation", "test"), data(quick), strict=True))
    figures = [{} for _ in rows]
    for n, evaluated in sorted({(row.n, _watched(row)) for row in rows}):
        part = [i for i, row in enumerate(rows) if (row.n, _watched(row)) == (n, evaluated)]
        distinct = []  # some rows tell of the same training
        for i in part:
            if rows[i].spec not in distinct:
                distinct.append(rows[i].spec)
        specs = [_seeded(spec, seed) for spec in distinct for seed in range(seeds)]
        x, y = sets["training"]
        results = fit_all(specs, (x[:n], y[:n]), sets[evaluated], quick)
        for i in part:
            first = distinct.index(rows[i].spec) * seeds
            runs = results[first : first + seeds]
            figures[i] = _accuracies(runs, rows[i], sets["test"])
    return figures


def _watched(row):
    """The data whose accuracy each epoch ends with."""
    return "validation" if row.epoch == VALIDATED else row.evaluated


def _seeded(spec, seed):
    """A row's spec for a seed; whatever has to be drawn for it is."""
    drawn = {name: value(seed) if callable(value) else value for name, value in spec.items()}
    if callable(spec.get("initializer")):  # network3: keep the best epoch on the validation data
        drawn["callbacks"] = fastnn.EarlyStopping(patience=spec["epochs"])
    return {**drawn, "seed": seed}


def _accuracies(runs, row, test):
    columns = [[100 * a for a in run.history.validation_accuracy] for run in runs]
    figures = {
        FIRST: [column[0] for column in columns],
        LAST: [column[-1] for column in columns],
        BEST: [max(column) for column in columns],
    }
    if row.epoch == VALIDATED:
        figures = {VALIDATED: [100 * run.net.evaluate(*test).accuracy for run in runs]}
    return {name: [round(float(a), 4) for a in values] for name, values in figures.items()}


def initial_speeds(seeds, quick=False):
    """||dC/db|| of the hidden layers before training: by layers, a list over seeds of lists."""
    (x, y), _, _ = data(quick)
    nets = {
        layers: [fastnn.Network([784, *[30] * layers, 10], seed=seed) for seed in range(seeds)]
        for layers in SPEEDS
    }
    return {
        str(layers): [[round(speed, 6) for speed in speeds(net, x, y)] for net in nets[layers]]
        for layers in nets
    }


def verdict(row, figures):
    """Whether the book's figure lies in the range over the seeds, or how far from it."""
    low, high = _range(row, figures)
    if row.high < low:
        return f"{low - row.high:.2f} below"
    if row.low > high:
        return f"{row.low - high:.2f} above"
    return "within"


def _range(row, figures):
    names = (LAST, BEST) if row.epoch == ANY else (row.epoch,)
    values = [value for name in names for value in figures[name]]
    return min(values), max(values)


def _spread(values):
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.2f} ± {deviation:.2f}"


def markdown(results):
    """The lines of both tables."""
    seeds, origin = results["seeds"], results["machine"]
    lines = [
        f"Accuracies in per cent over {seeds} seeds, mean ± standard deviation, by "
        f"`python -m bench.book.tables` ({origin['cpu']}, {results['date']}).",
        "",
        "| chapter | network | data | epoch | book | fastnn | lowest to highest | the book's is |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    by_name = {(row["chapter"], row["network"]): row["accuracies"] for row in results["rows"]}
    for row in ROWS:
        figures = by_name[row.chapter, row.what]
        low, high = _range(row, figures)
        mean = _spread(figures[BEST if row.epoch == ANY else row.epoch])
        lines.append(
            f"| {row.chapter} | {row.what} | {row.evaluated} | {row.epoch} | {row.book} | {mean} "
            f"| {low:.2f} to {high:.2f} | {verdict(row, figures)} |"
        )
    lines += ["", "| chapter 5: ‖∂C/∂b‖ before training | book | fastnn |", "| --- | --- | --- |"]
    for layers, book in SPEEDS.items():
        runs = results["speeds"][str(layers)]
        means = ", ".join(f"{statistics.geometric_mean(s):.3f}" for s in zip(*runs, strict=True))
        lines.append(f"| {layers} hidden layers | {', '.join(map(str, book))} | {means} |")
    return lines


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--out", type=Path, default=RESULTS / "tables.json")
    parser.add_argument("--write", action="store_true", help="put it into its page as well")
    pages.add_root(parser)
    parser.add_argument("--from", type=Path, dest="source", help="figures that are there already")
    parser.add_argument("--quick", action="store_true", help="few rows and epochs: only a trial")
    chosen = parser.parse_args(argv)
    if chosen.source is not None:
        results = json.loads(chosen.source.read_text(encoding="utf-8"))
    else:
        results = {
            "machine": machine.describe(),
            "date": time.strftime("%Y-%m-%d"),
            "seeds": chosen.seeds,
            "rows": [
                {"chapter": row.chapter, "network": row.what, "accuracies": figures}
                for row, figures in zip(ROWS, train(ROWS, chosen.seeds, chosen.quick), strict=True)
            ],
            "speeds": initial_speeds(chosen.seeds, chosen.quick),
        }
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(chosen.out) as file:
            file.write(json.dumps(results, indent=1).encode())
    lines = markdown(results)
    print("\n".join(lines))
    if chosen.write:
        pages.write("book", lines, chosen.root)


if __name__ == "__main__":
    main()
