"""The page that `fastnn report` and `fastnn train --report` write; needs Matplotlib."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastnn.cli import machine, outputs
from fastnn.cli.display import Results
from fastnn.cli.errors import CommandError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fastnn import Network
    from fastnn.report.subject import About, Subject

__all__ = ["about", "check_library", "write", "write_training"]


def check_library() -> None:
    """CommandError without Matplotlib: better now than when all is done."""
    try:
        from fastnn.plots import library  # noqa: F401
    except ImportError as error:
        raise CommandError(f"a report needs plots, and {error}") from None


def about(title: str, training: Sequence[tuple[str, str]] = ()) -> "About":
    """What is told beside the network itself: of this machine neither its name nor its folders."""
    from datetime import date

    from fastnn.report.subject import About

    cpu = machine.cpu()
    return About(
        title,
        training,
        list(machine.versions().items()),
        [
            ("system", cpu["system"]),
            ("CPU", cpu["name"]),
            ("CPU level", str(cpu["level"] or "below all that fastnn has libraries for")),
            ("cores", f"{cpu['usable_cores']} usable of {cpu['cores']}"),
        ],
        date.today().isoformat(),
    )


def write_training(
    net: "Network", figures: dict[str, Any], x: "NDArray", y: "NDArray", name: str
) -> None:
    """Write that of a training that has just ended, with its test rows x and targets y.

    figures  of `training_figures`
    Raises CommandError or OSError.
    """
    from fastnn.report.subject import measure, subject

    of, data = figures["settings"], figures["data"]
    told = [
        ("data", data["title"]),
        ("initial weights", of["initializer"]),
        ("seed", str(of["seed"])),
        ("validation split", of["validation_split"] and f"{of['validation_split']:.0%}"),
        ("early stopping", of["early_stopping"] and f"after {of['early_stopping']} epochs"),
        ("interrupted", figures["interrupted"] and f"after {len(net.history['epoch'])} epochs"),
    ]
    sizes = "-".join(map(str, of["sizes"]))
    described = about(f"{data['title']}, {sizes}", [(name, text) for name, text in told if text])
    try:
        measured = measure(net, f"{data['title']}'s test {data['noun']}", x, y)
    except ValueError as error:  # outputs that are NaN, of weights that aren't
        raise CommandError(f"{name}: {error}") from None
    write(subject(net, described, measured), name)


def write(subject: "Subject", name: str) -> None:
    """Write it to a file, atomically, or to standard output; CommandError or OSError."""
    from fastnn.report.page import make_page, write_page

    if name == outputs.STDOUT:
        Results().say(make_page(subject).rstrip("\n"))
    else:
        write_page(subject, os.fspath(name))
