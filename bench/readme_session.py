"""Run the two sessions of README and pages, and write what they print there.

    python -m bench.readme_session train
    python -m bench.readme_session regularized

The first takes seconds, and of its summary three lines are enough. The second trains a large
network, for as long as that takes, and its epochs are left out.
"""

import argparse
import datetime
import re
import shlex
import subprocess
import sys

from bench import pages
from bench.suite import machine

REGULARIZED = (
    "fastnn train mnist --hidden 1024 1024 --dropout 0.5 --input-dropout 0.2 --max-norm 3 "
    "--batch-size 128 --learning-rate 0.0015 --epochs 80"
)
# Name of the session and of its markers -> the command.
SESSIONS = {"train": "fastnn train mnist", "regularized": REGULARIZED}

WIDTH = 100  # of a page's lines
# Name of the session -> which of its lines are left out.
LEFT_OUT = {
    "train": re.compile("test cost|loading|images per second"),
    "regularized": re.compile(r"epoch +seconds|$| +\d+ +\d+\.\d+ +\d+\.\d+ "),  # epochs
}


def session(name):
    """The lines of the command and of what it prints, and where they come from."""
    words = shlex.split(SESSIONS[name])
    command = [sys.executable, "-m", *words]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line for line in printed.rstrip().splitlines() if not LEFT_OUT[name].match(line)]
    where = machine.describe()
    origin = f"{where['cpu']}, {where['cores']} cores, Python {where['python']}"
    today = datetime.date.today().isoformat()
    note = f"({origin}, {today}.)"
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
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    pages.write(arguments.session, session(arguments.session), arguments.root)


if __name__ == "__main__":
    main()
