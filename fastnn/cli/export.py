"""`fastnn export`: a saved network as a file for other programs."""

import argparse
from typing import TYPE_CHECKING, Any

from fastnn.cli import outputs
from fastnn.cli.arguments import whole
from fastnn.cli.display import Results, columns, status
from fastnn.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from fastnn import Network
    from fastnn.export.formats import Format

__all__ = ["add_parser", "described", "kind_of", "size_of", "suffix_options"]

_DESCRIPTION = """\
Write a saved network as another kind of file. What is written is told by FILE's suffix:

  .onnx         an ONNX model, for ONNX Runtime: servers, C#, Java, browsers
  .safetensors  arrays that torch.nn.Sequential and others load
  .h            a C99 header, for microcontrollers and whatever a C compiler reaches
  .html         a page to draw digits on
  .json         the book's file, of a sigmoid network
  .npz          fastnn's own
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export",
        help="write a saved network for other programs",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a network that fastnn saved")
    parser.add_argument("file", metavar="FILE", help="what to write, replaced if it is there")
    parser.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="what the outputs stand for, or 0 and 1 of a single one",
    )
    onnx = parser.add_argument_group("for .onnx")
    onnx.add_argument("--opset", type=whole(1), metavar="N", help="of operators (default: 13)")
    onnx.add_argument("--ir-version", type=whole(1), metavar="N", help="of the file (default: 7)")
    onnx.add_argument("--dtype", metavar="NAME", help="float32 or float64 (default: the network's)")
    c = parser.add_argument_group("for .h")
    c.add_argument("--prefix", metavar="NAME", help="what all names begin with (default: fastnn)")
    c.add_argument(
        "--int8", action="store_const", const=True, help="weights as bytes, a quarter as large"
    )
    c.add_argument(
        "--data",
        nargs="*",
        metavar="FILE",
        help="tell how accurate it is, on data as for evaluate, without FILE on MNIST's test set "
        "(default: that, for --int8 and 784 inputs)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    suffix, kind = kind_of(arguments.file, written=True)
    names = {"classes", "opset", "ir_version", "dtype", "prefix", "int8", "data"}
    taken = {"data" if name == "rows" else name for name in kind.options}
    options = suffix_options(arguments, names, taken, suffix)
    outputs.check_writable("FILE", arguments.file)
    import fastnn
    from fastnn.export import write

    net = fastnn.load(arguments.model)
    files = options.pop("data", [] if options.get("int8") and net.sizes[0] == 784 else None)
    if files is not None:
        options["rows"] = _rows(net, files)
    try:
        with status("writing"):
            written = write(net, arguments.file, **options)
    except (TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    Results().say(
        *columns(
            [
                (arguments.file, f"{kind.name}, {size_of(arguments.file)}"),
                *described(net),
                *([("classes", ", ".join(arguments.classes))] if arguments.classes else []),
            ]
        ),
        *([str(written)] if written is not None else []),
    )
    return 0


def kind_of(file: str, *, written: bool) -> "tuple[str, Format]":
    """The suffix of a file to be written, or to be read, and its kind; UsageError."""
    from fastnn.export.formats import format_of

    try:
        return format_of(file, written=written)
    except ValueError as error:
        raise UsageError(str(error)) from None


def suffix_options(
    arguments: argparse.Namespace, names: set[str], taken: set[str], suffix: str
) -> dict[str, Any]:
    """Those options that were given; UsageError for one that such a file does not take."""
    given = {name: getattr(arguments, name) for name in sorted(names)}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        if name not in taken:
            known = ", ".join(f"--{each.replace('_', '-')}" for each in sorted(taken & names))
            takes = f"which take {known}" if known else "which take no options"
            option = name.replace("_", "-")
            raise UsageError(f"--{option}: expected none for {suffix} files, {takes}")
    return given


def _rows(net: "Network", files: list[str]) -> tuple[Any, Any]:
    from fastnn.cli.digits import read_test_data

    if len(files) > 2:
        raise UsageError(f"--data: expected at most two files, got {len(files)}")
    with status("loading data"):
        return read_test_data(files or None, net.sizes[0], net.input_scale)


def size_of(file: str) -> str:
    """A file's size, as text."""
    import os

    return f"{os.path.getsize(file):,} bytes"


def described(net: "Network") -> list[tuple[str, str]]:
    """What a network is, as lines of two columns."""
    from fastnn.model.own_functions import named

    hidden = net.activation if isinstance(net.activation, list) else [net.activation]
    hidden = hidden if len(net.sizes) > 2 else []
    names = [*map(named, hidden), named(net.output_activation)]
    scale = [("input scale", f"{net.input_scale:.9g}")] if net.input_scale != 1 else []
    parameters = sum(w.size + b.size for w, b in zip(net.weights, net.biases))
    return [
        ("layers", f"{'-'.join(map(str, net.sizes))}, {' and '.join(dict.fromkeys(names))}"),
        ("parameters", f"{parameters:,}, {net.dtype}"),
        ("cost", named(net.cost)),
        *scale,
    ]
