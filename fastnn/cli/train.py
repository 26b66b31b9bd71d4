"""`fastnn train mnist`: train on MNIST, show how it goes, save what was learned."""

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

from fastnn.cli import machine, outputs, report
from fastnn.cli.arguments import number, whole
from fastnn.cli.display import Progress, Results, status, warnings_as_lines
from fastnn.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from fastnn import Epoch, Network
    from fastnn.datasets import MNIST

__all__ = ["add_parser"]

_INTERRUPTED = 128 + 2  # as a shell shows the end by SIGINT

_DESCRIPTION = """\
Train on MNIST's 60,000 images and test on its 10,000 others: a line an epoch, then a summary.
Sigmoid neurons, cross-entropy cost, float32. Ctrl-C ends the training and keeps what was
learned so far.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "train", help="train a network", description="Train a network on a data set."
    )
    datasets = parser.add_subparsers(title="data sets", metavar="DATASET", required=True)
    mnist = datasets.add_parser(
        "mnist", help="60,000 handwritten digits, part of fastnn", description=_DESCRIPTION
    )
    _add_training_options(mnist.add_argument_group("the network and its training"))
    group = mnist.add_argument_group("output")
    group.add_argument("--save", metavar="FILE", help="write the trained network to FILE")
    group.add_argument(
        "--json",
        metavar="FILE",
        help="write settings, versions, timings and all figures to FILE; - writes them to "
        "standard output, and nothing else there",
    )
    group.add_argument("--quiet", action="store_true", help="print the summary only")
    mnist.set_defaults(run=_run)


def _add_training_options(group: Any) -> None:
    def add(option: str, read: Any, default: Any, text: str, **more: Any) -> None:
        shown = " ".join(map(str, default)) if isinstance(default, list) else default
        metavar = "N" if not isinstance(default, float) else "X"
        text = f"{text} (default: {shown})"
        group.add_argument(option, type=read, default=default, metavar=metavar, help=text, **more)

    add(
        "--hidden", whole(1, 1_000_000), [100],
        "neurons of each hidden layer: several numbers make several layers, none makes none",
        nargs="*",
    )  # fmt: skip
    add("--epochs", whole(1, 1_000_000), 30, "passes over the training images")
    add("--batch-size", whole(1, 60_000), 10, "images of a mini-batch")
    add("--learning-rate", number(positive=True), 0.25, "eta")
    add(
        "--l2", number(), 2.0,
        "lambda of the L2 penalty, which is lambda / (2 n) times the sum of the squared weights; "
        "n is the number of training images",
    )  # fmt: skip
    add(
        "--l1", number(), 0.0,
        "lambda of the L1 penalty, which is lambda / n times the sum of the weights' magnitudes",
    )  # fmt: skip
    add(
        "--seed", whole(0), 0,
        "of the first weights and of the images' order; the same seed on the same machine gives "
        "the same network",
    )  # fmt: skip
    add("--rows", whole(1, 60_000), 60_000, "train on the first N images only")
    group.add_argument(
        "--threads",
        type=whole(1, 1024),
        metavar="N",
        help="threads to train with, which change nothing of the result (default: as many as are "
        "measured to be fastest)",
    )


def _run(arguments: argparse.Namespace) -> int:
    _check_files(arguments.save, arguments.json)
    results = Results(
        shown=arguments.json != outputs.STDOUT,
        keep_on=arguments.save is not None or arguments.json is not None,
    )
    net, mnist, figures = _prepare(arguments)
    if not arguments.quiet:
        results.say(*report.heading(figures))
    progress = Progress(arguments.epochs, arguments.rows, results, shown=not arguments.quiet)
    figures["interrupted"] = _train(net, mnist, arguments, progress, results)
    with outputs.uninterrupted():
        test = net.evaluate(mnist.test_images, mnist.test_labels)
        outcome = report.outcome(net, test, len(mnist.test_labels), progress)
        outcome["timings"] = {**figures["timings"], **outcome["timings"]}
        figures |= outcome
        results.say(*report.summary(figures))
        if arguments.save is not None:
            net.save(arguments.save)
            results.say(report.line("saved to", arguments.save))
        if arguments.json is not None:
            outputs.write_json(arguments.json, {**figures, "saved": arguments.save})
    return _INTERRUPTED if figures["interrupted"] else 0


def _check_files(save: str | None, json: str | None) -> None:
    """Fail before the training if what it gives can't be written."""
    if save is not None:
        outputs.check_writable("--save", save)
    if json is not None and json != outputs.STDOUT:
        outputs.check_writable("--json", json)
        if save is not None and os.path.realpath(save) == os.path.realpath(json):
            raise UsageError(f"--save and --json: expected two files, got {save} for both")


def _prepare(arguments: argparse.Namespace) -> "tuple[Network, MNIST, dict[str, Any]]":
    """The network, its data, and the figures that are known before the training."""
    import fastnn
    from fastnn.datasets import load_mnist

    net = fastnn.Network([784, *arguments.hidden, 10], seed=arguments.seed)
    shown = not arguments.quiet
    start = time.perf_counter()
    with status("loading MNIST", shown=shown):
        mnist = load_mnist()
    mnist = mnist._replace(
        train_images=mnist.train_images[: arguments.rows],
        train_labels=mnist.train_labels[: arguments.rows],
    )
    loading = time.perf_counter() - start

    cached = machine.cache_state().kernels
    with status("preparing the kernels, which takes some seconds the first time", shown=shown):
        compiling = net.compile()
    compiled = not cached or machine.cache_state().kernels > cached
    figures = report.preparation(net, arguments, loading, compiling, compiled=compiled)
    return net, mnist, figures


def _train(
    net: "Network",
    mnist: "MNIST",
    arguments: argparse.Namespace,
    progress: Progress,
    results: Results,
) -> bool:
    """Train, showing how it goes; returns whether Ctrl-C ended it."""
    from fastnn.divergence import DivergenceError

    def end_epoch(_: "Network", epoch: "Epoch") -> None:
        progress.end_epoch()
        if not arguments.quiet:
            results.say(report.epoch_line(epoch))

    try:
        with progress, warnings_as_lines():
            net.fit(
                mnist.train_images,
                mnist.train_labels,
                epochs=arguments.epochs,
                batch_size=arguments.batch_size,
                learning_rate=arguments.learning_rate,
                l2=arguments.l2,
                l1=arguments.l1,
                n_threads=arguments.threads,
                validation_data=(mnist.test_images, mnist.test_labels),
                callbacks=[end_epoch],
                on_progress=progress.advance,
            )
    except KeyboardInterrupt:
        if not progress.rows:  # nothing was learned, nothing is worth saving
            raise
        return True
    except DivergenceError as error:
        raise CommandError(str(error)) from None
    return False
