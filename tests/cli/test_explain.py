"""`fastnn explain`, and the same check in `fastnn train`."""

import json

import pytest

import fastnn
from fastnn.cli import main

BOOK = [
    "--learning-rate",
    "0.5",
    "--rows",
    "50000",
    "--l2",
    "5",
    "--l1",
    "5",
    "--epochs",
    "30",
    "--sizes",
    "784",
    "30",
    "10",
]


def test_it_prints_what_the_function_returns(capsys):
    assert main(["explain", *BOOK]) == 0
    effect = fastnn.explain_regularization(
        0.5, l2=5.0, l1=5.0, n=50_000, m=10, weights=[784, 30, 10], epochs=30
    )
    assert capsys.readouterr() == (f"{effect}\n", "")
    assert main(["explain", *BOOK, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["layers"] == [layer._asdict() for layer in effect.layers]
    assert figures["conventions"] == effect.conventions
    assert figures["optimizer"] == {"name": "sgd", "clip_norm": None}
    assert figures["penalty"] == effect.penalty


def test_optimizers(capsys):
    assert main(["explain", "--l2", "5", "--momentum", "0.8"]) == 0
    assert "1 - 0.25 / (1 - 0.8) * 5 / 60,000" in capsys.readouterr().out
    assert main(["explain", "--l2", "5", "--optimizer", "adam"]) == 0
    assert "no fixed decay" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message", "code"),
    [
        ("--optimizer adm", "optimizer: expected one of ", 1),
        ("--momentum 1", "optimizer: momentum's mu: expected a number in [0, 1)", 1),
        ("--sizes 784", "weights: expected an input and an output layer", 1),
        ("--l2 -1", "argument --l2: expected a finite number of at least 0", 2),
    ],
)
def test_bad_input(refused, line, message, code):
    assert refused("explain", *line.split(), code=code).startswith(message)


def test_training_warns_in_one_line(process, command):
    few = ["--rows", 1000, "--epochs", 1, "--hidden", 5]
    few += ["--optimizer", "sgd", "--schedule", "constant", "--learning-rate", 0.25]
    done = process("train", "mnist", *few, "--l2", 1000)  # as no filter of these tests hears it
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fastnn: warning: l2: each update multiplies weights by ")
    assert "; --no-check trains nevertheless" in done.stderr
    done = command("train", "mnist", *few, "--l1", 10_000)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fastnn: error: l1: expected an update to shrink weights by less")
