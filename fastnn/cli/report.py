"""A training run's figures, for the eye and for machines."""

import argparse
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from fastnn.cli import machine
from fastnn.cli.display import Progress

if TYPE_CHECKING:
    from fastnn import Epoch, Evaluation, Network

__all__ = ["epoch_line", "heading", "line", "outcome", "preparation", "summary"]


def preparation(
    net: "Network", arguments: argparse.Namespace, loading: float, compiling: float, compiled: bool
) -> dict[str, Any]:
    """What is known before the training: settings, versions, the machine, seconds spent."""
    return {
        "command": "fastnn train mnist",
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "settings": {
            "sizes": net.sizes,
            "activation": net.activation,
            "output_activation": net.output_activation,
            "cost": net.cost,
            "dtype": net.dtype.name,
            "epochs": arguments.epochs,
            "batch_size": arguments.batch_size,
            "learning_rate": arguments.learning_rate,
            "l2": arguments.l2,
            "l1": arguments.l1,
            "seed": arguments.seed,
            "rows": arguments.rows,
            "threads": arguments.threads,  # None: as many as are measured to be fastest
        },
        "versions": machine.versions(),
        "cpu": machine.cpu(),
        "timings": {"loading": loading, "compiling": compiling},
        "compiled": compiled,  # False: the kernels came from the cache
    }


def outcome(net: "Network", test: "Evaluation", test_rows: int, run: Progress) -> dict[str, Any]:
    """What is known after it: figures of each epoch, of the network as it is now, seconds."""
    return {
        "history": dict(net.history),
        "test": {
            "accuracy": test.accuracy,
            "correct": round((test.accuracy or 0) * test_rows),
            "rows": test_rows,
            "cost": test.cost,
            "data_cost": test.data_cost,
            "penalty": test.penalty,
        },
        "speed": {"images": run.rows, "images_per_second": run.rows / run.training},
        "timings": {"training": run.training, "testing": run.testing},
    }


def heading(figures: dict[str, Any]) -> list[str]:
    """Lines above those of the epochs."""
    of = figures["settings"]
    l1 = f", L1 {of['l1']:g}" if of["l1"] else ""
    return [
        f"MNIST, {of['rows']:,} images; network {'-'.join(map(str, of['sizes']))}, "
        f"{of['activation']}, {of['cost']}",
        f"mini-batches of {of['batch_size']}, learning rate {of['learning_rate']:g}, "
        f"L2 {of['l2']:g}{l1}, seed {of['seed']}",
        "",
        "epoch   seconds   training cost   test cost   test accuracy",
    ]


def epoch_line(epoch: "Epoch") -> str:
    """An epoch's figures below the heading's last line; costs are without the penalty."""
    return (
        f"{epoch.epoch:5}   {epoch.seconds:7.2f}   {epoch.data_cost:13.4f}   "
        f"{epoch.validation_data_cost:9.4f}   {epoch.validation_accuracy:13.2%}"
    )


def summary(figures: dict[str, Any]) -> list[str]:
    """Lines below those of the epochs."""
    test, timings = figures["test"], figures["timings"]
    epochs, asked = len(figures["history"]["epoch"]), figures["settings"]["epochs"]
    lines = ["", f"interrupted after {epochs} of {asked} epochs; learned so far:"]
    compiled = "" if figures["compiled"] else " (the kernels were in the cache)"
    return [
        *(lines if figures["interrupted"] else lines[:1]),
        line("test accuracy", f"{test['accuracy']:.2%} ({test['correct']:,} of {test['rows']:,})"),
        line("test cost", f"{test['data_cost']:.4f}"),
        line("compiling", f"{timings['compiling']:.2f} s{compiled}"),
        line("loading", f"{timings['loading']:.2f} s"),
        line("training", f"{timings['training']:.2f} s"),
        line("images per second", f"{figures['speed']['images_per_second']:,.0f}"),
    ]


def line(name: str, value: str) -> str:
    """A line of the summary."""
    return f"{name:17}   {value}"
