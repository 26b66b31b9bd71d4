"""Write results files' tables into their page, and the README's five figures; or the maps.

    python -m bench.readme bench/results/FILE-v3.json bench/results/FILE-v4.json
    python -m bench.readme bench/results/FILE-map.json
    python -m bench.readme bench/results/FILE-products.json

A page gets a section for each file, such as one for each CPU level, in the order of the files.
The README's figures come from the first file of the level that most CPUs have.

With matplotlib installed, the chart beside a results file is drawn anew; without, the one that is
there is kept.
"""

import argparse
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench import pages, product_figures
from bench.product_figures import Products
from bench.suite import atlas, report
from bench.suite.grid import Map
from bench.suite.machine import processor
from bench.suite.peers import FASTNN, OURS
from bench.suite.results import Results


class Kind(NamedTuple):
    """What is written to a part of a page: its class, as text, who draws it, how a section begins.

    Without a chart the text's link is to the figures themselves.
    """

    results: Any
    markdown: Callable[..., list[str]]
    draw: str | None
    heading: str


KINDS = {
    "bench": Kind(Results, report.markdown, "draw", "##"),
    "map": Kind(Map, atlas.map_markdown, "draw_map", "##"),
    "products": Kind(Products, product_figures.markdown, None, "###"),
}

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
USUAL_LEVEL = "x86-64-v3"
HEAD = ["what", "fastnn", "the best of the others", "times better", "what was to be reached"]


def part(name, files, root=pages.ROOT):
    """A part of a page: of each results file the CPU and level, the tables and the chart."""
    kind, lines = KINDS[name], []
    for file in files:
        run = kind.results.read(file)
        shown = file.with_suffix(".png") if kind.draw else file
        link = pages.link(name, shown, root) if shown.exists() else None
        lines += ["", f"{kind.heading} {processor(run.machine)}", "", *kind.markdown(run, link)]
    return lines[1:]


def figures(files):
    """The README's table, of the first file of the usual level, or else of the first one."""
    runs = [Results.read(file) for file in files]
    usual = (run for run in runs if run.machine["llvm_cpu"] == USUAL_LEVEL)
    results = next(usual, runs[0])
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
    parser.add_argument("results", nargs="+", type=Path)
    pages.add_root(parser)
    arguments = parser.parse_args(argv)
    files = {name: [] for name in KINDS}
    for file in arguments.results:
        found = json.loads(file.read_text())
        name = "map" if "cells" in found else "products" if "products" in found else "bench"
        files[name].append(file)
    for name, some in files.items():
        if some:
            _draw(name, some)
            pages.write(name, part(name, some, arguments.root), arguments.root)
    if files["bench"]:
        pages.write("figures", figures(files["bench"]), arguments.root)


def _draw(name, files):
    if importlib.util.find_spec("matplotlib") is None:
        return
    from bench.suite import chart

    kind = KINDS[name]
    if kind.draw is not None:
        for file in files:
            getattr(chart, kind.draw)(kind.results.read(file), file.with_suffix(".png"))


if __name__ == "__main__":
    main()
