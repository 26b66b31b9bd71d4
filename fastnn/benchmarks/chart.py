"""The figures as a picture: how many times faster fastnn is than each peer. Needs matplotlib."""

from pathlib import Path
from typing import Any

import matplotlib

from fastnn.benchmarks.peers import OURS, TITLES
from fastnn.benchmarks.results import CaseResult, Results

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  after the choice of a backend

__all__ = ["draw", "is_empty"]

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
                *zip(*points), marker=_MARKS[name], color=colors[k], s=42, zorder=3,
                label=TITLES[name],
            )  # fmt: skip
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", which="both", color="0.9", zorder=0)
    machine = results.machine
    axes.set_xlabel(
        f"how many times faster fastnn is (left of 1: slower)\n"
        f"{machine['cpu']}, {machine['cores']} cores, {machine['date'][:10]}"
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
    return {name: m.median / ours.median for name, m in measured.items() if m is not ours}
