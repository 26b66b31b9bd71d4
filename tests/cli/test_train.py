"""`fastnn train mnist`."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import fastnn
from fastnn.cli import main, train_arguments
from fastnn.datasets import load_mnist
from fastnn.machine.choice import CHOICE

FEW = ("--rows", "1000", "--epochs", "2")
# Long enough for the tests to interrupt, and with an epoch done in a moment.
ENDLESS = ("--rows", "2000", "--epochs", "100000")
# epoch, seconds, training cost, test cost, test accuracy
EPOCH_LINE = re.compile(r" +(\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d+)%")
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


def epochs_in(output):
    """The figures of each line of an epoch, as text."""
    return [match.groups() for match in map(EPOCH_LINE.fullmatch, output.splitlines()) if match]


def summary_in(output):
    """The lines of name and value below the epochs."""
    lines = [re.split(" {3,}", line, maxsplit=1) for line in output.splitlines()]
    return {line[0]: line[1] for line in lines if len(line) == 2 and line[0]}


def test_prints_epochs_and_summary_and_saves(process, tmp_path):
    model, figures = tmp_path / "digits.npz", tmp_path / "figures.json"
    done = process("train", "mnist", *FEW, "--seed", 3, "--save", model, "--json", figures)
    assert (done.returncode, done.stderr) == (0, "")

    epochs = epochs_in(done.stdout)
    assert [int(epoch[0]) for epoch in epochs] == [1, 2]
    summary = summary_in(done.stdout)
    assert summary["test accuracy"].startswith(f"{epochs[-1][4]}% (")
    assert summary["test cost"] == epochs[-1][3]
    assert summary["saved to"] == str(model)
    assert {"kernels", "loading", "training", "images per second"} <= set(summary)

    figures = json.loads(figures.read_text())
    assert figures["settings"]["sizes"] == [784, 192, 10]
    assert figures["settings"]["rows"] == 1000
    assert figures["settings"]["seed"] == 3
    assert figures["versions"]["fastnn"] == fastnn.__version__
    assert figures["versions"]["numpy"] == np.__version__
    assert set(figures["timings"]) == {"loading", "compiling", "training", "testing"}
    compiling = figures["timings"].pop("compiling")
    assert (compiling > 0) == (CHOICE.library is None or figures["compiled"])
    assert all(seconds > 0 for seconds in figures["timings"].values())
    assert figures["speed"]["images"] == 2000
    assert figures["interrupted"] is False
    assert figures["saved"] == str(model)
    assert [f"{cost:.4f}" for cost in figures["history"]["data_cost"]] == [e[2] for e in epochs]
    assert len(set(map(len, figures["history"].values()))) == 1

    net, mnist = fastnn.load(model), load_mnist()
    test = net.evaluate(mnist.test_images, mnist.test_labels)
    assert figures["test"]["accuracy"] == test.accuracy
    assert figures["test"]["correct"] == round(10_000 * test.accuracy)
    assert figures["test"]["data_cost"] == pytest.approx(test.data_cost)
    assert figures["test"]["cost"] == pytest.approx(test.cost)
    assert json.loads(json.dumps(net.history)) == figures["history"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.npz", "figures.json"]


WITHOUT_MEASURE = """
import sys
from fastnn.cli import main
from fastnn.machine.choice import CHOICE

if CHOICE.library is not None:
    del CHOICE.library.functions["measure(i8*,f4*,f8*)"]
sys.exit(main(sys.argv[1:]))
"""


def test_the_summary_says_what_no_library_had(environment, tmp_path):
    own_cache = {"NUMBA_CACHE_DIR": str(tmp_path)} if CHOICE.library is not None else {}
    said = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_MEASURE, "train", "mnist", *FEW],
            env={**environment, **own_cache},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        said.append(summary_in(done.stdout)["kernels"])
    if CHOICE.library is None:
        assert re.fullmatch(r"compiled before, loaded in \d+\.\d\d s", said[1])
        return
    prebuilt = f"prebuilt for {CHOICE.level}"
    assert re.fullmatch(rf"{prebuilt}, others compiled in \d+\.\d\d s", said[0])
    assert said[1] == prebuilt  # the other was in the cache


def test_no_hidden_layer(command):
    done = command("train", "mnist", *FEW, "--json", "-", "--hidden")
    assert json.loads(done.stdout)["settings"]["sizes"] == [784, 10]


def test_quiet_prints_the_summary_only(command):
    done = command("train", "mnist", *FEW, "--quiet")
    assert done.returncode == 0
    assert epochs_in(done.stdout) == []
    assert "epoch" not in done.stdout
    assert "test accuracy" in summary_in(done.stdout)


def test_a_run_without_options_is_good_enough(options):
    """The first command of the README, judged by what it would do."""
    chosen = options("train", "mnist")
    assert train_arguments.rows(chosen) == 60_000
    mnist = load_mnist()
    net = fastnn.Network(**train_arguments.network_settings(chosen))
    net.fit(mnist.train_images, mnist.train_labels, **train_arguments.fit_settings(chosen))
    assert net.evaluate(mnist.test_images, mnist.test_labels).accuracy >= 0.98


@posix_only
def test_interrupt_keeps_what_was_learned(start, tmp_path):
    model, figures = tmp_path / "digits.npz", tmp_path / "figures.json"
    run = start("train", "mnist", *ENDLESS, "--save", model, "--json", figures)
    lines = []
    while len(epochs_in("".join(lines))) < 3:
        lines.append(run.stdout.readline())
        assert lines[-1], run.stderr.read()
    run.send_signal(signal.SIGINT)
    rest, errors = run.communicate(timeout=600)
    assert (run.returncode, errors) == (130, "")

    output = "".join(lines) + rest
    epochs = epochs_in(output)
    assert f"interrupted after {len(epochs)} of 100000 epochs" in output
    net = fastnn.load(model)
    assert len(net.history.epoch) == len(epochs)
    assert np.isfinite(net.weights[0]).all()
    figures = json.loads(figures.read_text())
    assert figures["interrupted"] is True
    mnist = load_mnist()
    accuracy = net.evaluate(mnist.test_images, mnist.test_labels).accuracy
    assert accuracy == figures["test"]["accuracy"] > 0.5
    assert summary_in(output)["test accuracy"].startswith(f"{accuracy:.2%}")


def test_interrupt_before_anything_was_learned(tmp_path, capsys, monkeypatch):
    def interrupt(self, *arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(fastnn.Network, "fit", interrupt)
    (tmp_path / "digits.npz").write_text("the last training's")
    assert main(["train", "mnist", *FEW, "--quiet", "--save", str(tmp_path / "digits.npz")]) == 130
    assert capsys.readouterr() == ("", "fastnn: error: interrupted\n")
    assert (tmp_path / "digits.npz").read_text() == "the last training's"


@posix_only
def test_nobody_reads_the_output(start):
    run = start("train", "mnist", *ENDLESS)
    run.stdout.readline()
    run.stdout.close()
    assert run.wait(timeout=600) == 141
    assert run.stderr.read() == ""


@posix_only
def test_nobody_reads_the_output_but_a_file_is_wanted(start, tmp_path):
    run = start("train", "mnist", "--rows", 1000, "--epochs", 5, "--save", tmp_path / "digits.npz")
    run.stdout.readline()
    run.stdout.close()
    assert run.wait(timeout=600) == 0
    assert run.stderr.read() == ""
    assert len(fastnn.load(tmp_path / "digits.npz").history.epoch) == 5


@posix_only
def test_a_terminal_shows_a_bar_and_a_file_does_not(start, tmp_path):
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    with open(tmp_path / "output", "w") as output:
        run = start("train", "mnist", *ENDLESS, stdout=output, stderr=theirs)
    os.close(theirs)
    seen, interrupted = b"", False
    deadline = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):  # Linux says so when the other end is closed
                seen += os.read(ours, 1000)
        if b"epoch 2/100000" in seen and not interrupted:
            run.send_signal(signal.SIGINT)
            interrupted = True
    assert run.wait(timeout=600) == 130
    os.close(ours)
    assert b"epoch 2/100000" in seen
    assert b"images/s" in seen
    written = (tmp_path / "output").read_text()
    assert "\r" not in written
    assert "images/s" not in written
    assert epochs_in(written)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--epochs 0", "argument --epochs: expected a whole number from 1 to 1000000, got '0'"),
        ("--epochs 1.5", "argument --epochs: expected a whole number"),
        ("--batch-size -1", "argument --batch-size: expected a whole number"),
        ("--hidden 30 0", "argument --hidden: expected a whole number"),
        ("--rows 0", "argument --rows: expected a whole number of at least 1, got '0'"),
        ("--seed -1", "argument --seed: expected a whole number of at least 0, got '-1'"),
        ("--learning-rate 0", "argument --learning-rate: expected a finite number above 0"),
        ("--learning-rate nan", "argument --learning-rate: expected a finite number above 0"),
        ("--l1 -0.5", "argument --l1: expected a finite number of at least 0, got '-0.5'"),
        ("--l2 inf", "argument --l2: expected a finite number of at least 0, got 'inf'"),
        ("--l2 much", "argument --l2: expected a finite number of at least 0, got 'much'"),
        ("--epoch 3", "unknown: --epoch 3; see 'fastnn train --help'"),
        ("--save", "argument --save: expected one argument"),
        ("--save a --json ./a", "--save and --json: expected two files, got a for both"),
    ],
)
def test_wrong_options(arguments, message, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = refused("train", "mnist", *arguments.split(), code=2)
    assert line.startswith(message)


@pytest.mark.parametrize("option", ["--save", "--json"])
def test_a_file_that_cannot_be_written_fails_before_the_training(
    refused, tmp_path, option, monkeypatch
):
    monkeypatch.setattr(fastnn.Network, "fit", None)
    missing = tmp_path / "missing" / "file"
    assert refused("train", "mnist", option, missing) == (
        f"{option}: expected an existing folder, found none at {missing.parent}"
    )
    assert "is a folder" in refused("train", "mnist", option, tmp_path)


@pytest.mark.skipif(
    os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="root may write anywhere",
)
def test_a_folder_without_permission(refused, tmp_path):
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused("train", "mnist", "--save", tmp_path / "digits.npz")


def test_errors_through_a_process(process, tmp_path):
    for code, arguments in [(2, ["--epochs", "0"]), (1, ["--save", tmp_path / "missing" / "x"])]:
        done = process("train", "mnist", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("fastnn: error: ")
        assert done.stderr.count("\n") == 1


def test_divergence_is_a_failure_and_keeps_the_old_file(command, tmp_path):
    model = tmp_path / "digits.npz"
    model.write_text("the last training's")
    rate = "--schedule", "constant", "--learning-rate", "1e38"
    done = command("train", "mnist", *FEW, *rate, "--save", model)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fastnn: error: the training diverged: in epoch 1, at update ")
    assert "Likely cause: a learning rate, 1e+38, that is too large" in done.stderr
    assert model.read_text() == "the last training's"
    assert list(tmp_path.iterdir()) == [model]


def test_too_large_for_the_memory(refused):
    message = refused("train", "mnist", "--rows", 10, "--hidden", 1_000_000, 1_000_000)
    assert message.startswith("not enough memory")


@posix_only
def test_sigterm_ends_it_as_usual(start):
    run = start("train", "mnist", *ENDLESS)
    run.stdout.readline()
    run.terminate()
    assert run.wait(timeout=600) == -signal.SIGTERM


def test_importing_the_command_line_needs_no_progress_bar(environment):
    code = "import sys, fastnn.cli; sys.exit('tqdm' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
