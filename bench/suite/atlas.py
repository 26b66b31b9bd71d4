"""The map as text: for the terminal, and for a page."""

from bench.suite.grid import Cell, Map
from bench.suite.peers import TITLES
from bench.suite.report import heading, in_words, markdown_table

__all__ = ["HEADS", "map_lines", "map_markdown", "short"]

HEADS = {"sgd": "Plain descent with L2, sigmoid, cross-entropy", "adam": "Adam, ReLU, softmax"}


def map_lines(run: Map) -> list[str]:
    """For the terminal: how many times faster than the best peer, a table for each optimizer."""
    lines = [_introduction(run)]
    for title, head, rows in _tables(run, "/", "", ""):
        widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
        lines += ["", title]
        for row in [head, *rows]:
            lines.append("  " + "  ".join(text.rjust(width) for text, width in zip(row, widths)))
    return [*lines, "", *_lost(run)]


def map_markdown(run: Map, chart: str | None = None) -> list[str]:
    """The page's section."""
    lost = _lost(run)
    lines = [
        f"{_introduction(run)} Cells in **bold** are lost. Measured on {_origin(run)}.",
        "",
        *(lost if len(lost) == 1 else [lost[0], "", *lost[1:]]),
    ]
    for title, head, rows in _tables(run, " · ", "**", "**"):
        lines += ["", f"{title}:", "", *markdown_table(head, rows)]
    if chart is not None:
        lines += ["", f"![The map: how many times faster fastnn is than the best peer]({chart})"]
    return lines


def short(ratio: float | None) -> str:
    """Two digits as a rule; a loss, however narrow, is below 1."""
    if ratio is None:
        return "–"
    if ratio < 1:
        return f"{min(ratio, 0.99):.2f}"
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 1.095 else f"{ratio:.2f}"


def _introduction(run: Map) -> str:
    densities = [f"{d:.0%}" for d in dict.fromkeys(cell.density for cell in run.cells)]
    return (
        "How many times faster than the best peer (JAX, batched NumPy, and PyTorch where an update "
        "is large) an epoch of 784-hidden-10 is, everyone with the same number of threads; in each "
        f"cell with {', '.join(densities)} of the inputs not zero."
    )


def _origin(run: Map) -> str:
    return heading(run.machine, run.versions)


def _tables(
    run: Map, between: str, before_lost: str, after_lost: str
) -> list[tuple[str, list[str], list[list[str]]]]:
    """For each optimizer and threads: a title, column heads, rows; a row for each hidden size."""

    def text(cell: Cell) -> str:
        lost = cell.ratio is not None and cell.ratio < 1
        return before_lost * lost + short(cell.ratio) + after_lost * lost

    tables = []
    for optimizer, threads in dict.fromkeys((c.optimizer, c.threads) for c in run.cells):
        cells = [c for c in run.cells if (c.optimizer, c.threads) == (optimizer, threads)]
        batches = list(dict.fromkeys(c.batch_size for c in cells))
        rows = []
        for hidden in dict.fromkeys(c.hidden for c in cells):
            here = [c for c in cells if c.hidden == hidden]
            groups = [[text(c) for c in here if c.batch_size == batch] for batch in batches]
            rows.append([str(hidden), *(between.join(group) for group in groups)])
        met = [nanoseconds for c in cells for nanoseconds in c.meetings]
        title = f"{HEADS[optimizer]}, {in_words(threads, met)}"
        if met:
            title += f" (median; {min(met):.0f} to {max(met):.0f})"
        tables.append((title, ["hidden", *(f"batch {batch}" for batch in batches)], rows))
    return tables


def _lost(run: Map) -> list[str]:
    """The cells where a peer is faster, and those that say nothing."""
    measured = [cell for cell in run.cells if cell.ratio is not None]
    lost = [cell for cell in measured if cell.ratio is not None and cell.ratio < 1]
    lines = [f"Of {len(measured)} cells, the best peer is faster in {len(lost)}:"]
    if not lost:
        lines = [f"No cell of {len(measured)} where the best peer is faster."]
    lines += [f"- {_describe(c)}: {TITLES[c.best_peer]}, {1 / (c.ratio or 1):.2f} x" for c in lost]
    for cell in run.cells:
        for name, reason in cell.lacks.items():
            if reason != "not measured":
                lines.append(f"- {_describe(cell)}: {TITLES[name]} is left out: {reason}")
    return lines


def _describe(cell: Cell) -> str:
    return (
        f"{cell.optimizer}, {in_words(cell.threads, cell.meetings)}, {cell.hidden} hidden, "
        f"batch {cell.batch_size}, {cell.density:.0%} not zero"
    )
