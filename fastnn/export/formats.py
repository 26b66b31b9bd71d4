"""Which kind of file a suffix means, who writes and reads it, and with which options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

from fastnn.arguments.hints import hint

__all__ = ["FORMATS", "Format", "check_options", "format_of"]


class Format(NamedTuple):
    """A kind of file.

    name            what it is called
    writer, reader  "module:function" in fastnn, imported when it is used; "" if there is none
    options         what the writer takes besides a network and a path
    reading         what the reader takes besides a path
    portable        whether the writer takes a PortableNetwork, with its classes, and no Network
    """

    name: str
    writer: str = ""
    reader: str = ""
    options: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()
    portable: bool = False

    def write(self) -> Callable[..., Any]:
        """The function (network, path, ...)."""
        return _imported(self.writer)

    def read(self) -> Callable[..., Any]:
        """The function (path, ...)."""
        return _imported(self.reader)


FORMATS = {
    ".onnx": Format(
        "ONNX model",
        "export.onnx:to_onnx",
        "export.onnx:from_onnx",
        ("classes", "opset", "ir_version", "dtype"),
        ("cost", "output_activation"),
    ),
    ".safetensors": Format(
        "safetensors file",
        "export.safetensors:to_safetensors",
        "export.safetensors:from_safetensors",
        ("classes",),
        ("activation", "output_activation", "cost"),
    ),
    ".h": Format("C99 header", "export.c99:to_c", "", ("classes", "prefix", "int8", "rows")),
    ".html": Format("page", "demo.page:write_page", "", ("classes", "title"), portable=True),
    ".json": Format("the book's JSON", "export.book_json:to_json", "export.book_json:from_json"),
    ".npz": Format("fastnn network", "export.own_file:save", "network:load", (), ("functions",)),
    ".keras": Format(
        "Keras model", "", "export.keras:from_keras", (), ("cost", "output_activation")
    ),
}


def format_of(path: str | os.PathLike[str], *, written: bool) -> tuple[str, Format]:
    """The suffix of a file that is to be written, or to be read, and its kind; ValueError."""
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()
    known = [
        each for each in FORMATS if (FORMATS[each].writer if written else FORMATS[each].reader)
    ]
    if suffix not in known:
        what = "write" if written else "read"
        raise ValueError(
            f"{os.fsdecode(path)}: expected a name that ends with {', '.join(known)}, which says "
            f"what to {what}{hint(suffix, known)}"
        )
    return suffix, FORMATS[suffix]


def check_options(suffix: str, known: Iterable[str], given: Iterable[str]) -> None:
    """TypeError for an option that this kind of file does not take."""
    known = list(known)
    for option in given:
        if option not in known:
            takes = f"take {', '.join(known)}" if known else "take none"
            raise TypeError(f"{option}: no option of {suffix} files, which {takes}")


def _imported(place: str) -> Callable[..., Any]:
    module, name = place.split(":")
    return getattr(import_module(f"fastnn.{module}"), name)
