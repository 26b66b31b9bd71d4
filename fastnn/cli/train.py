"""`fastnn train`: train on a data set, show how it goes, save what was learned."""

import argparse
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from fastnn.cli import outputs, report_page, train_arguments, training_figures
from fastnn.cli.data_kind import MNIST_NAME
from fastnn.cli.display import Progress, Results, status, warnings_as_lines
from fastnn.cli.errors import CommandError
from fastnn.cli.kernel_watch import KernelWatch

if TYPE_CHECKING:
    from fastnn import Epoch, Network
    from fastnn.cli.datasets import DataSet
    from fastnn.datasets import MNIST

__all__ = ["add_parser"]

_INTERRUPTED = 128 + 2  # as a shell shows the end by SIGINT

_DESCRIPTION = """\
Train on a data set and test on rows of it that are not trained: a line an epoch, then a summary.
Ctrl-C ends the training and keeps what was learned so far.
"""

_DATASET = """\
mnist, 60,000 handwritten digits that are part of fastnn; or a folder with IDX files, as
Fashion-MNIST, KMNIST and EMNIST come (of the last, FOLDER/emnist-letters is one part); or an .npz
file with x and y, and x_test and y_test if there are test rows: else a tenth of the rows is kept
"""

_BOOK = """\
The network and the training of Michael Nielsen's book, chapter 3:
  fastnn train mnist --hidden 100 --activation sigmoid --cost cross_entropy --optimizer sgd
  --schedule constant --learning-rate 0.25 --l2 2 --batch-size 10 --epochs 30
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "train", help="train a network", description=_DESCRIPTION, epilog=_BOOK
    )
    parser.add_argument("dataset", metavar="DATASET", help=_DATASET)
    train_arguments.add_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    train_arguments.check(arguments)
    if arguments.report is not None:
        report_page.check_library()
    results = Results(
        shown=arguments.json != outputs.STDOUT,
        keep_on=any(
            getattr(arguments, name) is not None
            for name in ("save", "json", "checkpoint", "report")
        ),
    )
    with KernelWatch() as watch:
        net, data, loading = _prepare(arguments)
        figures = training_figures.preparation(net, arguments)
        if not arguments.quiet:
            results.say(*training_figures.heading(figures))
        progress = Progress(
            arguments.epochs,
            results,
            shown=not arguments.quiet,
            resumed=arguments.resume is not None,
            clock=watch.now,
        )
        failures: list[str | None] = []
        try:
            figures["interrupted"] = _train(net, data, arguments, progress, results)
        except BrokenPipeError:
            raise
        except OSError as error:  # a checkpoint's disk is full: what was learned is worth more
            if not progress.rows:
                raise
            figures["interrupted"] = True
            failures.append(f"{error.filename}: {outputs.reason(error)}")
    with outputs.uninterrupted():
        test = net.evaluate(data.x_test, data.y_test)
        figures |= training_figures.outcome(net, test, len(data.y_test), progress)
        figures["timings"] |= {"loading": loading, "compiling": watch.seconds}
        figures |= training_figures.kernels(watch)
        results.say(*training_figures.summary(figures))
        failures += _leave_files(arguments, net, data, figures, results)
    failures.append(results.failure)
    if any(failures):
        raise CommandError("; ".join(filter(None, failures)))
    return _INTERRUPTED if figures["interrupted"] else 0


def _leave_files(
    arguments: argparse.Namespace,
    net: "Network",
    data: "DataSet",
    figures: dict[str, Any],
    results: Results,
) -> list[str | None]:
    """Write those that were asked for; what went wrong with each."""
    failures: list[str | None] = []
    saved = arguments.save
    if saved is not None:
        failures.append(outputs.leave(saved, net.save))
        if failures[-1] is None:
            results.say(training_figures.line("saved to", saved))
        else:
            saved = None
    if arguments.report is not None:
        tell = partial(report_page.write_training, net, figures, data.x_test, data.y_test)
        failures.append(outputs.leave(arguments.report, tell))
        if failures[-1] is None:
            results.say(training_figures.line("report", arguments.report))
    if arguments.json is not None:
        content = {**figures, "saved": saved}
        try:
            failures.append(outputs.leave(arguments.json, lambda n: outputs.write_json(n, content)))
        except BrokenPipeError:
            if not any(failures):
                raise
    return failures


def _prepare(arguments: argparse.Namespace) -> "tuple[Network, DataSet, float]":
    """The network, its data, and the seconds that loading them took."""
    if arguments.dataset == MNIST_NAME:
        net, data, seconds = _prepare_mnist(arguments)
    else:
        from fastnn.cli.datasets import read

        start = time.perf_counter()
        with status(f"loading {arguments.dataset}", shown=not arguments.quiet):
            data = read(arguments.dataset, arguments.seed)
        seconds, arguments.kind = time.perf_counter() - start, data.kind
        import fastnn

        net = fastnn.Network(**train_arguments.network_settings(arguments))
    rows = train_arguments.rows(arguments)
    return net, data._replace(x=data.x[:rows], y=data.y[:rows]), seconds


def _prepare_mnist(arguments: argparse.Namespace) -> "tuple[Network, DataSet, float]":
    """The same for MNIST.

    Reading and converting release Python's lock, so a second core does it while this one imports
    and prepares the rest.
    """
    from concurrent.futures import ThreadPoolExecutor

    from fastnn.cli.datasets import DataSet

    with status("loading MNIST", shown=not arguments.quiet), ThreadPoolExecutor(1) as beside:
        loading = beside.submit(_load)
        import fastnn

        net = fastnn.Network(**train_arguments.network_settings(arguments))
        mnist, seconds = loading.result()
    return net, DataSet(arguments.kind, *mnist), seconds


def _load() -> "tuple[MNIST, float]":
    from fastnn.datasets import load_mnist

    start = time.perf_counter()
    return load_mnist(), time.perf_counter() - start


def _train(
    net: "Network",
    data: "DataSet",
    arguments: argparse.Namespace,
    progress: Progress,
    results: Results,
) -> bool:
    """Train, showing how it goes; returns whether Ctrl-C ended it."""
    import fastnn

    def advance(done: int, total: int) -> None:
        progress.advance(done, total, finished=len(net.history.epoch))

    def end_epoch(_: "Network", epoch: "Epoch") -> None:
        progress.end_epoch()
        if not arguments.quiet:
            results.say(training_figures.epoch_line(epoch))

    settings = train_arguments.fit_settings(arguments)
    settings["callbacks"] += [end_epoch, fastnn.Progress(advance)]
    if not arguments.validation_split:
        settings["validation_data"] = data.x_test, data.y_test
    try:
        with progress, warnings_as_lines(_in_options):
            net.fit(data.x, data.y, **settings)
    except KeyboardInterrupt:
        if not progress.rows:  # nothing was learned, nothing is worth saving
            raise
        return True
    except (ValueError, fastnn.DivergenceError) as error:
        raise CommandError(_in_options(str(error))) from None
    return False


def _in_options(message: str) -> str:
    """A message of the library's in the words of the command line."""
    message = message.replace("check_regularization=False", "--no-check")
    message = message.replace("l1=fastnn.Proximal is", "--l1-mode proximal is")
    message = message.replace("the optimizer's clip_norm", "--clip-norm")
    return message.replace("Checkpoint: resume", "--resume")
