"""Standard output and standard error that can't take what is written to them."""

import errno
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import fastnn
from fastnn.cli import display, main
from fastnn.cli.display import Progress, Results

needs_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs a file that is always full"
)
FEW = ("--rows", 100, "--epochs", 1, "--hidden", 4)
NO_SPACE = "fastnn: error: standard output: No space left on device\n"


@pytest.fixture
def full():
    with open("/dev/full", "w") as file:
        yield file


@needs_full
def test_output_that_cannot_be_written(process, full):
    done = process("info", stdout=full)
    assert (done.returncode, done.stderr) == (1, NO_SPACE)


@needs_full
def test_what_was_learned_is_saved_all_the_same(process, full, tmp_path):
    model, figures = tmp_path / "digits.npz", tmp_path / "figures.json"
    done = process("train", "mnist", *FEW, "--save", model, "--json", figures, stdout=full)
    assert (done.returncode, done.stderr) == (1, NO_SPACE)
    assert fastnn.load(model).sizes == [784, 4, 10]
    assert json.loads(figures.read_text())["saved"] == str(model)


@needs_full
def test_a_warning_that_nobody_can_read(process, trained, full, tmp_path):
    np.save(tmp_path / "floats.npy", np.full((2, 784), 200.0))
    done = process("predict", trained, tmp_path / "floats.npy", stderr=full)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


class Stream(io.TextIOWrapper):
    """A terminal; from `gone` on, nobody is there any more."""

    gone = False

    def isatty(self):
        return True

    def write(self, text):
        if self.gone:
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)


@pytest.fixture
def terminal(tmp_path):
    """To be set within the test: before it, pytest sets its own."""
    with Stream(open(tmp_path / "terminal", "wb"), encoding="utf-8") as stream:
        yield stream
        stream.gone = False


@pytest.mark.parametrize("columns", ["1", "3", "10", "0", "-5", "wide"])
def test_a_terminal_that_is_closed_ends_no_training(terminal, columns, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(2, Results(), shown=True) as progress:
        progress.advance(5, 10, 0)
        assert "epoch 1/2" in (tmp_path / "terminal").read_text() or columns not in ("0", "wide")
        terminal.gone = True
        progress.advance(10, 10, 0)
        progress.end_epoch()
        display.warn("nobody reads this")
        progress.advance(10, 10, 1)
        progress.end_epoch()
    assert progress.rows == 20


def test_only_a_run_that_saves_goes_on_without_output(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stdout", terminal)
    terminal.gone = True
    results = Results(keep_on=True)
    results.say("one")
    results.say("two")
    assert results.failure == "standard output: Input/output error"
    with pytest.raises(display.CommandError, match="standard output: Input/output error"):
        Results().say("one")
    terminal.gone = False
    results = Results(keep_on=True)
    results.say("one")
    assert results.failure is None


@pytest.mark.parametrize(
    ("encoding", "errors", "written"),
    [
        ("ascii", "strict", b"\\xb1 \\udcff"),
        ("ascii", "surrogateescape", b"\\xb1 \\udcff"),
        ("utf-8", "strict", b"\xc2\xb1 \\udcff"),
        ("utf-8", "surrogateescape", b"\xc2\xb1 \xff"),
    ],
)
def test_names_and_signs_that_have_no_place_in_the_encoding(encoding, errors, written, monkeypatch):
    """± as the tables have it, and a file's name that is a byte of no character."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
    monkeypatch.setattr(sys, "stdout", stream)
    display.prepare_streams()
    Results().say("± \udcff")
    assert stream.buffer.getvalue() == written + b"\n"


def test_streams_that_the_caller_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["--version"]) == 0
    assert main(["nonsense"]) == 2


def test_each_command_says_warnings_in_lines_of_its_own(terminal, monkeypatch, tmp_path):
    def warned(arguments):
        warnings.warn("kernel cache: damaged", RuntimeWarning, stacklevel=1)
        return 0

    monkeypatch.setattr("fastnn.cli.info._run", warned)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["info"]) == 0
    assert "fastnn: warning: kernel cache: damaged\n" in (tmp_path / "terminal").read_text()


def test_any_stream_will_do(monkeypatch):
    """As `contextlib.redirect_stdout` puts one in place."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["explain", "--l2", "5"]) == 0
    assert "lambda" in sys.stdout.getvalue()
