"""What starting costs: seconds of imports, of compiling and of whole commands, in new processes."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["STAGES", "run_program"]

# The package alone imports next to nothing; what one uses of it does.
_IMPORT = """
import time
import numba
start = time.perf_counter()
from fastnn import Network
print(time.perf_counter() - start)
"""

# The first fit beyond what the second one takes; with validation data, so that all kernels of
# an ordinary training are needed.
_FIRST_CALL = """
import time
import numpy as np
import fastnn

x = np.random.default_rng(0).random((100, 784), np.float32)
y = np.arange(100) % 10
net = fastnn.Network([784, 30, 10], seed=0)
seconds = []
for _ in range(2):
    start = time.perf_counter()
    net.fit(x, y, epochs=1, validation_data=(x, y))
    seconds.append(time.perf_counter() - start)
print(seconds[0] - seconds[1])
"""


def run_program(arguments: list[str], cache: Path) -> str:
    """What Python prints with these arguments; RuntimeError if it fails.

    cache  folder for what Numba compiles. Python starts in it, and so imports the fastnn that is
           installed, also where the run was started in a checkout
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cache,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"ended with {done.returncode}")
    return done.stdout


def _importing(rounds: int) -> list[float]:
    with TemporaryDirectory() as cache:
        return [float(run_program(["-c", _IMPORT], Path(cache))) for _ in range(rounds)]


def _first_call(rounds: int) -> list[float]:
    seconds = []
    for _ in range(rounds):
        with TemporaryDirectory() as cache:
            seconds.append(float(run_program(["-c", _FIRST_CALL], Path(cache))))
    return seconds


def _second_call(rounds: int) -> list[float]:
    with TemporaryDirectory() as cache:
        run_program(["-c", _FIRST_CALL], Path(cache))
        return [float(run_program(["-c", _FIRST_CALL], Path(cache))) for _ in range(rounds)]


def _command(cache: Path) -> float:
    """Seconds of `fastnn train mnist`, from the shell's point of view."""
    start = time.perf_counter()
    run_program(["-m", "fastnn", "train", "mnist"], cache)
    return time.perf_counter() - start


def _first_start(rounds: int) -> list[float]:
    seconds = []
    for _ in range(rounds):
        with TemporaryDirectory() as cache:
            seconds.append(_command(Path(cache)))
    return seconds


def _second_start(rounds: int) -> list[float]:
    with TemporaryDirectory() as cache:
        _command(Path(cache))
        return [_command(Path(cache)) for _ in range(rounds)]


# Name -> function of the number of rounds that gives the seconds of each.
STAGES = {
    "import": _importing,
    "first call": _first_call,
    "second call": _second_call,
    "first start": _first_start,
    "second start": _second_start,
}
