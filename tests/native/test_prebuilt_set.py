"""The list of what libraries have is what the configurations reach, no more and no less."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import specializations as command

from fastnn.machine.choice import CHOICE, PREBUILT
from fastnn.native import specializations

TESTS = Path(command.__file__).parent
PROGRAM = """
import sys
import specializations
print(*sorted(specializations.reached(usual=sys.argv[1] == "usual")), sep="\\n")
"""


def reached(name):
    """In a process that has reached nothing else; where none is prebuilt, without a compiler."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (TESTS, TESTS / "helpers"))),
            "FASTNN_KERNELS": PREBUILT if CHOICE.mode == PREBUILT else "interpreted",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", specializations.SETS)
def test_the_list(name):
    """`python tests/specializations.py` makes it so."""
    listed, found = set(specializations.read(name)), set(reached(name))
    assert sorted(found - listed) == []
    assert sorted(listed - found) == []
    assert found


def test_the_list_is_as_the_command_writes_it():
    usual, full = (set(specializations.read(name)) for name in specializations.SETS)
    assert command.text(usual, full) == command.FILE.read_text(encoding="utf-8")
