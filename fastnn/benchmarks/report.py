"""Figures as tables: plain text for the terminal, Markdown for the README."""

from fastnn.benchmarks.grid import Cell, describe
from fastnn.benchmarks.peers import OURS, TITLES
from fastnn.benchmarks.results import BarResult, CaseResult, Measurement, Results

__all__ = [
    "case_lines", "figure", "grid_lines", "heading", "markdown", "text_lines",
    "verdict",
]  # fmt: skip


def text_lines(results: Results) -> list[str]:
    """The whole run, for the terminal."""
    lines = [heading(results), ""]
    for case in results.cases:
        lines += [*case_lines(case), ""]
    return lines[:-1]


def heading(results: Results) -> str:
    """The machine and the date."""
    m = results.machine
    versions = {"Python": m["python"], **results.versions()}
    return (
        f"{m['cpu']} ({m['llvm_cpu']}), {m['cores']} cores, {m['system']}; "
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}; {m['date'][:10]}"
    )


def case_lines(case: CaseResult) -> list[str]:
    """A case: its title, a line for each competitor and number of threads, its bars."""
    lines = [f"{case.case}: {case.title}, {case.unit}"]
    ours = {m.threads: m for m in case.measured(OURS)}
    rows = [_row(m, ours.get(m.threads), case) for m in case.measurements]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if k in (0, 1) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  " + "   ".join(cells).rstrip())
    for reason in _reasons(case):
        lines.append(f"  {reason}")
    if (case.others or 0) >= _DISTURBING:
        lines.append(f"  other processes took {case.others} cores meanwhile: rough figures")
    for bar in case.bars:
        lines.append(f"  bar: {verdict(bar)}")
    return lines


def verdict(bar: BarResult) -> str:
    """A bar, what was reached, and whether that is enough."""
    if bar.reached is None:
        return f"{bar.text}: not decided"
    if bar.met is None:
        return f"{bar.text}: {figure(bar.reached)} beside those measured, not decided"
    return f"{bar.text}: {figure(bar.reached)}, {'met' if bar.met else 'MISSED'}"


def figure(value: float) -> str:
    """Three digits as a rule, without an exponent."""
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    if value >= 0.9995:
        return f"{value:.2f}"
    digits = 3 if value >= 0.09995 else 4 if value >= 0.009995 else 5
    return f"{value:.{digits}f}"


def _threads(number: int) -> str:
    return f"{number} thread" + ("s" if number > 1 else "")


def _row(m: Measurement, ours: Measurement | None, case: CaseResult) -> list[str]:
    cells = [m.title, _threads(m.threads)]
    if m.status != "measured":
        return [*cells, m.status, "", "", "", "", ""]
    ratio, share = "", ""
    if ours is not None and m.competitor not in OURS:
        ratio = f"{figure(m.median / ours.median)} x"
    if m is ours and str(m.threads) in case.limits:
        limit = case.limits[str(m.threads)]
        share = f"{limit['share']:.0%} of {_BOUNDS[limit['bound']]}"
    slow = m.first is not None and m.first >= _NOTABLE
    first = f"first +{figure(m.first or 0.0)} s" if slow else ""
    achieved = "" if m.cost is None else f"cost {m.cost:.5f}"
    if m.epochs:
        achieved = f"{sum(m.epochs) / len(m.epochs):.1f} epochs"
    return [*cells, figure(m.median), f"+-{m.spread / 2:.0%}", ratio, first, achieved, share]


# Seconds more that first epochs must have taken to be told apart from noise.
_NOTABLE = 0.2

# Cores that other processes may take before figures are called rough.
_DISTURBING = 0.1

_BOUNDS = {"arithmetic": "FMA peak", "bandwidth": "bandwidth"}


def _reasons(case: CaseResult) -> list[str]:
    """Why some have no figures, each reason once."""
    found = [f"{m.title}: {m.status}, {m.reason}" for m in case.measurements if m.reason]
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- the map


def grid_lines(grid: list[Cell]) -> list[str]:
    """How many times faster than the best peer, a table for each optimizer and threads."""
    lines = []
    for head, columns, rows in _grid_tables(grid):
        lines += ["", head, "  " + " ".join(f"{cell:>10}" for cell in columns)]
        lines += ["  " + " ".join(f"{cell:>10}" for cell in row) for row in rows]
    return [*lines, "", *_lost_cells(grid)]


def _grid_tables(grid: list[Cell]) -> list[tuple[str, list[str], list[list[str]]]]:
    """For each optimizer and threads: a head, column heads, rows; a column for each batch."""
    tables = []
    for optimizer, threads in dict.fromkeys((c.optimizer, c.threads) for c in grid):
        cells = [c for c in grid if (c.optimizer, c.threads) == (optimizer, threads)]
        batches = list(dict.fromkeys(c.batch_size for c in cells))
        rows = []
        for density, hidden in dict.fromkeys((c.density, c.hidden) for c in cells):
            found = {c.batch_size: c for c in cells if (c.density, c.hidden) == (density, hidden)}
            ratios = [found[b].ratio if b in found else None for b in batches]
            texts = ["–" if r is None else figure(r) for r in ratios]
            rows.append([f"{density:.0%}", str(hidden), *texts])
        head = f"{_OPTIMIZERS[optimizer]}, {_threads(threads)}"
        tables.append((head, ["not zero", "hidden", *(f"batch {b}" for b in batches)], rows))
    return tables


_OPTIMIZERS = {"sgd": "plain descent, sigmoid", "adam": "Adam, ReLU"}


def _lost_cells(grid: list[Cell]) -> list[str]:
    measured = [cell for cell in grid if cell.ratio is not None]
    lost = [cell for cell in measured if cell.ratio is not None and cell.ratio < 1]
    if not lost:
        return [f"No cell of {len(measured)} where the best peer is faster."]
    return [
        f"Of {len(measured)} cells, the best peer is faster in {len(lost)}:",
        *(f"- {describe(cell)}" for cell in lost),
    ]


# ---------------------------------------------------------------- Markdown


def markdown(results: Results, chart: str | None = None) -> list[str]:
    """The README's section: one table of speed, one of all that is only fastnn's own."""
    threads = results.settings["threads"]
    speed = [case for case in results.cases if _has_peers(case)]
    alone = [case for case in results.cases if not _has_peers(case)]
    lines = [
        f"Measured on {heading(results)}. Smaller figures are better. "
        f"Medians of {results.settings['rounds']} interleaved rounds, half the distance between "
        f"the quartiles beside fastnn's; for everyone's threads see the column. Compiling is not "
        f"included, see the second table. **Bold** is the best of a row.",
        "",
    ]
    lines += _speed_table(speed, threads)
    if chart is not None:
        lines += ["", f"![How many times faster fastnn is than each peer]({chart})"]
    if alone:
        lines += ["", *_own_table(alone)]
    compiling = _compiling_table(speed)
    if compiling:
        lines += ["", *compiling]
    if results.grid:
        lines += ["", *_grid_section(results.grid)]
    disturbed = [case.case for case in results.cases if (case.others or 0) >= _DISTURBING]
    if disturbed:
        lines += ["", f"Other processes were at work meanwhile, disturbing {', '.join(disturbed)}."]
    reasons = [f"- {case.case}: {reason}" for case in results.cases for reason in _reasons(case)]
    if reasons:
        lines += ["", "Not measured:", "", *reasons]
    return lines


def _grid_section(grid: list[Cell]) -> list[str]:
    lost = _lost_cells(grid)
    lines = [
        "The map: how many times faster than the best peer (batched NumPy, PyTorch or JAX) one "
        "epoch of 784-hidden-10 is, at the same number of threads, by the share of inputs that "
        "are not zero, hidden neurons and rows of a mini-batch.",
        "",
        *(lost if len(lost) == 1 else [lost[0], "", *lost[1:]]),
    ]
    for head, columns, rows in _grid_tables(grid):
        lines += ["", f"{head}:", "", *_table(columns, rows)]
    return lines


def _has_peers(case: CaseResult) -> bool:
    return any(m.competitor not in OURS for m in case.measurements)


def _speed_table(cases: list[CaseResult], threads: list[int]) -> list[str]:
    names = [name for name in TITLES if name not in OURS]
    names = [n for n in names if any(m.competitor == n for c in cases for m in c.measured())]
    head = ["case", "unit", "threads", "fastnn", *(TITLES[name] for name in names)]
    head += ["times faster than the best peer", "bar", "of the machine's limit"]
    rows = []
    for case in cases:
        title = f"{case.case}: {case.title}"
        for number in threads:
            measured = {m.competitor: m for m in case.measured(threads=number)}
            ours = next((measured[name] for name in OURS if name in measured), None)
            if not measured:
                continue
            best = min(m.median for m in measured.values())
            cells = [title, case.unit, str(number)]
            title = ""
            cells.append("–" if ours is None else _cell(ours, best, spread=True))
            cells += [_cell(measured[n], best) if n in measured else "–" for n in names]
            peers = [m.median for m in measured.values() if m is not ours]
            fast = f"{figure(min(peers) / ours.median)}" if ours is not None and peers else "–"
            limit = case.limits.get(str(number))
            share = f"{limit['share']:.0%} ({_BOUNDS[limit['bound']]})" if limit else ""
            bars = "; ".join(verdict(bar) for bar in case.bars) if number == max(threads) else ""
            rows.append([*cells, fast, bars, share])
    return _table(head, rows)


def _cell(m: Measurement, best: float, *, spread: bool = False) -> str:
    text = figure(m.median) + (f" ± {m.spread / 2:.0%}" if spread else "")
    return f"**{text}**" if m.median == best else text


def _own_table(cases: list[CaseResult]) -> list[str]:
    rows = []
    for case in cases:
        for m in case.measured():
            bars = "; ".join(verdict(bar) for bar in case.bars)
            rows.append([f"{case.case}: {case.title}", f"{figure(m.median)} {case.unit}", bars])
    return _table(["what one waits for", "median", "bar"], rows)


def _compiling_table(cases: list[CaseResult]) -> list[str]:
    """Seconds that first epochs took beyond later ones, of those who compile."""
    compiling = ("fastnn", "jax")
    rows = []
    for case in cases:
        first = {
            m.competitor: m.first for m in reversed(case.measured(compiling)) if m.first is not None
        }
        if first:
            cells = [figure(first[name]) if name in first else "–" for name in compiling]
            rows.append([case.case, *cells])
    head = ["compiling, empty cache, s", *(TITLES[name] for name in compiling)]
    return _table(head, rows) if rows else []


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
