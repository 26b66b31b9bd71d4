"""Figures as tables: plain text for the terminal, Markdown for a page."""

import statistics
from typing import Any

from bench.suite.machine import processor
from bench.suite.peers import ESTIMATOR, FASTNN, OURS, PLAIN, TITLES
from bench.suite.results import BarResult, CaseResult, Measurement, Results

__all__ = ["case_lines", "figure", "heading", "markdown", "markdown_table", "verdict"]


def heading(machine: dict[str, Any], versions: dict[str, str]) -> str:
    """The machine, the libraries and the date."""
    numbered = [f"{name} {n}" for name, n in {"Python": machine["python"], **versions}.items()]
    return (
        f"{processor(machine)}, {machine['cores']} cores, {machine['system']}; "
        f"{', '.join(numbered)}; {machine['date'][:10]}"
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
    lines += [f"  {reason}" for reason in _reasons(case)]
    if (case.others or 0) >= _DISTURBING:
        lines.append(f"  other processes took {case.others} cores meanwhile: rough figures")
    return [*lines, *(f"  bar: {verdict(bar)}" for bar in case.bars)]


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


def in_words(threads: int, meetings: list[float]) -> str:
    """A number of threads, and the median of what their meetings took."""
    return f"{threads} thread{'s' if threads > 1 else ''}{_met(meetings)}"


def _met(meetings: list[float]) -> str:
    return f", met in {statistics.median(meetings):.0f} ns" if meetings else ""


def _row(m: Measurement, ours: Measurement | None, case: CaseResult) -> list[str]:
    cells = [m.title, in_words(m.threads, m.meetings)]
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
    if m.accuracies:
        achieved = f"{statistics.median(m.accuracies):.2%} right"
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


# ---------------------------------------------------------------- Markdown


def markdown(results: Results, chart: str | None = None) -> list[str]:
    """The page's section: one table of speed, one of all that is only fastnn's own."""
    threads = results.settings["threads"]
    with_peers = [case for case in results.cases if _has_peers(case)]
    features = [case for case in with_peers if case.measured([PLAIN])]
    estimators = [case for case in with_peers if case.measured([ESTIMATOR])]
    speed = [case for case in with_peers if case not in features + estimators]
    alone = [case for case in results.cases if not _has_peers(case)]
    lines = [
        f"Measured on {heading(results.machine, results.versions())}. Smaller figures are better. "
        f"Medians of {results.settings['rounds']} interleaved rounds, of 3 at least where one "
        f"takes long, and half the distance between the quartiles beside each; for everyone's "
        f"threads see the column. Compiling is not included, see the last table. **Bold** is the "
        f"best of a row.",
        "",
        *_lost(with_peers),
        "",
    ]
    lines += _speed_table(speed, threads)
    if chart is not None:
        lines += ["", f"![How many times faster fastnn is than each peer]({chart})"]
    if features:
        lines += ["", *_features_table(features, threads)]
    if estimators:
        lines += ["", "`fastnn.sklearn` in scikit-learn's place, with the same results:", ""]
        lines += _speed_table(estimators, threads)
    if alone:
        lines += ["", *_own_table(alone)]
    compiling = _compiling_table(with_peers)
    if compiling:
        lines += ["", *compiling]
    disturbed = [case.case for case in results.cases if (case.others or 0) >= _DISTURBING]
    if disturbed:
        lines += ["", f"Other processes were at work meanwhile, disturbing {', '.join(disturbed)}."]
    reasons = [f"- {case.case}: {reason}" for case in results.cases for reason in _reasons(case)]
    if reasons:
        lines += ["", "Not measured:", "", *reasons]
    return lines


def _has_peers(case: CaseResult) -> bool:
    return any(m.competitor not in FASTNN for m in case.measurements)


def _speed_table(cases: list[CaseResult], threads: list[int]) -> list[str]:
    names = [name for name in TITLES if name not in FASTNN]
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
            met = "" if ours is None else _met(ours.meetings)
            cells = [title, case.unit, f"{number}{met}"]
            title = ""
            cells.append("–" if ours is None else _cell(ours, best))
            cells += [_cell(measured[n], best) if n in measured else "–" for n in names]
            peers = [m.median for m in measured.values() if m is not ours]
            fast = f"{figure(min(peers) / ours.median)}" if ours is not None and peers else "–"
            limit = case.limits.get(str(number))
            share = f"{limit['share']:.0%} ({_BOUNDS[limit['bound']]})" if limit else ""
            last = not any(case.measured(threads=more) for more in threads if more > number)
            bars = "; ".join(verdict(bar) for bar in case.bars) if last else ""
            rows.append([*cells, fast, bars, share])
    return markdown_table(head, rows)


def _lost(cases: list[CaseResult]) -> list[str]:
    """Where a peer with as many threads is better, and how much."""
    lines = []
    for case in cases:
        for ours in case.measured(OURS):
            same = case.measured(threads=ours.threads)
            peers = [m for m in same if m.competitor not in FASTNN]
            best = min(peers, key=lambda m: m.median, default=ours)
            if best.median < ours.median:
                place = f"{case.case}, {in_words(ours.threads, ours.meetings)}"
                lines.append(f"- {place}: {best.title}, {ours.median / best.median:.2f} x")
    return ["The best peer is better in:", "", *lines] if lines else ["No case is lost."]


def _features_table(cases: list[CaseResult], threads: list[int]) -> list[str]:
    """What an addition to plain descent costs, and JAX at the same work."""
    head = ["beside plain descent", "threads", "fastnn, s / epoch", "share of plain SGD's speed"]
    head += [TITLES["jax"], "times faster", "bar"]
    rows = []
    for case in cases:
        title = f"{case.case}: {case.title}"
        for number in threads:
            measured = {m.competitor: m for m in case.measured(threads=number)}
            ours, plain, jax = (measured.get(name) for name in ("fastnn", PLAIN, "jax"))
            if ours is None:
                continue
            cells = [
                title,
                f"{number}{_met(ours.meetings)}",
                f"{figure(ours.median)} ± {ours.spread / 2:.0%}",
            ]
            cells.append("–" if plain is None else f"{plain.median / ours.median:.0%}")
            cells.append("–" if jax is None else figure(jax.median))
            cells.append("–" if jax is None else figure(jax.median / ours.median))
            bars = "; ".join(verdict(bar) for bar in case.bars) if number == max(threads) else ""
            rows.append([*cells, bars])
            title = ""
    return markdown_table(head, rows)


def _cell(m: Measurement, best: float) -> str:
    text = f"{figure(m.median)} ± {m.spread / 2:.0%}"
    return f"**{text}**" if m.median == best else text


def _own_table(cases: list[CaseResult]) -> list[str]:
    rows = []
    for case in cases:
        for m in case.measured():
            bars = "; ".join(verdict(bar) for bar in case.bars)
            rows.append([f"{case.case}: {case.title}", f"{figure(m.median)} {case.unit}", bars])
    return markdown_table(["what one waits for", "median", "bar"], rows)


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
    return markdown_table(head, rows) if rows else []


def markdown_table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A table's lines."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
