"""A network in a few lines: its layers, parameters, what it was trained with; as text or HTML."""

from __future__ import annotations

from typing import NamedTuple

from fastnn.model.own_functions import named
from fastnn.storage.stored_network import StoredNetwork
from fastnn.training.last_fit import LastFit
from fastnn.training.optimizers import LBFGS

__all__ = ["Layer", "Summary", "as_html", "as_text", "layers_of", "of", "trained_with"]

_MOST_LAYERS = 8  # of which the first and the last ones are shown, or it has more than 15 lines
_FIRST = 4
_HEADINGS = ("layer", "neurons", "activation", "weights", "parameters")
_LONGEST = 100  # characters of a name or a list of sizes


class Layer(NamedTuple):
    """A layer of weights and biases, counted from 1."""

    number: int
    neurons: int
    inputs: int
    activation: str

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.neurons * (self.inputs + 1)


class Summary(NamedTuple):
    """What is told of a network.

    title   its sizes and functions
    layers  all of them
    facts   names and texts: what it was trained with, what it has reached
    """

    title: str
    layers: list[Layer]
    facts: list[tuple[str, str]]


def of(net: StoredNetwork) -> Summary:
    """That of a network as it is now."""
    sizes = _short("-".join(map(str, net.sizes)))
    title = f"Network {sizes}, {_short(named(net.cost))}, {net.dtype.name}"
    title += ", multi-label" if net.multi_label else ""
    if net.input_scale != 1:
        title += f", inputs times {net.input_scale:.6g}"
    fit = net.last_fit
    if fit is None:
        return Summary(title, layers_of(net), [("trained", "not yet")])
    facts = [("trained", ", ".join(trained_with(fit, len(net.history["epoch"]))))]
    return Summary(title, layers_of(net), facts + _reached(net))


def layers_of(net: StoredNetwork) -> list[Layer]:
    """All layers but the input."""
    hidden = net.activation
    names = [*(hidden if isinstance(hidden, list) else [hidden] * (len(net.sizes) - 2))]
    names.append(net.output_activation)
    sizes = net.sizes
    return [
        Layer(l, sizes[l], sizes[l - 1], _short(named(name))) for l, name in enumerate(names, 1)
    ]


def trained_with(fit: LastFit, epochs: int) -> list[str]:
    """The settings of a fit that are not left at nothing, in words; `epochs` are all so far."""
    asked, penalty = fit.asked, fit.penalty
    told = [f"{epochs:,} epoch{'' if epochs == 1 else 's'}", f"{penalty.n:,} rows"]
    told.append(fit.optimizer.name)
    if asked and not isinstance(fit.optimizer, LBFGS):
        schedule = asked.schedule.partition("(")[0]
        rate = f"learning rate {asked.learning_rate:.6g}"
        told.append(rate if schedule == "constant" else f"{rate} at most, {_short(schedule)}")
        told.append(f"mini-batches of {min(asked.batch_size, penalty.n):,}")
    told += _ranges("L2", penalty.l2)
    told += _ranges("proximal L1" if asked and asked.proximal else "L1", penalty.l1)
    if asked:
        told += _ranges("dropout", asked.dropout)
        told += _ranges("max-norm", asked.max_norm)
    return told


def _ranges(name: str, values: tuple[float, ...]) -> list[str]:
    """One number, or from which to which; nothing if all are 0."""
    if not any(values):
        return []
    low, high = min(values), max(values)
    return [f"{name} {high:.6g}" if low == high else f"{name} {low:.6g} to {high:.6g}"]


def _reached(net: StoredNetwork) -> list[tuple[str, str]]:
    """The figures of the last epoch."""
    history, facts = net.history, []
    for name, prefix in (("training", ""), ("validation", "validation_")):
        costs = history[f"{prefix}data_cost"]
        if costs and costs[-1] is not None:
            text, accuracy = f"data cost {costs[-1]:.4g}", history[f"{prefix}accuracy"][-1]
            text += f", accuracy {accuracy:.2%}" if accuracy is not None else ""
            if not prefix and history["penalty"][-1]:
                text += f", penalty {history['penalty'][-1]:.4g}"
            facts.append((name, text))
    if history.best_epoch is not None:
        facts.append(("best epoch", f"{history.best_epoch:,}"))
    return facts


def as_text(summary: Summary) -> str:
    """At most 15 lines."""
    rows = [_HEADINGS, *_rows(summary)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    align = (str.rjust, str.rjust, str.ljust, str.ljust, str.rjust)
    table = [
        "   ".join(side(cell, width) for side, cell, width in zip(align, row, widths)).rstrip()
        for row in rows
    ]
    width = max(len(name) for name, _ in summary.facts)
    facts = [f"{name:{width}}   {text}" for name, text in summary.facts]
    return "\n".join([summary.title, *table, *facts])


def as_html(summary: Summary) -> str:
    """The same as a table; names of the user's own are text in it, whatever they are."""
    from html import escape

    def line(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    head, *rows = _HEADINGS, *_rows(summary)
    facts = "<br>".join(f"{escape(name)}: {escape(text)}" for name, text in summary.facts)
    body = "".join(line("td", row) for row in rows)
    return (
        f"<div><strong>{escape(summary.title)}</strong>"
        f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>{facts}</div>"
    )


def _rows(summary: Summary) -> list[tuple[str, ...]]:
    """A row a layer, or of many layers some, and one of all parameters."""
    rows: list[tuple[str, ...]] = [
        (str(l.number), f"{l.neurons:,}", l.activation, _shape(l), f"{l.parameters:,}")
        for l in summary.layers
    ]
    if len(rows) > _MOST_LAYERS:
        rows[_FIRST : 1 - _FIRST] = [("…", "", "", "", "")]
    parameters = sum(l.parameters for l in summary.layers)
    return [
        *rows,
        ("all", f"{sum(l.neurons for l in summary.layers):,}", "", "", f"{parameters:,}"),
    ]


def _shape(layer: Layer) -> str:
    return f"{layer.neurons} x {layer.inputs}"


def _short(text: str) -> str:
    """On one line, and not longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"
