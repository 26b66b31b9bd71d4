"""`fastnn demo`: a page to play with, as one HTML file, opened in a browser."""

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastnn.cli import outputs
from fastnn.cli.display import Results, status, warn

if TYPE_CHECKING:
    from fastnn import Network

__all__ = ["add_parser", "mnist_network"]

_DESCRIPTION = """\
Write a page on which one draws a digit and watches a network read it, and open it. All of it is
one file, which needs no server and loads nothing.
"""

_FILE = "fastnn-demo.html"


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo", help="write a page to play with, and open it", description=_DESCRIPTION
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a network that fastnn saved, which sees 28 x 28 pixels; by default one is trained on "
        "MNIST, in a second or two",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default=_FILE, help=f"the page (default: {_FILE})"
    )
    parser.add_argument(
        "--classes",
        metavar="NAME",
        nargs="+",
        help="what the outputs are called (default: 0, 1 ...)",
    )
    parser.add_argument("--no-open", action="store_true", help="only write it")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    outputs.check_writable("--output", arguments.output)
    import fastnn
    from fastnn.demo.page import write_page
    from fastnn.demo.tabs import TABS
    from fastnn.model.portable import PortableNetwork

    given = arguments.model
    net, about = mnist_network() if given is None else (fastnn.load(given), None)
    portable = PortableNetwork.of(net, arguments.classes)
    write_page(portable, arguments.output, about=about, tabs=TABS)
    size = f"{os.path.getsize(arguments.output) / 1000:,.0f} kB"
    Results().say("; ".join(filter(None, [f"{arguments.output}: {size}", about])))
    if not arguments.no_open:
        _open(arguments.output)
    return 0


def mnist_network() -> "tuple[Network, str]":
    """A small network that has learned MNIST, and a line on it.

    L2 costs nothing in accuracy here, and leaves weights that are pictures of strokes.
    """
    import fastnn
    from fastnn.datasets import load_mnist

    with status("training a network on MNIST"):
        x, y, x_test, y_test = load_mnist()
        net = fastnn.Network(
            [784, 100, 10], "relu", "log_likelihood", initializer="he_normal", seed=0
        )
        start = time.perf_counter()
        net.fit(
            x,
            y,
            epochs=4,
            batch_size=64,
            learning_rate=fastnn.OneCycle(0.005),
            optimizer="adam",
            l2=30.0,
        )
        seconds = time.perf_counter() - start
        accuracy = net.evaluate(x_test, y_test).accuracy or 0.0
    return net, (
        f"784-100-10, trained on {len(x):,} digits of MNIST in {seconds:.1f} s, reads "
        f"{accuracy:.1%} of {len(x_test):,} others"
    )


def _open(name: str) -> None:
    import webbrowser

    if not webbrowser.open(Path(name).resolve().as_uri()):
        warn(f"found no browser; open {name} in one")
