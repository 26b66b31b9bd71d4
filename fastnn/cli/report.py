"""`fastnn report`: a saved network and its training on one page."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastnn.cli import outputs, report_page, training_figures
from fastnn.cli.arguments import whole
from fastnn.cli.display import Results, status
from fastnn.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from fastnn import Network
    from fastnn.report.subject import Measured, Subject

__all__ = ["add_parser"]

_DESCRIPTION = """\
Write one HTML file about a saved network: how its training went, what lambda did in it, which
classes it takes for which, the mistakes that it is most sure of, its weights as pictures. The file
needs nothing else, and sends nothing. Needs Matplotlib: pip install 'fastnn[plot]'.
"""

_DIGITS = 784, 10  # inputs and outputs of networks that are measured on MNIST unless told otherwise


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report", help="write a page about a saved network", description=_DESCRIPTION
    )
    parser.add_argument("model", metavar="MODEL", help="a network that fastnn saved")
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        help="what to measure it on, as for evaluate (default: MNIST's test set for a network of "
        "784 inputs that tells 10 classes apart, nothing for others)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the page to write; - is standard output (default: MODEL's name with .html, here)",
    )
    parser.add_argument(
        "--classes", nargs="+", metavar="NAME", help="names of the classes (default: numbers)"
    )
    parser.add_argument(
        "--shape",
        nargs=2,
        type=whole(1),
        metavar=("HEIGHT", "WIDTH"),
        help="of the pictures that inputs are (default: a square where that fits)",
    )
    parser.add_argument("--browser", action="store_true", help="show it in a browser as well")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import fastnn

    if arguments.data is not None and len(arguments.data) > 2:
        raise UsageError(f"--data: expected one or two files, got {len(arguments.data)}")
    output = arguments.output or f"{Path(arguments.model).stem}.html"
    _check(arguments, output)
    net = fastnn.load(arguments.model)
    subject = _subject(arguments, net)
    with status("drawing"):
        report_page.write(subject, output)
    if output != outputs.STDOUT:
        Results().say(training_figures.line("saved to", output))
    if arguments.browser:
        _browse(output)
    return 0


def _check(arguments: argparse.Namespace, output: str) -> None:
    """Fail before the work, and before anything is written over."""
    if output == outputs.STDOUT:
        if arguments.browser:
            raise UsageError("--browser: expected a file to show, got -o -")
    else:
        for other in (arguments.model, *(arguments.data or [])):
            if outputs.same_file(output, other):
                raise UsageError(f"--output: expected another file than {other}")
        outputs.check_writable("--output", output)
    report_page.check_library()


def _subject(arguments: argparse.Namespace, net: "Network") -> "Subject":
    from fastnn.plots.pictures import AUTO
    from fastnn.report.subject import subject

    about = report_page.about(Path(arguments.model).stem)
    shape = AUTO if arguments.shape is None else tuple(arguments.shape)
    try:
        return subject(net, about, _measured(arguments, net), shape)
    except ValueError as error:
        raise CommandError(_in_options(str(error))) from None


def _measured(arguments: argparse.Namespace, net: "Network") -> "Measured | None":
    """The rows that were asked for; by default MNIST's, if the network can be one of digits."""
    from fastnn.cli.digits import read_test_data
    from fastnn.report.subject import measure

    names = arguments.data
    if names is None:
        digits = net.sizes[0], net.sizes[-1]
        classifies = net.output_activation in ("sigmoid", "softmax") and not net.multi_label
        if digits != _DIGITS or not classifies:
            return None
    with status("loading data"):
        x, y = read_test_data(names, net.sizes[0], net.input_scale)
    title = "MNIST's test set" if names is None else os.path.basename(os.path.normpath(names[0]))
    with status("measuring"):
        return measure(net, title, x, y, arguments.classes)


def _in_options(message: str) -> str:
    """A message of the library's in the words of the command line."""
    for argument in ("classes", "shape"):
        if message.startswith(f"{argument}: "):
            return f"--{message}"
    return message


def _browse(output: str) -> None:
    import webbrowser

    if not webbrowser.open(Path(output).resolve().as_uri()):
        raise CommandError(f"--browser: expected to find a browser, found none; the page: {output}")
