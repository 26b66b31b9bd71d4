"""What the network is, how it was trained, and with which programs: all that is known of it."""

from fastnn.model.own_functions import named
from fastnn.regularization.effect import figure
from fastnn.report.html import Html, definitions, element, section
from fastnn.report.subject import Subject
from fastnn.training.last_fit import Asked
from fastnn.training.optimizers import Optimizer

__all__ = ["settings"]


def settings(subject: Subject) -> Html:
    """Lists of names and values."""
    about = subject.about
    lists = [
        ("Network", _network(subject)),
        ("Training", [*_fit(subject), *about.training]),
        ("Versions", list(about.versions)),
        ("Machine that made this page", list(about.machine)),
    ]
    shown = (
        element("div", element("h3", title), definitions(pairs)) for title, pairs in lists if pairs
    )
    return section("settings", "Settings and versions", element("div", *shown, class_="lists"))


def _network(subject: Subject) -> list[tuple[str, str]]:
    net = subject.net
    hidden = net.activation
    names = hidden if isinstance(hidden, list) else [hidden]
    return [
        ("sizes", "-".join(map(str, net.sizes))),
        *([("hidden layers", ", ".join(map(named, names)))] if len(net.sizes) > 2 else []),
        ("outputs", named(net.output_activation)),
        ("cost", str(net.cost)),
        ("numbers", net.dtype.name),
        *([("inputs are multiplied by", figure(net.input_scale))] if net.input_scale != 1 else []),
        *([("labels of a row", "any number")] if net.multi_label else []),
    ]


def _fit(subject: Subject) -> list[tuple[str, str]]:
    """What its last fit was asked for, as its file keeps it."""
    fit = subject.net.last_fit
    if fit is None:
        return [("fit", "none yet")]
    asked, penalty = fit.asked, fit.penalty
    found = [("rows", f"{penalty.n:,}"), ("optimizer", _optimizer(fit.optimizer))]
    if asked is not None:
        found += [
            ("epochs asked for", f"{asked.epochs:,}"),
            ("rows of a mini-batch", f"{asked.batch_size:,}"),
            ("learning rate", _rate(asked)),
            *_several("dropout, the input's first", asked.dropout),
            *_several("max-norm, layer by layer", asked.max_norm),
        ]
    found += _several("λ₂, layer by layer", penalty.l2)
    kind = " (proximal)" if asked is not None and asked.proximal else ""
    return found + _several(f"λ₁{kind}, layer by layer", penalty.l1)


def _rate(asked: Asked) -> str:
    rate = figure(asked.learning_rate)
    return rate if asked.schedule == "constant" else f"{rate} at most, {asked.schedule}"


def _optimizer(optimizer: Optimizer) -> str:
    """Its name, and its settings that are not left at nothing."""
    given = [f"{name} {value:g}" for name, value in optimizer._asdict().items() if value]
    return ", ".join([optimizer.name, *given])


def _several(name: str, values: tuple[float, ...]) -> list[tuple[str, str]]:
    if not any(values):
        return []
    return [(name, ", ".join(figure(value) if value else "0" for value in values))]
