"""What a container may lack: a home, a name for the user, an installation that can be written to.

For real: as a user whom nobody knows, in a mount namespace where the package is read-only. That
user may read all (else not even Python could be read, where root has it at home), and write
nowhere but to a folder of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from interpreted import KERNELS_ARE_INTERPRETED

import fastnn
from fastnn.kernels import cache
from fastnn.machine.choice import CHOICE, PREBUILT

PACKAGE = Path(fastnn.__file__).parent
NOBODY = 12345
IN_CONTAINER = f"""
mount --bind {PACKAGE} {PACKAGE} && mount -o remount,bind,ro {PACKAGE} && exec setpriv \\
    --reuid={NOBODY} --regid={NOBODY} --clear-groups \\
    --inh-caps=+dac_read_search --ambient-caps=+dac_read_search "$@"
"""
LIFE = """
import sys, warnings
import numpy as np

warnings.simplefilter("error")
import fastnn

x = np.random.default_rng(0).random((20, 2), np.float32)
net = fastnn.Network([2, 3, 1], seed=0)
net.fit(x, x[:, :1], epochs=2)
net.save(sys.argv[1])
again = fastnn.load(sys.argv[1])
assert (again.feedforward(x) == net.feedforward(x)).all()
print(net.weights[0].sum())
"""
OUTPUTS = """
import warnings

warnings.simplefilter("error")
import fastnn
from fastnn.cli.kernel_watch import KernelWatch

with KernelWatch() as watch:
    outputs = fastnn.Network([2, 3, 1], seed=0).feedforward([[1, 2]])
print("compiled" if watch.compiled else "loaded", outputs.item())
"""


def _can_enter():
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    tried = ["unshare", "-m", "sh", "-c", IN_CONTAINER, "sh", "true"]
    return subprocess.run(tried, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="nothing is compiled"),
    pytest.mark.skipif(not _can_enter(), reason="needs root, and namespaces, on Linux"),
]


@pytest.fixture
def folder(tmp_path_factory):
    """The only one that this user can write to, and far from the home of whoever runs tests."""
    folder = tmp_path_factory.mktemp("own")
    os.chown(folder, NOBODY, NOBODY)
    return folder


@pytest.fixture
def in_container(folder):
    """Run a program of Python's: in_container(*arguments, **variables)."""

    def run(*arguments, **variables):
        command = ["unshare", "-m", "sh", "-c", IN_CONTAINER, "sh", sys.executable, *arguments]
        clean = {"PATH": os.environ["PATH"], **variables}
        return subprocess.run(command, env=clean, cwd=folder, capture_output=True, text=True)

    return run


def test_nothing_is_at_hand(in_container):
    """The container is what it is meant to be."""
    program = (
        "import fastnn, os, pathlib\n"
        "try: pathlib.Path.home()\n"
        "except RuntimeError: print('no home')\n"
        "try: open(os.path.join(os.path.dirname(fastnn.__file__), 'new'), 'w')\n"
        "except OSError as error: print(error.strerror)"
    )
    assert in_container("-c", program).stdout == "no home\nRead-only file system\n"


def test_info(in_container):
    done = in_container("-m", "fastnn", "info")
    assert (done.returncode, done.stderr) == (0, "")
    assert "none, for lack of a folder that only you can write to" in done.stdout


@pytest.mark.skipif(CHOICE.mode != PREBUILT, reason="there is nothing prebuilt")
def test_prebuilt_kernels_need_no_folder(in_container, folder, tmp_path):
    command = [sys.executable, "-c", LIFE, tmp_path / "net.npz"]
    here = subprocess.run(command, capture_output=True, text=True, check=True)
    done = in_container("-c", LIFE, str(folder / "net.npz"))
    assert (done.returncode, done.stderr, done.stdout) == (0, "", here.stdout)


def test_a_cache_that_can_only_be_read_serves(in_container):
    """As an image has it that somebody has warmed up."""
    variables = {"NUMBA_CACHE_DIR": str(cache.cache_folder.parent), "FASTNN_KERNELS": "compiled"}
    environment = {**os.environ, **variables}
    command = [sys.executable, "-c", OUTPUTS]
    here = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    done = in_container("-c", OUTPUTS, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["loaded", here.stdout.split()[1]]
