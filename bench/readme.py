"""Write a results file's tables into the README, between its markers: the cases' or the map's.

    python bench/readme.py bench/results/FILE.json [--readme README.md]
    python bench/readme.py bench/results/FILE-map.json [--readme README.md]

With matplotlib installed, the chart beside the results file is drawn anew; without, the one
that is there is kept.
"""

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path

from bench.suite import atlas, report
from bench.suite.grid import Map
from bench.suite.results import Results
from fastnn.files import atomic_write

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MAP_BEGIN, MAP_END = "<!-- map:begin -->", "<!-- map:end -->"


def between_markers(text, lines, begin=BEGIN, end=END):
    """The text with these lines between its markers; ValueError unless it has them once each."""
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"expected {begin} and after it {end}, each once")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    content = "\n".join(lines)
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--readme", type=Path, default=Path(__file__).parents[1] / "README.md")
    arguments = parser.parse_args(argv)
    is_map = "cells" in json.loads(arguments.results.read_text())
    results = (Map if is_map else Results).read(arguments.results)
    picture = arguments.results.with_suffix(".png")
    if importlib.util.find_spec("matplotlib") is not None:
        from bench.suite import chart

        (chart.draw_map if is_map else chart.draw)(results, picture)
    link = None
    if picture.exists():
        link = Path(os.path.relpath(picture, arguments.readme.parent)).as_posix()
    text = arguments.readme.read_text(encoding="utf-8")
    try:
        if is_map:
            text = between_markers(text, atlas.map_markdown(results, link), MAP_BEGIN, MAP_END)
        else:
            text = between_markers(text, report.markdown(results, link))
    except ValueError as error:
        sys.exit(f"{arguments.readme}: {error}")
    with atomic_write(arguments.readme) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
