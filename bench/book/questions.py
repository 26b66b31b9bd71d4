"""What the two scripts behind "When the loss blows up" share: options, data, tables."""

import argparse
import random
from pathlib import Path

import numpy as np

from bench import pages
from bench.book.experiment import PICTURES
from fastnn.book import mnist_loader

ETA, LMBDA, M = 0.5, 5.0, 10  # chapter 3
SIZES = [784, 30, 10]


def arguments(name, description, argv, epochs):
    """The script's options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rows", type=int, default=50_000, help="training images")
    parser.add_argument("--print-only", action="store_true", help="write no picture, no page")
    parser.add_argument("--picture", type=Path, default=PICTURES / f"{name}.png")
    pages.add_root(parser)
    return parser.parse_args(argv)


def digits(seed, rows):
    """The book's training and validation data, with both random generators seeded."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 the book draws from this generator
    training, validation, _ = mnist_loader.load_data_wrapper()
    return list(training)[:rows], list(validation)


def table(header, rows):
    """Markdown; numbers are written already."""
    lines = [header, ["--:"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def finish(name, options, lines, draw):
    """Print the lines; draw the picture and put both into their page."""
    print("\n".join(lines))
    if options.print_only:
        return
    draw(options.picture)
    picture = pages.link(name, options.picture, options.root)
    pages.write(name, [*lines, "", f"![{name.replace('_', ' ')}]({picture})"], options.root)


def axes(panels):
    """A figure with so many panels beside each other."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    return plt.subplots(1, panels, figsize=(9, 3.2), layout="constrained")
