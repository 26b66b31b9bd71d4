"""`fastnn evaluate`: cost and accuracy of a saved network."""

import argparse
from typing import Any

from fastnn.cli.display import Results, columns, status
from fastnn.cli.errors import CommandError, UsageError
from fastnn.cli.outputs import as_json

__all__ = ["add_parser"]


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a saved network's cost and accuracy",
        description="Measure a saved network's cost and accuracy, by default on MNIST's "
        "10,000 test images.",
    )
    parser.add_argument("model", metavar="MODEL", help="a network that fastnn saved")
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        help="what to measure on instead: a file of images and one of labels, IDX or .npy; or a "
        "data set as for train, whose test rows are taken; bytes of images are divided by 255, "
        "unless the network has an input scale of its own",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import fastnn
    from fastnn.cli.digits import read_test_data

    if arguments.data is not None and len(arguments.data) > 2:
        raise UsageError(f"--data: expected one or two files, got {len(arguments.data)}")
    net = fastnn.load(arguments.model)
    data = " ".join(arguments.data or ["MNIST's test set"])
    with status("loading data"):
        x, y = read_test_data(arguments.data, net.sizes[0], net.input_scale)
    try:
        with status("evaluating"):
            measured = net.evaluate(x, y)
    except ValueError as error:
        raise CommandError(f"{data}: {error}") from None
    accuracy = measured.accuracy
    figures = {
        "model": arguments.model,
        "sizes": net.sizes,
        "data": data,
        "rows": len(x),
        "cost": measured.cost,
        "data_cost": measured.data_cost,
        "penalty": measured.penalty,
        "accuracy": accuracy,
        "correct": None if accuracy is None else round(accuracy * len(x)),
        "weight_norms": measured.weight_norms,
        "zero_shares": measured.zero_shares,
        "largest_weights": measured.largest_weights,
    }
    if arguments.json:
        Results().say(as_json(figures))
        return 0
    lines = [
        ("network", f"{'-'.join(map(str, net.sizes))}, {net.output_activation}, {net.cost}"),
        ("data", f"{data}, {len(x):,} rows"),
        ("cost", f"{measured.cost:.5f}"),
    ]
    if measured.penalty:
        lines += [
            ("  data cost", f"{measured.data_cost:.5f}"),
            ("  penalty", f"{measured.penalty:.5f}"),
        ]
    if accuracy is not None:
        lines.append(("accuracy", f"{accuracy:.2%} ({figures['correct']:,} of {len(x):,})"))
    layers = zip(measured.weight_norms, measured.largest_weights, measured.zero_shares)
    for l, (norm, largest, zeros) in enumerate(layers, 1):
        lines.append((f"weights {l}", f"norm {norm:.4g}, largest {largest:.4g}, {zeros:.2%} are 0"))
    Results().say(*columns(lines))
    return 0
