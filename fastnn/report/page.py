"""The page: its sections in one HTML file, which asks for nothing, and executes nothing."""

from __future__ import annotations

import os
from pathlib import Path

from fastnn.files import atomic_write
from fastnn.report.html import Html, element, join
from fastnn.report.sections.calibration import calibration
from fastnn.report.sections.confusion import confusion
from fastnn.report.sections.headline import headline
from fastnn.report.sections.labels import labels
from fastnn.report.sections.layers import layers
from fastnn.report.sections.mistakes import mistakes
from fastnn.report.sections.numbers import numbers
from fastnn.report.sections.regularization import regularization
from fastnn.report.sections.settings import settings
from fastnn.report.sections.training import training
from fastnn.report.sections.weights import weights
from fastnn.report.subject import Subject

__all__ = ["make_page", "write_page"]

_STYLE = Path(__file__).with_name("style.css")
_SECTIONS = (
    *(training, regularization, confusion, labels, numbers, mistakes, calibration),
    *(weights, layers, settings),
)

# No script, no font, no picture but those in the page; and nowhere to send anything.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def make_page(subject: Subject) -> str:
    """The page as text."""
    about = subject.about
    parts = [part for part in (make(subject) for make in _SECTIONS) if part is not None]
    style = Html(_STYLE.read_text("utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{about.title}: a network's report"),
        element("link", rel="icon", href="data:,"),
        element("style", style),
    )
    by = f"Made by fastnn{f' on {about.date}' if about.date else ''}."
    footer = element(
        "footer", f"{by} All of it is in this file: it loads nothing, and sends nothing."
    )
    body = element("body", headline(subject), element("main", join(parts)), footer)
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def write_page(subject: Subject, path: str | os.PathLike[str]) -> None:
    """Write the page atomically; OSError as `open`.

    A name that is no Unicode, as files may have, is written with its bytes in hexadecimal.
    """
    with atomic_write(path) as file:
        file.write(make_page(subject).encode("utf-8", "backslashreplace"))
