"""What a command leaves: valid JSON whatever the figures, and nothing lost to a full disk."""

import errno
import json
import os
import resource
import tempfile

import numpy as np
import pytest

import fastnn
from fastnn.cli import main, outputs
from fastnn.cli.errors import CommandError

FEW = "--rows", "100", "--epochs", "2", "--quiet"


def strict(text):
    """Read JSON as other programs do, which know no NaN."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_what_json_has_no_number_for_becomes_null(number, kind):
    figures = {"a": kind(number), "b": [1.5, (kind(number), {"c": kind(number)})], "d": kind(2)}
    expected = {"a": None, "b": [1.5, [None, {"c": None}]], "d": 2.0}
    assert strict(outputs.as_json(figures)) == expected


@pytest.fixture
def overflowing(tmp_path):
    """A network whose cost is infinite, and whose outputs are finite."""
    net = fastnn.Network([4, 1], cost="quadratic", output_activation="identity", seed=0)
    net.weights[0][...] = 1e30
    net.save(tmp_path / "net.npz")
    np.save(tmp_path / "x.npy", np.ones((2, 4), "float32"))
    np.save(tmp_path / "y.npy", np.zeros(2, int))
    return tmp_path


def test_figures_that_are_infinite(overflowing, capsys, monkeypatch):
    monkeypatch.chdir(overflowing)
    assert main(["evaluate", "net.npz", "--data", "x.npy", "y.npy", "--json"]) == 0
    figures = strict(capsys.readouterr().out)
    assert figures["data_cost"] is None
    assert figures["rows"] == 2


def test_a_history_with_nan(tmp_path, monkeypatch, capsys):
    """A validation cost that overflows does not end a training."""
    from fastnn.training import loop

    monkeypatch.setattr(loop, "measure", lambda *_: (float("nan"), 0.5))
    path = tmp_path / "figures.json"
    assert main(["train", "mnist", *FEW, "--json", str(path)]) == 0
    assert strict(path.read_text())["history"]["validation_data_cost"] == [None, None]


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A folder whose disk takes no more, while new files can still be made there."""
    folder, fsync = tmp_path / "full", os.fsync
    folder.mkdir()

    def sync(descriptor):
        if os.fstat(descriptor).st_ino in [entry.inode() for entry in os.scandir(folder)]:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return folder


@pytest.fixture
def failed(capsys):
    """The one line that a training ends with which fails, after its summary."""

    def run(*options):
        assert main(["train", "mnist", *FEW, *map(str, options)]) == 1
        output, errors = capsys.readouterr()
        assert "test accuracy" in output
        assert errors.count("\n") == 1
        return errors.removeprefix("fastnn: error: ").rstrip("\n")

    return run


def test_a_network_that_a_full_disk_does_not_take_is_saved_elsewhere(full, tmp_path, failed):
    model, figures = full / "digits.npz", tmp_path / "figures.json"
    model.write_bytes(b"the last one")
    message = failed("--save", model, "--json", figures)
    start = f"{model}: No space left on device; it is in "
    assert message.startswith(start)
    place = message.removeprefix(start).removesuffix(" instead")
    assert os.path.dirname(os.path.dirname(place)) == str(tmp_path / "tmp")
    assert fastnn.load(place).history.epoch == [1, 2]
    assert model.read_bytes() == b"the last one"
    assert os.listdir(full) == ["digits.npz"]
    written = json.loads(figures.read_text())
    assert (written["saved"], len(written["history"]["epoch"])) == (None, 2)


def test_figures_that_a_full_disk_does_not_take_are_written_elsewhere(full, tmp_path, failed):
    model, figures = tmp_path / "digits.npz", full / "figures.json"
    message = failed("--save", model, "--json", figures)
    place = message.removeprefix(f"{figures}: No space left on device; it is in ")
    written = json.loads(open(place.removesuffix(" instead")).read())  # noqa: SIM115
    assert written["saved"] == str(model)
    assert fastnn.load(model).history.epoch == [1, 2]
    assert os.listdir(full) == []


def test_nowhere_else_to_go(full, failed, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    monkeypatch.setattr(tempfile, "mkdtemp", lambda prefix: str(full))
    message = failed("--save", full / "digits.npz")
    assert message == f"{full / 'digits.npz'}: No space left on device"


def test_a_checkpoint_that_a_full_disk_does_not_take(full, tmp_path, failed):
    """The training ends there, and what it has learned is saved all the same."""
    checkpoint, model = full / "run.npz", tmp_path / "digits.npz"
    message = failed("--checkpoint", checkpoint, "--save", model)
    assert message == f"{checkpoint}: No space left on device"
    assert fastnn.load(model).history.epoch == [1]
    assert os.listdir(full) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
@pytest.mark.parametrize("saves", [True, False])
def test_a_full_disk_behind_standard_output(start, tmp_path, saves):
    model = tmp_path / "digits.npz"
    with open("/dev/full", "w") as full:
        options = ("--save", model) if saves else ()
        run = start("train", "mnist", "--rows", 100, "--epochs", 2, *options, stdout=full)
        errors = run.communicate(timeout=120)[1]
    assert run.returncode == 1
    assert "No space left on device" in errors
    assert errors.count("\n") == 1
    if saves:
        assert errors == "fastnn: error: standard output: No space left on device\n"
        assert fastnn.load(model).history.epoch == [1, 2]


def test_a_file_that_may_not_become_so_large(start, tmp_path):
    """By a limit of the system, for real: the file, and one elsewhere as well."""
    model = tmp_path / "digits.npz"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    run = start(
        "train",
        "mnist",
        *FEW,
        "--save",
        model,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limit)),
    )
    errors = run.communicate(timeout=120)[1]
    assert errors == f"fastnn: error: {model}: File too large\n"
    assert run.returncode == 1
    assert os.listdir(tmp_path) == []


def test_leaving_a_file_tells_what_failed_of_standard_output():
    def full(name):
        raise CommandError("standard output: No space left on device")

    def unread(name):
        raise BrokenPipeError

    assert outputs.leave("-", full) == "standard output: No space left on device"
    with pytest.raises(BrokenPipeError):
        outputs.leave("-", unread)
