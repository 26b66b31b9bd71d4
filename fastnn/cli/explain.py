"""`fastnn explain`: what learning rate, lambda, rows and mini-batch size do to the weights."""

import argparse
from typing import Any

from fastnn.cli import outputs
from fastnn.cli.arguments import number, whole
from fastnn.cli.display import Results

__all__ = ["add_parser"]

_DESCRIPTION = """\
Work out, without training, what the settings of a training do: the factor by which L2 multiplies
the weights, what L1 takes off them, for an update and for an epoch; what it would be if lambda
were divided by the mini-batch's size, the usual mistake; and what other libraries would call the
same lambda.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "explain", help="show what lambda does to the weights", description=_DESCRIPTION
    )

    def add(option: str, read: Any, default: Any, text: str) -> None:
        metavar = "X" if isinstance(default, float) else "N"
        parser.add_argument(
            option, type=read, default=default, metavar=metavar, help=f"{text} (default: {default})"
        )

    add("--learning-rate", number(positive=True), 0.25, "eta")
    add("--l2", number(), 0.0, "lambda of the L2 penalty")
    add("--l1", number(), 0.0, "lambda of the L1 penalty")
    add("--rows", whole(1), 60_000, "rows of the training set, n")
    add("--batch-size", whole(1), 10, "rows of a mini-batch, m")
    add("--epochs", whole(1), 1, "passes over the training set")
    parser.add_argument(
        "--sizes",
        type=whole(1),
        nargs="+",
        metavar="N",
        help="neurons of each layer, the input's first, to compare with the initial weights",
    )
    parser.add_argument(
        "--optimizer", default="sgd", metavar="NAME", help="as Network.fit names it (default: sgd)"
    )
    parser.add_argument(
        "--momentum", type=number(), metavar="X", help="mu: take momentum as the optimizer"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import dataclasses

    from fastnn.regularization.explain import explain_regularization
    from fastnn.training.optimizers import Momentum, as_optimizer

    optimizer = as_optimizer(arguments.optimizer)
    if arguments.momentum is not None:
        optimizer = as_optimizer(Momentum(arguments.momentum))
    effect = explain_regularization(
        arguments.learning_rate,
        l2=arguments.l2,
        l1=arguments.l1,
        n=arguments.rows,
        m=arguments.batch_size,
        weights=arguments.sizes,
        epochs=arguments.epochs,
        optimizer=optimizer,
    )
    if not arguments.json:
        Results().say(str(effect))
        return 0
    figures = dataclasses.asdict(effect)
    figures["optimizer"] = {"name": optimizer.name, **optimizer._asdict()}
    figures["layers"] = [layer._asdict() for layer in effect.layers]
    Results().say(outputs.as_json({**figures, "conventions": effect.conventions}))
    return 0
