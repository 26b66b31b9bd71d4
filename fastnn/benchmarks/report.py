"""Figures as tables: plain text for the terminal, Markdown for the README."""

from fastnn.benchmarks.peers import OURS, TITLES
from fastnn.benchmarks.results import BarResult, CaseResult, Measurement, Results

__all__ = ["case_lines", "figure", "markdown", "text_lines", "verdict"]


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
    for bar in case.bars:
        lines.append(f"  bar: {verdict(bar)}")
    return lines


def verdict(bar: BarResult) -> str:
    """A bar, what was reached, and whether that is enough."""
    if bar.reached is None:
        return f"{bar.text}: not decided"
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
    first = "" if m.first is None else f"first +{figure(max(0.0, m.first))} s"
    achieved = "" if m.cost is None else f"cost {m.cost:.5f}"
    if m.epochs:
        achieved = f"{sum(m.epochs) / len(m.epochs):.1f} epochs"
    return [*cells, figure(m.median), f"+-{m.spread / 2:.0%}", ratio, first, achieved, share]


_BOUNDS = {"arithmetic": "FMA peak", "bandwidth": "bandwidth"}


def _reasons(case: CaseResult) -> list[str]:
    """Why some have no figures, each reason once."""
    found = [f"{m.title}: {m.status}, {m.reason}" for m in case.measurements if m.reason]
    return list(dict.fromkeys(found))


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
    reasons = [f"- {case.case}: {reason}" for case in results.cases for reason in _reasons(case)]
    if reasons:
        lines += ["", "Not measured:", "", *reasons]
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
