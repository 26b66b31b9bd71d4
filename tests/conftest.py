"""What all tests share: the fastnn that is installed, here and in processes of their own."""

import os
import signal
import sys
from pathlib import Path

import pytest

# `python -m pytest` would have the checkout's come first.
ROOT = str(Path(__file__).parents[1])
sys.path[:] = [*(folder for folder in sys.path if folder not in ("", ROOT)), ROOT]

from ways import NonzerosWhereFew  # noqa: E402

from fastnn.engine import strategy  # noqa: E402


def pytest_xdist_auto_num_workers(config):
    """One process for a file or two, which shows what tests print and loads kernels once.

    For more, or all, as many as xdist says.
    """
    files = [argument for argument in config.args if ".py" in argument]
    return 0 if len(files) == len(config.args) <= 2 else None


@pytest.fixture(autouse=True, scope="session")
def elsewhere(tmp_path_factory):
    """Not in the checkout: `python -m` and `python -c` search first where they are started."""
    usual = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(usual)


@pytest.fixture(autouse=True, scope="session")
def processes_are_no_workers():
    """Else pytest-benchmark measures nothing in one that a worker of xdist has started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_XDIST_WORKER", raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def interrupts_are_heard():
    """Here and in processes of their own: a shell's background jobs ignore SIGINT."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.fixture(autouse=True)
def few_nonzeros_are_worth_it(request, monkeypatch):
    """Take rows by their non-zeros wherever these are few, as large layers do.

    For networks as small as those of most tests it would never be worth it, and the tests with
    sparse rows would not reach the kernels for them. Tests marked `real_choice` get the way that
    users get.
    """
    if request.node.get_closest_marker("real_choice"):
        return

    monkeypatch.setattr(strategy, "usual", NonzerosWhereFew())
