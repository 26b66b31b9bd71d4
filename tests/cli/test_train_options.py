"""What `fastnn train mnist` asks the library for."""

import json
import logging
import re
import shlex
import time
from pathlib import Path

import numpy as np
import pytest

import fastnn
from fastnn import engine
from fastnn.cli import main, train_arguments, training_figures
from fastnn.cli.display import Progress, Results
from fastnn.cli.docs import FOLDER
from fastnn.cli.kernel_watch import KernelWatch
from fastnn.datasets import load_mnist
from fastnn.model import initializers
from fastnn.training import optimizers

PAGE = FOLDER / "command-line.md"
FEW = ("--rows", "300", "--epochs", "2", "--hidden", "9")


def same_history(figures, net):
    expected = json.loads(json.dumps(net.history))
    found = dict(figures["history"])
    del expected["seconds"], found["seconds"]
    return found == expected


def trained(sizes, activation, cost, initializer, **settings):
    mnist = load_mnist()
    net = fastnn.Network(sizes, activation, cost, initializer=initializer, seed=5)
    if "validation_split" not in settings:
        settings["validation_data"] = mnist.test_images, mnist.test_labels
    net.fit(mnist.train_images[:105], mnist.train_labels[:105], **settings)
    return net


def test_all_options_reach_the_network(command):
    done = command(
        "train",
        "mnist",
        "--rows",
        105,
        "--epochs",
        3,
        "--hidden",
        12,
        7,
        "--batch-size",
        20,
        "--learning-rate",
        0.0125,
        "--l1",
        0.5,
        "--l2",
        0.25,
        "--seed",
        5,
        "--threads",
        2,
        "--activation",
        "gelu",
        "--cost",
        "cross-entropy",
        "--optimizer",
        "nesterov",
        "--schedule",
        "cosine",
        "--l1-mode",
        "proximal",
        "--dropout",
        0.25,
        "--input-dropout",
        0.125,
        "--max-norm",
        2,
        "--clip-norm",
        0.5,
        "--label-smoothing",
        0.0625,
        "--initializer",
        "orthogonal",
        "--json",
        "-",
    )
    figures = json.loads(done.stdout)
    net = trained(
        [784, 12, 7, 10],
        "gelu",
        fastnn.CrossEntropy(label_smoothing=0.0625),
        "orthogonal",
        epochs=3,
        batch_size=20,
        learning_rate=fastnn.Cosine(0.0125),
        optimizer=fastnn.Nesterov(clip_norm=0.5),
        l1=fastnn.Proximal(0.5),
        l2=0.25,
        dropout=0.25,
        input_dropout=0.125,
        max_norm=2,
    )
    assert same_history(figures, net)
    wanted = {
        "data": "mnist",
        "sizes": [784, 12, 7, 10],
        "activation": "gelu",
        "output_activation": "sigmoid",
        "cost": "cross_entropy",
        "initializer": "orthogonal",
        "seed": 5,
        "dtype": "float32",
        "epochs": 3,
        "batch_size": 20,
        "optimizer": "nesterov",
        "learning_rate": 0.0125,
        "schedule": "cosine",
        "l1": 0.5,
        "l2": 0.25,
        "l1_mode": "proximal",
        "dropout": 0.25,
        "input_dropout": 0.125,
        "max_norm": 2.0,
        "clip_norm": 0.5,
        "label_smoothing": 0.0625,
        "validation_split": 0.0,
        "early_stopping": None,
        "check_regularization": True,
        "checkpoint": None,
        "resume": None,
        "rows": 105,
        "threads": 2,
    }
    assert figures["settings"] == wanted


def test_the_defaults(command):
    figures = json.loads(command("train", "mnist", *FEW, "--seed", 5, "--json", "-").stdout)
    mnist = load_mnist()
    net = fastnn.Network([784, 9, 10], "relu", "log_likelihood", initializer="he_normal", seed=5)
    net.fit(
        mnist.train_images[:300],
        mnist.train_labels[:300],
        epochs=2,
        batch_size=64,
        learning_rate=fastnn.OneCycle(0.005),
        optimizer="adam",
        validation_data=(mnist.test_images, mnist.test_labels),
    )
    assert same_history(figures, net)


def test_early_stopping_goes_by_the_validation_split(command):
    done = command(
        "train",
        "mnist",
        "--rows",
        105,
        "--hidden",
        12,
        "--epochs",
        50,
        "--seed",
        5,
        "--validation-split",
        0.2,
        "--early-stopping",
        2,
        "--json",
        "figures.json",
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(Path("figures.json").read_text())
    net = trained(
        [784, 12, 10],
        "relu",
        "log_likelihood",
        "he_normal",
        epochs=50,
        batch_size=64,
        learning_rate=fastnn.OneCycle(0.005),
        optimizer="adam",
        validation_split=0.2,
        callbacks=fastnn.EarlyStopping(patience=2),
    )
    assert same_history(figures, net)
    assert figures["best_epoch"] == net.history.best_epoch
    lines = done.stdout.splitlines()
    assert "validation on 20% of the images, early stopping after 2" in lines
    assert any(line.endswith("validation cost   validation accuracy") for line in lines)
    assert f"best epoch          {net.history.best_epoch}" in lines


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_early_stopping_without_a_validation_split(refused):
    line = refused("train", "mnist", "--early-stopping", 3, code=2)
    assert line.startswith("--early-stopping: expected a --validation-split to go by")


def test_resuming_makes_the_same_network(command):
    options = ["--rows", 300, "--hidden", 9, "--epochs", 3, "--dropout", 0.5]
    whole = json.loads(command("train", "mnist", *options, "--json", "-").stdout)
    mnist = load_mnist()
    chosen = {
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": fastnn.OneCycle(0.005),
        "dropout": 0.5,
        "optimizer": "adam",
        "validation_data": (mnist.test_images, mnist.test_labels),
    }
    net = fastnn.Network([784, 9, 10], "relu", "log_likelihood", initializer="he_normal", seed=0)

    def stop(net, epoch):
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.fit(
            mnist.train_images[:300],
            mnist.train_labels[:300],
            **chosen,
            callbacks=[stop, fastnn.Checkpoint("run.npz")],
        )
    done = command("train", "mnist", *options, "--resume", "run.npz", "--checkpoint", "run.npz")
    assert done.returncode == 0, done.stderr
    assert "dropout 0.5, resumed from run.npz" in done.stdout.splitlines()
    assert len(re.findall(r"^ +[23] +\d", done.stdout, re.MULTILINE)) == 2
    assert not re.search(r"^ +1 +\d", done.stdout, re.MULTILINE)
    found = fastnn.load("run.npz")
    assert same_history(whole, found)
    again = command("train", "mnist", *options, "--resume", "run.npz")  # which is complete
    assert again.returncode == 0, again.stderr
    assert "images per second   0" in again.stdout


def test_another_training_is_not_resumed(command, refused):
    command("train", "mnist", *FEW, "--checkpoint", "run.npz")
    line = refused("train", "mnist", *FEW, "--quiet", "--resume", "run.npz", "--l2", 3)
    assert line.startswith("--resume: expected the settings and data of run.npz")
    assert "l2" in line
    assert "run.npz" in line


def test_files_of_the_same_name(refused):
    line = refused("train", "mnist", "--save", "a", "--checkpoint", "./a", code=2)
    assert line.startswith("--save and --checkpoint: expected two files, got a for both")


def test_a_training_goes_on_in_the_file_that_it_is_resumed_from(refused):
    line = refused("train", "mnist", "--checkpoint", "a", "--resume", "b", code=2)
    assert line.startswith("--checkpoint and --resume: expected one file")
    line = refused("train", "mnist", "--resume", "missing.npz")
    assert line.startswith("missing.npz: No such file or directory")


def test_label_smoothing_needs_a_cost_that_takes_it(refused):
    options = ["--cost", "quadratic", "--label-smoothing", 0.1]
    line = refused("train", "mnist", *options, code=2)
    assert line.startswith("--label-smoothing: expected --cost log_likelihood or cross_entropy")


def test_a_penalty_that_must_fail(refused, command):
    impossible = [*FEW, "--l2", 1e6, "--optimizer", "sgd", "--schedule", "constant"]
    line = refused("train", "mnist", *impossible, "--quiet")
    assert line.startswith("l2: expected")
    assert line.endswith("--no-check trains nevertheless")
    assert "l2: expected" not in command("train", "mnist", *impossible, "--no-check").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--dropout 1", "argument --dropout: expected a number in [0, 1), got '1'"),
        ("--input-dropout -0.1", "argument --input-dropout: expected a number in [0, 1)"),
        ("--label-smoothing nan", "argument --label-smoothing: expected a number in [0, 1)"),
        ("--validation-split x", "argument --validation-split: expected a number in [0, 1)"),
        ("--max-norm 0", "argument --max-norm: expected a finite number above 0, got '0'"),
        ("--clip-norm -1", "argument --clip-norm: expected a finite number above 0, got '-1'"),
        ("--early-stopping 0", "argument --early-stopping: expected a whole number"),
        ("--optimizer adan", "argument --optimizer: invalid choice: 'adan'"),
        ("--schedule step", "argument --schedule: invalid choice: 'step'"),
    ],
)
def test_wrong_options(arguments, message, refused):
    assert refused("train", "mnist", *arguments.split(), code=2).startswith(message)


def test_the_names_are_the_librarys():
    assert set(train_arguments.ACTIVATIONS) <= set(engine.ACTIVATIONS)
    assert set(train_arguments.COSTS) <= {name.replace("-", "_") for name in engine.COSTS}
    assert set(train_arguments.INITIALIZERS) == set(initializers.INITIALIZERS)
    for name in train_arguments.OPTIMIZERS:
        assert optimizers.as_optimizer(name).name == name


@pytest.mark.parametrize(("activation", "initializer"), [("tanh", "default"), ("elu", "he_normal")])
def test_first_weights_follow_the_activation(options, activation, initializer):
    chosen = options("train", "mnist", "--activation", activation)
    assert train_arguments.network_settings(chosen)["initializer"] == initializer


def test_the_books_recipe_is_one_line(options):
    """The page's, and the one below --help."""
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", "")
    (line,) = re.findall(r"^\$ (fastnn train mnist .*sigmoid.*)$", text, re.MULTILINE)
    chosen = options(*shlex.split(line)[1:])
    assert train_arguments.network_settings(chosen) == {
        "sizes": [784, 100, 10],
        "activation": "sigmoid",
        "cost": "cross_entropy",
        "initializer": "default",
        "seed": 0,
        "output_activation": None,  # the cost's own
        "input_scale": 1.0,
    }
    fit = train_arguments.fit_settings(chosen)
    assert (fit["optimizer"], fit["l2"], fit["batch_size"], fit["epochs"]) == (
        fastnn.SGD(),
        2,
        10,
        30,
    )
    np.testing.assert_array_equal(fit["learning_rate"].rates(np.arange(3.0), 3), 0.25)


def test_help_shows_the_defaults_and_the_book(capsys, options):
    assert main(["train", "mnist", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for option in vars(options("train", "mnist")):
        if option not in ("run", "dataset", "kind"):
            assert f" --{option.replace('_', '-')} " in text
    assert text.count("(default: ") == 22
    assert "None" not in text
    for group in ("the network:", "its training:", "regularization:", "output:"):
        assert group in text
    assert "--activation sigmoid --cost cross_entropy --optimizer sgd" in text.replace("- ", "-")


def test_the_watch_stands_still_while_kernels_are_prepared():
    logger = logging.getLogger("fastnn.kernels.jit")
    before = logger.getEffectiveLevel()
    with KernelWatch() as watch:
        start, began = watch.now(), time.perf_counter()
        logger.debug("train", extra={"kernel": "train", "seconds": 100.0, "loaded": True})
        assert not watch.compiled
        logger.debug("train", extra={"kernel": "train", "seconds": 50.0, "loaded": False})
        assert watch.now() - start < time.perf_counter() - began - 149
    assert (watch.seconds, watch.compiled) == (150.0, True)
    logger.debug("train", extra={"kernel": "train", "seconds": 9.0, "loaded": False})
    assert watch.seconds == 150.0
    assert logger.getEffectiveLevel() == before


@pytest.mark.parametrize(
    ("prebuilt_for", "compiled", "said"),
    [
        ("x86-64-v3", False, "prebuilt for x86-64-v3"),
        ("x86-64-v3", True, "prebuilt for x86-64-v3, others compiled in 3.10 s"),
        (None, True, "compiled in 3.10 s: there is no library for x86-64-v3"),
        (None, False, "compiled before, loaded in 3.10 s"),
        (None, None, "interpreted, as plain Python"),
    ],
)
def test_the_summary_says_where_kernels_came_from(prebuilt_for, compiled, said):
    figures = {
        "test": {"accuracy": 0.9, "correct": 9, "rows": 10, "data_cost": 0.5},
        "timings": {"compiling": 3.1, "loading": 0.1, "training": 1.0},
        "history": {"epoch": [1]},
        "settings": {"epochs": 1},
        "data": {"noun": "images"},
        "best_epoch": None,
        "interrupted": False,
        "speed": {"images_per_second": 60_000.0},
        "prebuilt_for": prebuilt_for,
        "not_prebuilt": "" if prebuilt_for else "there is no library for x86-64-v3",
        "compiled": bool(compiled),
        "interpreted": compiled is None,
    }
    assert training_figures.line("kernels", said) in training_figures.summary(figures)


@pytest.mark.parametrize(("resumed", "rows"), [(False, 25), (True, 15)])
def test_rows_that_were_trained(resumed, rows):
    """Of an epoch that was resumed in its middle, those that were certainly trained now."""
    progress = Progress(3, Results(), shown=False, resumed=resumed)
    with progress:
        for done in (10, 20):
            progress.advance(done, 20, 0)
        progress.advance(5, 20, 1)
    assert progress.rows == rows
