"""Run the README's first command and write what it prints into the README, between its markers.

python bench/readme_session.py [--readme README.md]
"""

import argparse
import datetime
import subprocess
import sys
from pathlib import Path

from readme import between_markers

from fastnn.benchmarks import machine
from fastnn.files import atomic_write

MARKERS = "<!-- train:begin -->", "<!-- train:end -->"


def session():
    """The lines of `fastnn train mnist`, and where they come from."""
    command = [sys.executable, "-m", "fastnn", "train", "mnist"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    where = machine.describe()
    origin = f"{where['cpu']}, {where['cores']} cores, Python {where['python']}"
    today = datetime.date.today().isoformat()
    note = f"({origin}, {today}; a first run compiles the kernels, later ones load them.)"
    return ["```", "$ fastnn train mnist", *printed.rstrip().splitlines(), "```", "", note]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--readme", type=Path, default=Path(__file__).parents[1] / "README.md")
    readme = parser.parse_args(argv).readme
    text = between_markers(readme.read_text(encoding="utf-8"), session(), *MARKERS)
    with atomic_write(readme) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
