"""The parts of README and pages that commands write, each between two markers of its own.

A part named `map` is what stands between <!-- map:begin --> and <!-- map:end --> of its page.
"""

import os
import sys
from pathlib import Path

from fastnn.files import atomic_write

ROOT = Path(__file__).parents[1]

# The name of a part -> its page.
PAGES = {
    "train": "README.md",
    "figures": "README.md",
    "regularized": "fastnn/docs/command-line.md",
    "loss_blows_up": "fastnn/docs/regularization.md",
    "l1_to_chance": "fastnn/docs/regularization.md",
    "curves": "fastnn/docs/book.md",
    "book": "fastnn/docs/book.md",
    "bench": "fastnn/docs/speed.md",
    "products": "fastnn/docs/speed.md",
    "map": "fastnn/docs/map.md",
    "exports": "fastnn/docs/export.md",
    "levels": "fastnn/docs/prebuilt.md",
}


def add_root(parser):
    """The option that says where the pages are."""
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of README.md and fastnn/")


def write(name, lines, root=ROOT):
    """Replace a part of its page; the process ends if the page hasn't got its markers once each."""
    page = root / PAGES[name]
    begin, end = markers(name)
    text = page.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        sys.exit(f"{page}: expected {begin} and after it {end}, each once")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    content = "\n".join(lines)
    with atomic_write(page) as file:
        file.write(f"{before}{begin}\n\n{content}\n\n{end}{after}".encode())


def read(name, root=ROOT):
    """A part as its page has it now, without the markers."""
    begin, end = markers(name)
    text = (root / PAGES[name]).read_text(encoding="utf-8")
    return text.partition(begin)[2].partition(end)[0].strip()


def markers(name):
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def link(name, picture, root=ROOT):
    """How a part's page calls a picture of the repository."""
    folder = (root / PAGES[name]).resolve().parent
    return Path(os.path.relpath(Path(picture).resolve(), folder)).as_posix()
