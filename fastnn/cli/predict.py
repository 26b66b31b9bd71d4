"""`fastnn predict`: which digit a picture shows."""

import argparse
from typing import Any

from fastnn.cli.display import Results, status
from fastnn.cli.errors import CommandError
from fastnn.cli.outputs import as_json

__all__ = ["add_parser"]

_DESCRIPTION = """\
Print the digit that each picture shows, and the network's probability of it.

FILE is a picture of one digit (PNG, JPEG, ...; dark on light or light on dark), which is
brought into MNIST's form first: cropped, scaled, centred. Or it is a .npy or an IDX file
of one or many rows or pictures of the network's input size: bytes, which are divided by
255 unless the network has an input scale of its own, or floats, which are taken as they are.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "predict",
        help="say which digits pictures or arrays show",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a network that fastnn saved")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a picture, .npy or IDX file, or a data set as for train: its test rows",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON, with all outputs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import fastnn
    from fastnn.cli.digits import read_rows

    net = fastnn.load(arguments.model)
    if net.output_activation not in ("sigmoid", "softmax"):
        raise CommandError(
            f"{arguments.model}: expected a network that classifies, "
            f"this one has {net.output_activation} outputs"
        )
    if net.multi_label:
        raise CommandError(
            f"{arguments.model}: expected a network that names one class a row, "
            "this one is multi_label"
        )
    found: list[dict[str, Any]] = []
    for name in arguments.files:
        rows = read_rows(name, net.sizes[0], net.input_scale)
        try:
            with status("predicting"):
                labels, outputs = net.predict(rows), net.predict_proba(rows)
        except ValueError as error:
            raise CommandError(f"{name}: {error}") from None
        for row, (label, output) in enumerate(zip(labels.tolist(), outputs.tolist(), strict=True)):
            found.append(
                {
                    "file": name,
                    "row": row if len(rows) > 1 else None,
                    "label": label,
                    "probability": _probability(label, output),
                    "outputs": output,
                }
            )
    Results().say(*([as_json(found)] if arguments.json else _lines(found)))
    return 0


def _probability(label: int, output: list[float]) -> float:
    if len(output) > 1:
        return output[label]
    return output[0] if label else 1 - output[0]


def _lines(found: list[dict[str, Any]]) -> list[str]:
    names = [one["file"] if one["row"] is None else f"{one['file']}[{one['row']}]" for one in found]
    width = max(map(len, names))
    return [
        f"{name:{width}}   {one['label']}   {one['probability']:8.2%}"
        for name, one in zip(names, found, strict=True)
    ]
