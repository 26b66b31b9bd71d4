"""What the scripts of the README's section "When the loss blows up" share."""

import argparse
import random
import sys
from pathlib import Path

import numpy as np

from fastnn.book import mnist_loader
from fastnn.files import atomic_write

FOLDER = Path(__file__).parent
sys.path.append(str(FOLDER.parent))  # for the README's markers

from readme import between_markers  # noqa: E402

ETA, LMBDA, M = 0.5, 5.0, 10  # chapter 3
SIZES = [784, 30, 10]


def arguments(name, description, argv, epochs):
    """The script's options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rows", type=int, default=50_000, help="training images")
    parser.add_argument("--print-only", action="store_true", help="write no picture, no README")
    parser.add_argument("--picture", type=Path, default=FOLDER / "pictures" / f"{name}.png")
    parser.add_argument("--readme", type=Path, default=FOLDER.parents[1] / "README.md")
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
    """Print the lines; draw the picture and put both into the README."""
    print("\n".join(lines))
    if options.print_only:
        return
    draw(options.picture)
    picture = options.picture.resolve().relative_to(options.readme.resolve().parent).as_posix()
    lines = [*lines, "", f"![{name.replace('_', ' ')}]({picture})"]
    markers = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = between_markers(options.readme.read_text(encoding="utf-8"), lines, *markers)
    with atomic_write(options.readme) as file:
        file.write(text.encode())


def axes(panels):
    """A figure with so many panels beside each other."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    return plt.subplots(1, panels, figsize=(9, 3.2), layout="constrained")
