"""What the book's experiments share: options, data, training over seeds, pictures.

The data are the book's: 50,000 images to train, 10,000 to validate, 10,000 to test.
"""

import argparse
from pathlib import Path

import numpy as np

import fastnn
from fastnn.book import mnist_loader

RESULTS = Path(__file__).parents[1] / "results" / "book"
PICTURES = Path(__file__).parent / "pictures"
COLOURS = ["#2A6EA6", "#FFA933", "#FF7033", "#5B8C5A"]


def options(script, description, argv=None):
    """The command line's; `--out` is a picture named after the script unless it says else."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--out", type=Path, default=PICTURES / f"{Path(script).stem}.png")
    parser.add_argument("--quick", action="store_true", help="few rows and epochs: only a trial")
    return parser.parse_args(argv)


def data(quick=False):
    """The book's (x, y) to train, to validate and to test."""
    rows = 500 if quick else None
    return tuple((x[:rows], y[:rows]) for x, y in mnist_loader.load_data())


def fit_all(specs, training, evaluation, quick=False, **common):
    """`fit_many`, with a progress bar; shortened for a trial."""
    if quick:
        specs = [{**spec, "epochs": 2} for spec in specs]
    return fastnn.fit_many(specs, *training, validation_data=evaluation, verbose=1, **common)


def draw(axes, results, column, legend, scale=1.0):
    """A column of the histories against the epoch: mean and range over seeds, a line a setting.

    legend(spec) names a setting; results with the same name belong together.
    """
    groups = {}
    for fitted in results:
        groups.setdefault(legend(fitted.spec), []).append(fitted.history[column])
    for (name, runs), colour in zip(groups.items(), COLOURS):
        runs = np.array(runs) * scale
        epochs = np.arange(runs.shape[1]) + 1
        axes.plot(epochs, runs.mean(axis=0), color=colour, label=name)
        low, high = runs.min(axis=0), runs.max(axis=0)
        axes.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.set_xlabel("epoch")
    axes.legend()


def figure(columns, rows=1):
    """An empty figure with its axes, which needs no screen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(
        rows, columns, figsize=(5.5 * columns, 4 * rows), layout="constrained", squeeze=False
    )


def save(picture, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=100)
    print(path)
