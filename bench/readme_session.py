"""Run the README's two sessions and write what they print into it, between their markers.

    python bench/readme_session.py train [--readme README.md]
    python bench/readme_session.py regularized

The first takes seconds. The second trains a large network, for as long as that takes, and its
epochs are left out.
"""

import argparse
import datetime
import re
import shlex
import subprocess
import sys
from pathlib import Path

from readme import between_markers

from bench.suite import machine
from fastnn.files import atomic_write

REGULARIZED = (
    "fastnn train mnist --hidden 1024 1024 --dropout 0.5 --input-dropout 0.2 --max-norm 3 "
    "--batch-size 128 --learning-rate 0.0015 --epochs 80"
)
# Name of the session and of its markers -> the command.
SESSIONS = {"train": "fastnn train mnist", "regularized": REGULARIZED}

WIDTH = 100  # of the README's lines
EPOCHS = re.compile(r"epoch +seconds|$| +\d+ +\d+\.\d+ +\d+\.\d+ ")  # and empty lines


def session(name):
    """The lines of the command and of what it prints, and where they come from."""
    words = shlex.split(SESSIONS[name])
    command = [sys.executable, "-m", *words]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = printed.rstrip().splitlines()
    if name == "regularized":
        lines = [line for line in lines if not EPOCHS.match(line)]
    where = machine.describe()
    origin = f"{where['cpu']}, {where['cores']} cores, Python {where['python']}"
    today = datetime.date.today().isoformat()
    note = f"({origin}, {today}; a first run compiles the kernels, later ones load them.)"
    return ["```", *wrapped(words), *lines, "```", "", note]


def wrapped(words):
    """A command line in lines that a shell reads as one, cut before an option."""
    lines = ["$ " + words[0]]
    for option in re.split(r" (?=--)", " ".join(words[1:])):
        if len(lines[-1]) + len(option) + 3 > WIDTH:
            lines[-1] += " \\"
            lines.append("      " + option)
        else:
            lines[-1] += " " + option
    return lines


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("session", nargs="?", choices=SESSIONS, default="train")
    parser.add_argument("--readme", type=Path, default=Path(__file__).parents[1] / "README.md")
    arguments = parser.parse_args(argv)
    name, readme = arguments.session, arguments.readme
    markers = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = between_markers(readme.read_text(encoding="utf-8"), session(name), *markers)
    with atomic_write(readme) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
