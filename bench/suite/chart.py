"""The figures as a picture: how many times faster fastnn is than each peer. Needs matplotlib."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from bench.suite.atlas import HEADS, short
from bench.suite.grid import Cell, Map
from bench.suite.machine import processor
from bench.suite.peers import OURS, PLAIN, TITLES
from bench.suite.results import CaseResult, Results

matplotlib.use("Agg")
from matplotlib import pyplot

__all__ = ["draw", "draw_map", "is_empty"]

_MARKS = {"loop": "v", "numpy": "s", "sklearn": "D", "torch": "^", "jax": "o", "jax-calls": "P"}


def draw(results: Results, path: Path) -> None:
    """Write a PNG: a row for each case and number of threads, a mark for each peer.

    The scale is logarithmic; left of the line at 1 the peer is faster. Raises ValueError
    where nothing was compared.
    """
    rows = _rows(results)
    if not rows:
        raise ValueError("chart: expected a case that fastnn and a peer were measured in")
    figure, axes = pyplot.subplots(figsize=(8.5, 1.6 + 0.32 * len(rows)), layout="constrained")
    colors = pyplot.get_cmap("tab10").colors
    for k, name in enumerate(_MARKS):
        points = [(ratios[name], i) for i, (_, ratios) in enumerate(rows) if name in ratios]
        if points:
            axes.scatter(
                *zip(*points),
                marker=_MARKS[name],
                color=colors[k],
                s=42,
                zorder=3,
                label=TITLES[name],
            )
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", which="both", color="0.9", zorder=0)
    machine = results.machine
    axes.set_xlabel(
        f"how many times faster fastnn is (left of 1: slower)\n"
        f"{processor(machine)}, {machine['cores']} cores, {machine['date'][:10]}"
    )
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    figure.savefig(path, dpi=150, format="png", bbox_inches="tight")
    pyplot.close(figure)


def is_empty(case: CaseResult) -> bool:
    """Whether a case has nothing to draw."""
    return not any(_ratios(case, m.threads) for m in case.measurements)


def _rows(results: Results) -> list[tuple[str, dict[str, float]]]:
    """A label, and each peer's figure divided by fastnn's."""
    rows = []
    for case in results.cases:
        for threads in results.settings["threads"]:
            ratios = _ratios(case, threads)
            if ratios:
                unit = "thread" if threads == 1 else "threads"
                rows.append((f"{case.case}, {threads} {unit}", ratios))
    return rows


def _ratios(case: CaseResult, threads: int) -> dict[str, float]:
    if case.unit == "MB":
        return {}
    measured: dict[str, Any] = {m.competitor: m for m in case.measured(threads=threads)}
    ours = next((measured[name] for name in OURS if name in measured), None)
    if ours is None:
        return {}
    return {
        name: m.median / ours.median for name, m in measured.items() if name not in (*OURS, PLAIN)
    }


def draw_map(run: Map, path: Path) -> None:
    """Write a PNG of the map: green where fastnn is faster than the best peer, red where slower.

    A row of pictures for each optimizer and number of threads, a picture for each density.
    """
    rows = list(dict.fromkeys((c.optimizer, c.threads) for c in run.cells))
    densities = list(dict.fromkeys(c.density for c in run.cells))
    figure, grid = pyplot.subplots(
        len(rows),
        len(densities),
        figsize=(3 * len(densities), 0.6 + 2.4 * len(rows)),
        layout="constrained",
        squeeze=False,
    )
    for (optimizer, threads), line in zip(rows, grid):
        for density, axes in zip(densities, line):
            cells = [
                c
                for c in run.cells
                if (c.optimizer, c.threads, c.density) == (optimizer, threads, density)
            ]
            _draw_cells(axes, cells)
            axes.set_title(f"{density:.0%} of inputs not zero", fontsize=9)
        unit = "thread" if threads == 1 else "threads"
        line[0].set_ylabel(f"{HEADS[optimizer]},\n{threads} {unit}\n\nhidden", fontsize=8)
    machine = run.machine
    figure.suptitle(
        f"How many times faster than the best peer, by mini-batch and hidden neurons\n"
        f"{processor(machine)}, {machine['date'][:10]}",
        fontsize=10,
    )
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _draw_cells(axes: Any, cells: list[Cell]) -> None:
    batches = list(dict.fromkeys(c.batch_size for c in cells))
    hidden = list(dict.fromkeys(c.hidden for c in cells))
    values = np.full((len(hidden), len(batches)), np.nan)
    for c in cells:
        i, j = hidden.index(c.hidden), batches.index(c.batch_size)
        if c.ratio is not None:
            values[i, j] = np.log2(c.ratio)
        axes.text(j, i, short(c.ratio), ha="center", va="center", fontsize=9)
    axes.imshow(values, cmap="RdYlGn", vmin=-3, vmax=3, aspect="auto")  # 1/8 to 8 times
    axes.set_xticks(range(len(batches)), [str(b) for b in batches], fontsize=8)
    axes.set_yticks(range(len(hidden)), [str(h) for h in hidden], fontsize=8)
