import contextlib
import io
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from interpreted import KERNELS_ARE_INTERPRETED

from fastnn.cli import main, train

# Without compiled kernels a training takes minutes.
collect_ignore_glob = ["test_*.py"] if KERNELS_ARE_INTERPRETED else []


@pytest.fixture(autouse=True)
def few_nonzeros_are_worth_it():
    """Not here: a command in a process of its own takes the way that is fastest."""


@pytest.fixture(scope="session")
def environment():
    """A subprocess's variables, to add to."""
    return dict(os.environ)


@pytest.fixture(scope="session")
def process(environment):
    """Run the command `fastnn` to its end, as a process: process(*arguments, stdout=...)."""

    def run(*arguments, **settings):
        return subprocess.run(
            [sys.executable, "-m", "fastnn", *map(str, arguments)],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment} | settings,
            text=True,
            timeout=600,  # it may compile, on a machine that others use as well
        )

    return run


@pytest.fixture(scope="session")
def command():
    """Run a command line to its end in this process, which has imported all and loads no kernel."""

    def run(*arguments):
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = main([str(argument) for argument in arguments])
        return SimpleNamespace(returncode=code, stdout=output.getvalue(), stderr=errors.getvalue())

    return run


@pytest.fixture
def options(monkeypatch):
    """What a command line of `fastnn train mnist` is read as; nothing is trained."""

    def read(*arguments):
        found = []
        with monkeypatch.context() as patch:
            patch.setattr(train, "_run", lambda chosen: found.append(chosen) or 0)
            assert main([str(argument) for argument in arguments]) == 0
        return found[0]

    return read


@pytest.fixture
def start(environment):
    """Start the command and leave it running; it is ended with the test."""
    running = []

    def run(*arguments, **settings):
        # A shell that runs tests in the background lets them ignore Ctrl-C.
        usual = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "fastnn", *map(str, arguments)],
            env=environment,
            **{**usual, **settings},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def trained(command, tmp_path_factory):
    """A network trained for a moment: the model's path."""
    model = tmp_path_factory.mktemp("trained") / "digits.npz"
    done = command("train", "mnist", "--rows", 10_000, "--epochs", 3, "--l2", 1, "--save", model)
    assert done.returncode == 0, done.stderr
    return model


@pytest.fixture
def refused(capsys):
    """Run a command, in this process, that must fail in one line; returns the line's message."""

    def run(*arguments, code=1):
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == code
        output, errors = capsys.readouterr()
        assert output == ""
        assert errors.count("\n") == 1
        assert errors.startswith("fastnn: error: ")
        return errors.removeprefix("fastnn: error: ").rstrip("\n")

    return run
