"""`fastnn import`: a network of another program's file."""

import argparse
from typing import Any

from fastnn.cli import outputs
from fastnn.cli.display import Results, columns, status
from fastnn.cli.errors import CommandError
from fastnn.cli.export import described, kind_of, size_of, suffix_options

__all__ = ["add_parser"]

_DESCRIPTION = """\
Save the network in another program's file as fastnn's own. FILE's suffix tells what it is:

  .onnx         an ONNX model: layers of Gemm, or of MatMul and Add, and activations
  .safetensors  arrays; of others, --activation and --output-activation say what is between them
  .keras        what Keras 3 saved: Dense layers
  .json         the book's file
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "import",
        help="save another program's network as fastnn's own",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="what to read")
    parser.add_argument(
        "--save", required=True, metavar="MODEL", help="the network's file, replaced if it is there"
    )
    parser.add_argument("--cost", metavar="NAME", help="to train on with (default: what fits)")
    parser.add_argument(
        "--activation",
        nargs="+",
        metavar="NAME",
        help="of hidden layers, one for all or one for each, in .safetensors of others",
    )
    parser.add_argument(
        "--output-activation",
        metavar="NAME",
        help="of outputs that have none, such as softmax of logits",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    suffix, kind = kind_of(arguments.file, written=False)
    names = {"cost", "activation", "output_activation"}
    options = suffix_options(arguments, names, set(kind.reading), suffix)
    if len(options.get("activation", [])) == 1:
        (options["activation"],) = options["activation"]
    outputs.check_writable("--save", arguments.save)
    from fastnn.export import read

    try:
        with status("reading"):
            net = read(arguments.file, **options)
    except (TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    net.save(arguments.save)
    lines = [
        (arguments.file, f"{kind.name}, {size_of(arguments.file)}"),
        *described(net),
        (arguments.save, f"fastnn network, {size_of(arguments.save)}"),
    ]
    Results().say(*columns(lines))
    return 0
