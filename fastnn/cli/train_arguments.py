"""The options of `fastnn train`, and the network and training that they ask for."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any

from fastnn.cli import outputs
from fastnn.cli.arguments import number, share, whole
from fastnn.cli.data_kind import Kind
from fastnn.cli.errors import UsageError

__all__ = ["add_options", "check", "fit_settings", "network_settings", "rows", "settings"]

# Named here as well, for the library that knows them takes longer to import than --help to print.
ACTIVATIONS = (
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "selu",
    "mish",
)
COSTS = ("log_likelihood", "cross_entropy", "quadratic")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
INITIALIZERS = (
    "default",
    "large",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "zeros",
)
_SMOOTHED = ("log_likelihood", "cross_entropy")
SCHEDULES = ("one_cycle", "cosine", "constant")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options, in groups."""
    parser.set_defaults(kind=Kind())
    group = parser.add_argument_group("the network")
    _add(
        group,
        "--hidden",
        whole(1, 1_000_000),
        [192],
        "neurons of each hidden layer: several numbers make several layers, none makes none",
        nargs="*",
    )
    _choice(group, "--activation", ACTIVATIONS, "relu", "of the hidden layers")
    _choice(
        group,
        "--cost",
        COSTS,
        None,
        "log_likelihood has softmax outputs, cross_entropy sigmoid outputs",
        "log_likelihood, but quadratic for targets that are numbers",
    )
    _choice(
        group,
        "--initializer",
        INITIALIZERS,
        None,
        "the first weights",
        "he_normal, but the book's for sigmoid and tanh",
    )
    _add(
        group,
        "--seed",
        whole(0),
        0,
        "of the first weights and of the rows' order; the same seed on the same machine gives "
        "the same network",
    )

    group = parser.add_argument_group("its training")
    _add(group, "--epochs", whole(1, 1_000_000), 5, "passes over the training rows")
    _add(group, "--batch-size", whole(1, 1_000_000), 64, "rows of a mini-batch")
    _choice(group, "--optimizer", OPTIMIZERS, "adam", "what a mini-batch's gradient does")
    _add(group, "--learning-rate", number(positive=True), 0.005, "eta, the schedule's largest")
    _choice(
        group,
        "--schedule",
        SCHEDULES,
        "one_cycle",
        "how eta goes over all epochs: up and down, down, or not at all",
    )
    _add(group, "--rows", whole(1), None, "train on the first N rows only", "all of them")
    _add(
        group,
        "--validation-split",
        share,
        0.0,
        "share of them to measure after each epoch instead of the test rows, and not to train on",
    )
    _add(
        group,
        "--early-stopping",
        whole(1),
        None,
        "end after N epochs without a better accuracy on the validation split, with the best "
        "epoch's network",
        "never",
    )
    _add(
        group,
        "--threads",
        whole(1, 1024),
        None,
        "threads to train with, which change nothing of the result",
        "as many as are found to be fastest",
    )

    group = parser.add_argument_group("regularization")
    _add(
        group,
        "--l2",
        number(),
        0.0,
        "lambda of the L2 penalty, which is lambda / (2 n) times the sum of the squared weights; "
        "n is the number of training rows",
    )
    _add(
        group,
        "--l1",
        number(),
        0.0,
        "lambda of the L1 penalty, which is lambda / n times the sum of the weights' magnitudes",
    )
    _choice(
        group,
        "--l1-mode",
        ("subgradient", "proximal"),
        "subgradient",
        "proximal gives weights that are exactly 0",
    )
    _add(group, "--dropout", share, 0.0, "share of hidden activations that an update leaves out")
    _add(group, "--input-dropout", share, 0.0, "the same of the inputs")
    _add(
        group,
        "--max-norm",
        number(positive=True),
        None,
        "largest norm of the weights into a neuron",
        "any",
        metavar="X",
    )
    _add(
        group,
        "--clip-norm",
        number(positive=True),
        None,
        "largest norm of a mini-batch's gradient",
        "any",
        metavar="X",
    )
    _add(group, "--label-smoothing", share, 0.0, "share of a target given to all outputs alike")
    group.add_argument(
        "--no-check", action="store_true", help="train also with penalties that must fail"
    )

    group = parser.add_argument_group("output")
    group.add_argument("--save", metavar="FILE", help="write the trained network to FILE")
    group.add_argument(
        "--json",
        metavar="FILE",
        help="write settings, versions, timings and all figures to FILE; - writes them to "
        "standard output, and nothing else there",
    )
    group.add_argument(
        "--report",
        metavar="FILE",
        help="write a page about the training and the network to FILE, as fastnn report does",
    )
    group.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="write FILE after each epoch: all that it takes to go on from there",
    )
    group.add_argument(
        "--resume",
        metavar="FILE",
        help="go on from a checkpoint of the same options, to the same network to the bit, and "
        "write it from there on",
    )
    group.add_argument("--quiet", action="store_true", help="print the summary only")


def _add(
    group: Any,
    option: str,
    read: Callable[[str], Any],
    default: Any,
    text: str,
    shown: str | None = None,
    **more: Any,
) -> None:
    """Add an option with a number; `shown` is what its help says the default is."""
    if shown is None:
        shown = " ".join(map(str, default)) if isinstance(default, list) else f"{default}"
    more.setdefault("metavar", "X" if isinstance(default, float) else "N")
    help = f"{text} (default: {shown})"
    group.add_argument(option, type=read, default=default, help=help, **more)


def _choice(
    group: Any,
    option: str,
    names: Sequence[str],
    default: str | None,
    text: str,
    shown: str | None = None,
) -> None:
    """Add an option with one of several names."""
    help = f"{text}: {', '.join(names)} (default: {shown or default})"

    def read(text: str) -> str:
        plain = text.replace("-", "_")  # as names were spelled before
        return plain if plain in names else text

    group.add_argument(option, type=read, choices=names, default=default, metavar="NAME", help=help)


def check(arguments: argparse.Namespace) -> None:
    """UsageError for options that contradict each other, and CommandError for bad files."""
    if arguments.early_stopping is not None and not arguments.validation_split:
        raise UsageError(
            "--early-stopping: expected a --validation-split to go by, for the test rows must "
            "not decide when training ends"
        )
    if arguments.label_smoothing and arguments.cost not in (None, *_SMOOTHED):
        raise UsageError(
            f"--label-smoothing: expected --cost {' or '.join(_SMOOTHED)}, got {arguments.cost}"
        )
    if arguments.report == outputs.STDOUT:
        raise UsageError("--report: expected a file, got -, as standard output has other lines")
    checkpoint, resume = arguments.checkpoint, arguments.resume
    if resume is not None:
        if checkpoint is not None and not outputs.same_file(checkpoint, resume):
            raise UsageError(
                "--checkpoint and --resume: expected one file, which goes on where it is, got "
                f"{checkpoint} and {resume}"
            )
        os.stat(resume)  # or this is the error
        arguments.checkpoint = resume
    files: dict[str, str] = {}
    for option in ("--save", "--checkpoint", "--json", "--report"):
        name = getattr(arguments, option[2:])
        if name is None or (option == "--json" and name == outputs.STDOUT):
            continue
        outputs.check_writable(option, name)
        for other, given in files.items():
            if outputs.same_file(given, name):
                raise UsageError(f"{other} and {option}: expected two files, got {given} for both")
        files[option] = name


def rows(arguments: argparse.Namespace) -> int:
    """How many are trained."""
    most: int = arguments.kind.rows
    return most if arguments.rows is None else min(most, arguments.rows)


def settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe as names and numbers, for whoever reads about it."""
    kind = arguments.kind
    book = arguments.activation in ("sigmoid", "tanh")
    names = (
        "epochs",
        "batch_size",
        "learning_rate",
        "schedule",
        "optimizer",
        "l2",
        "l1",
        "l1_mode",
        "dropout",
        "input_dropout",
        "max_norm",
        "clip_norm",
        "label_smoothing",
        "validation_split",
        "early_stopping",
        "checkpoint",
        "resume",
        "threads",  # None: as many as are found to be fastest
    )
    return {
        "data": arguments.dataset,
        "sizes": [kind.inputs, *arguments.hidden, kind.outputs],
        "activation": arguments.activation,
        "cost": arguments.cost or ("log_likelihood" if kind.classes else "quadratic"),
        "initializer": arguments.initializer or ("default" if book else "he_normal"),
        "seed": arguments.seed,
        **{name: getattr(arguments, name) for name in names},
        "rows": rows(arguments),
        "check_regularization": not arguments.no_check,
    }


def network_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `fastnn.Network` takes."""
    from fastnn.model.costs import smoothed_cost

    of, kind = settings(arguments), arguments.kind
    cost = smoothed_cost(of["cost"], of["label_smoothing"])
    names = ("sizes", "activation", "initializer", "seed")
    outputs = None if kind.classes else "identity"
    more = {"cost": cost, "output_activation": outputs, "input_scale": kind.scale}
    return {**{name: of[name] for name in names}, **more}


def fit_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `fit` takes, but for the data and who watches."""
    from fastnn.storage.checkpoints import Checkpoint
    from fastnn.training.early_stopping import EarlyStopping
    from fastnn.training.optimizers import as_optimizer
    from fastnn.training.penalty import Proximal
    from fastnn.training.schedules import Constant, Cosine, OneCycle

    schedule = dict(zip(SCHEDULES, (OneCycle, Cosine, Constant)))[arguments.schedule]
    optimizer: Any = as_optimizer(arguments.optimizer)
    callbacks: list[Any] = []
    if arguments.early_stopping is not None:
        callbacks.append(EarlyStopping(patience=arguments.early_stopping))
    if arguments.checkpoint is not None:
        callbacks.append(Checkpoint(arguments.checkpoint, resume=arguments.resume is not None))
    return {
        "epochs": arguments.epochs,
        "batch_size": arguments.batch_size,
        "learning_rate": schedule(arguments.learning_rate),
        "optimizer": optimizer._replace(clip_norm=arguments.clip_norm),
        "l2": arguments.l2,
        "l1": Proximal(arguments.l1) if arguments.l1_mode == "proximal" else arguments.l1,
        "dropout": arguments.dropout,
        "input_dropout": arguments.input_dropout,
        "max_norm": arguments.max_norm,
        "validation_split": arguments.validation_split,
        "n_threads": arguments.threads,
        "check_regularization": not arguments.no_check,
        "callbacks": callbacks,
    }
