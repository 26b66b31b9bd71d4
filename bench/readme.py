"""Write a results file's tables into their page, and the README's five figures; or the map's.

    python -m bench.readme bench/results/FILE.json
    python -m bench.readme bench/results/FILE-map.json

With matplotlib installed, the chart beside the results file is drawn anew; without, the one
that is there is kept.
"""

import argparse
import importlib.util
import json
from pathlib import Path

from bench import pages
from bench.suite import atlas, report
from bench.suite.grid import Map
from bench.suite.machine import processor
from bench.suite.peers import FASTNN, OURS
from bench.suite.results import Results

# The README's cases, in its words, and last the one where fastnn does worst.
SHOWN = {
    "book": "the book's 784-30-10 through its own calls, mini-batches of 10",
    "modern": "784-256-10, ReLU, Adam, mini-batches of 128",
    "one-row": "predicting one image by 784-256-10",
    "to-98": "from nothing to 98 % of MNIST's test set right",
}
WORDS = SHOWN | {
    "wide": "784-800-800-10, ReLU, Adam, mini-batches of 128",
    "memory": "peak memory of a training on MNIST, the others' as floats",
    "memory-bytes": "peak memory of a training on MNIST, everyone's as bytes",
}
HEAD = ["what", "fastnn", "the best of the others", "times better", "what was to be reached"]


def figures(results):
    """The README's table."""
    found = {}
    for case in results.cases:
        threads = max((m.threads for m in case.measured(OURS)), default=0)
        measured = case.measured(threads=threads)
        ours = next((m for m in measured if m.competitor in OURS), None)
        others = [m for m in measured if m.competitor not in FASTNN]
        if ours is not None and others:
            found[case.case] = case, ours, min(others, key=lambda m: m.median)

    def gain(name):
        _, ours, best = found[name]
        return best.median / ours.median

    chosen = [name for name in SHOWN if name in found]
    chosen += sorted((name for name in found if name not in SHOWN), key=gain)[:1]
    rows = []
    for name in chosen:
        case, ours, best = found[name]
        rows.append(
            [
                f"{name}: {WORDS.get(name, case.title)}",
                f"{report.figure(ours.median)} {case.unit}",
                f"{report.figure(best.median)}, {best.title}",
                _bold_if_lost(gain(name)),
                "; ".join(report.verdict(bar) for bar in case.bars),
            ]
        )
    about, most = results.machine, max(results.settings["threads"])
    origin = f"{processor(about)}, at most {most} threads, {about['date'][:10]}"
    rounds = f"medians of {results.settings['rounds']} interleaved rounds"
    return [*report.markdown_table(HEAD, rows), "", f"({origin}; {rounds}. **Bold** is lost.)"]


def _bold_if_lost(gain):
    text = report.figure(gain)
    return text if gain >= 1 else f"**{text}**"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path)
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    is_map = "cells" in json.loads(arguments.results.read_text())
    results = (Map if is_map else Results).read(arguments.results)
    picture = arguments.results.with_suffix(".png")
    if importlib.util.find_spec("matplotlib") is not None:
        from bench.suite import chart

        (chart.draw_map if is_map else chart.draw)(results, picture)
    name = "map" if is_map else "bench"
    link = pages.link(name, picture, arguments.root) if picture.exists() else None
    lines = (atlas.map_markdown if is_map else report.markdown)(results, link)
    pages.write(name, lines, arguments.root)
    if not is_map:
        pages.write("figures", figures(results), arguments.root)


if __name__ == "__main__":
    main()
