"""A training run's figures, for the eye and for machines."""

import argparse
from typing import TYPE_CHECKING, Any

from fastnn.cli import machine, train_arguments
from fastnn.cli.display import Progress
from fastnn.cli.kernel_watch import KernelWatch

if TYPE_CHECKING:
    from fastnn import Epoch, Evaluation, Network

__all__ = ["epoch_line", "heading", "kernels", "line", "outcome", "preparation", "summary"]


def preparation(net: "Network", arguments: argparse.Namespace) -> dict[str, Any]:
    """What is known before the training: settings, versions, the machine."""
    from datetime import datetime, timezone

    return {
        "command": f"fastnn train {arguments.dataset}",
        "data": {
            "title": arguments.kind.title,
            "noun": arguments.kind.noun,
            "classes": arguments.kind.classes,
        },
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "settings": {
            **train_arguments.settings(arguments),
            "output_activation": net.output_activation,
            "dtype": net.dtype.name,
        },
        # Only for those who read it: this asks the packages on disk, which takes its time.
        **(
            {} if arguments.json is None else {"versions": machine.versions(), "cpu": machine.cpu()}
        ),
    }


def outcome(net: "Network", test: "Evaluation", test_rows: int, run: Progress) -> dict[str, Any]:
    """What is known after it: figures of each epoch, of the network as it is now, seconds."""
    return {
        "history": dict(net.history),
        "best_epoch": net.history.best_epoch,
        "test": {
            "accuracy": test.accuracy,
            "correct": None if test.accuracy is None else round(test.accuracy * test_rows),
            "rows": test_rows,
            "cost": test.cost,
            "data_cost": test.data_cost,
            "penalty": test.penalty,
        },
        "speed": {
            "images": run.rows,
            "images_per_second": run.rows / run.training if run.rows else 0.0,
        },
        "timings": {"training": run.training, "testing": run.testing},
    }


def kernels(watch: KernelWatch) -> dict[str, Any]:
    """Where they came from: the level of their library, why there is none, if any was compiled."""
    from fastnn.machine.choice import CHOICE, INTERPRETED

    return {
        "prebuilt_for": CHOICE.library.level if CHOICE.library else None,
        "not_prebuilt": CHOICE.reason,
        "interpreted": CHOICE.mode == INTERPRETED,
        "compiled": watch.compiled,
    }


def heading(figures: dict[str, Any]) -> list[str]:
    """Lines above those of the epochs: the recipe, what of it is not usual, and the columns."""
    of, data = figures["settings"], figures["data"]
    sizes = "-".join(map(str, of["sizes"]))
    epochs = "epoch" if of["epochs"] == 1 else "epochs"
    rate = "" if of["schedule"] == "constant" else f" at most, {of['schedule']}"
    extras = _extras(of, data["noun"])
    measured = "validation " if of["validation_split"] else "test "
    accuracy = f"   {measured}accuracy" if data["classes"] else ""
    return [
        f"{data['title']}, {of['rows']:,} {data['noun']}; network {sizes}, "
        f"{_activations(of)}, {of['cost']}, {of['initializer']} weights",
        f"{of['epochs']:,} {epochs}, mini-batches of {of['batch_size']}, {of['optimizer']}, "
        f"learning rate {of['learning_rate']:g}{rate}, seed {of['seed']}",
        *([", ".join(extras)] if extras else []),
        "",
        f"epoch   seconds   training cost   {measured}cost" + accuracy,
    ]


def _activations(of: dict[str, Any]) -> str:
    hidden, output = of["activation"], of["output_activation"]
    return output if hidden == output or len(of["sizes"]) == 2 else f"{hidden} and {output}"


def _extras(of: dict[str, Any], noun: str) -> list[str]:
    """Settings that change the training, unless they are left at nothing."""
    l1 = f"L1 {{:g}} ({of['l1_mode']})"
    shown = {
        "l2": "L2 {:g}",
        "l1": l1,
        "dropout": "dropout {:g}",
        "input_dropout": "input dropout {:g}",
        "max_norm": "max-norm {:g}",
        "clip_norm": "gradient's norm at most {:g}",
        "label_smoothing": "label smoothing {:g}",
        "validation_split": f"validation on {{:.0%}} of the {noun}",
        "early_stopping": "early stopping after {}",
        "resume": "resumed from {}",
    }
    return [text.format(of[name]) for name, text in shown.items() if of[name]]


def epoch_line(epoch: "Epoch") -> str:
    """An epoch's figures below the heading's last line; costs are without the penalty."""
    line = (
        f"{epoch.epoch:5}   {epoch.seconds:7.2f}   {epoch.data_cost:13.4f}   "
        f"{epoch.validation_data_cost:9.4f}"
    )
    return (
        line if epoch.validation_accuracy is None else f"{line}   {epoch.validation_accuracy:13.2%}"
    )


def summary(figures: dict[str, Any]) -> list[str]:
    """Lines below those of the epochs."""
    test, timings = figures["test"], figures["timings"]
    epochs, asked = len(figures["history"]["epoch"]), figures["settings"]["epochs"]
    lines = ["", f"interrupted after {epochs} of {asked} epochs; learned so far:"]
    best, right = figures["best_epoch"], ""
    if test["accuracy"] is not None:
        right = f"{test['accuracy']:.2%} ({test['correct']:,} of {test['rows']:,})"
    return [
        *(lines if figures["interrupted"] else lines[:1]),
        *([line("best epoch", str(best))] if best is not None else []),
        *([line("test accuracy", right)] if test["accuracy"] is not None else []),
        line("test cost", f"{test['data_cost']:.4f}"),
        line("kernels", _kernels(figures)),
        line("loading", f"{timings['loading']:.2f} s"),
        line("training", f"{timings['training']:.2f} s"),
        line(
            f"{figures['data']['noun']} per second", f"{figures['speed']['images_per_second']:,.0f}"
        ),
    ]


def _kernels(figures: dict[str, Any]) -> str:
    """Where they came from: a library, the compiler, or the cache of what it made before."""
    level, seconds = figures["prebuilt_for"], figures["timings"]["compiling"]
    if figures["interpreted"]:
        return "interpreted, as plain Python"
    if not figures["compiled"]:
        return f"prebuilt for {level}" if level else f"compiled before, loaded in {seconds:.2f} s"
    if level:
        return f"prebuilt for {level}, others compiled in {seconds:.2f} s"
    return f"compiled in {seconds:.2f} s: {figures['not_prebuilt']}"


def line(name: str, value: str) -> str:
    """A line of the summary."""
    return f"{name:17}   {value}"
