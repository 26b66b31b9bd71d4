"""What λ did in this training: worked out, beside what the usual mistake would have done."""

from fastnn.regularization.effect import LayerEffect, RegularizationEffect, factor, figure, rate
from fastnn.regularization.explain import explain_regularization
from fastnn.report.html import Html, element, section, table
from fastnn.report.subject import Subject
from fastnn.report.weight_figures import figures_of
from fastnn.training.last_fit import LastFit
from fastnn.training.optimizers import LBFGS
from fastnn.training.penalty import Proximal

__all__ = ["regularization"]

_NONE = "λ₁ and λ₂ are 0: there is no penalty, and the cost is the data cost."
_UNKNOWN = (
    "The file does not say what the mini-batches and the learning rate were: an older version of "
    "fastnn wrote it."
)
_FULL = (
    "L-BFGS takes all rows at once, and no fixed steps: the penalty is part of what it minimizes."
)


def regularization(subject: Subject) -> Html | None:
    """Nothing for a network that was never trained."""
    fit = subject.net.last_fit
    if fit is None:
        return None
    heading = "What λ does in this training"
    penalty = fit.penalty
    if not any(penalty.l1) and not any(penalty.l2):
        return section("lambda", heading, element("p", _NONE))
    content = [element("p", _formula(fit)), element("p", _share(subject))]
    asked = fit.asked
    if asked is None:
        content.append(element("p", _UNKNOWN))
    elif isinstance(fit.optimizer, LBFGS):
        content.append(element("p", _FULL))
    else:
        effect = explain_regularization(
            asked.learning_rate,
            l2=penalty.l2,
            l1=Proximal(penalty.l1) if asked.proximal else penalty.l1,
            n=penalty.n,
            m=asked.batch_size,
            weights=subject.weights,
            epochs=max(1, len(subject.net.history["epoch"])),
            optimizer=fit.optimizer,
        )
        constant = asked.schedule == "constant"
        content += [*_tables(effect), element("p", _notes(effect, constant), class_="muted")]
        content.append(_elsewhere(effect))
    return section("lambda", heading, *content)


def _formula(fit: LastFit) -> str:
    n = f"{fit.penalty.n:,}"
    terms = []
    if any(fit.penalty.l2):
        terms.append(f"λ₂ / 2n ∑ w² with λ₂ = {_lambdas(fit.penalty.l2)}")
    if any(fit.penalty.l1):
        terms.append(f"λ₁ / n ∑ |w| with λ₁ = {_lambdas(fit.penalty.l1)}")
    return (
        f"What is minimized is the data cost plus the penalty {' plus '.join(terms)}, and n = {n}, "
        "the rows of the training set, not those of a mini-batch, nor those that are measured. "
        "Biases have no penalty."
    )


def _lambdas(values: tuple[float, ...]) -> str:
    if min(values) == max(values):
        return figure(values[0])
    return f"{', '.join(map(figure, values))}, layer by layer,"


def _share(subject: Subject) -> str:
    """The penalty of the weights as they are, beside the data cost that training ended with."""
    fit, history = subject.net.last_fit, subject.net.history
    assert fit is not None
    found = [figures_of(w) for w in subject.weights]
    now = fit.penalty.of([each.squares for each in found], [each.magnitudes for each in found])
    text = f"The penalty of the weights as they are now is {now:.4g}"
    if not history["data_cost"]:
        return f"{text}."
    data_cost = history["data_cost"][-1]
    total = now + data_cost
    share = f", {now / total:.0%} of the cost," if data_cost >= 0 and total > 0 else ""
    return f"{text}{share} beside a data cost of {data_cost:.4g} in the last epoch of training."


def _tables(effect: RegularizationEffect) -> list[Html]:
    """One for each penalty: a row a figure, a column for layers that have the same λ."""
    found = []
    for title, name, rows in (("L2", "l2", _l2_rows), ("L1", "l1", _l1_rows)):
        groups = _groups(effect, name)
        if groups:
            lines = [rows(effect, of) for _, of in groups]
            head = ["", *(layers for layers, _ in groups)]
            by_row = [[cells[0][0], *(cell[1] for cell in cells)] for cells in zip(*lines)]
            found.append(table(f"{title}, worked out", head, by_row, class_="worked"))
    return found


def _groups(effect: RegularizationEffect, name: str) -> list[tuple[str, LayerEffect]]:
    """The layers of each λ above 0, in words, and one of them."""
    by_lambda: dict[float, list[int]] = {}
    for l, layer in enumerate(effect.layers, 1):
        if lmbda := getattr(layer, name):
            by_lambda.setdefault(lmbda, []).append(l)
    if len(by_lambda) == 1 and len(effect.layers) == len(next(iter(by_lambda.values()))):
        return [("all layers", effect.layers[0])]
    return [
        (f"layer{'s' if len(ls) > 1 else ''} {', '.join(map(str, ls))}", effect.layers[ls[0] - 1])
        for ls in by_lambda.values()
    ]


def _l2_rows(effect: RegularizationEffect, of: LayerEffect) -> list[tuple[str, str]]:
    found = [
        ("λ₂", figure(of.l2)),
        (f"λ₂ / n, what the gradient gets of each w (n = {effect.n:,})", figure(of.pull)),
    ]
    if of.decay is None or of.epoch_decay is None or of.training_decay is None:
        return found
    return [
        *found,
        (f"{_step(effect)} multiplies w by 1 − {rate(effect)} λ₂ / n", factor(of.decay)),
        (f"an epoch of {effect.updates_per_epoch:,} updates by", factor(of.epoch_decay)),
        (f"all {effect.epochs:,} epochs by", factor(of.training_decay)),
        ("a weight that no data hold halves in", _halving(effect, of)),
        (
            f"with λ₂ / m instead, m = {effect.m:,}, an update would by",
            factor(of.mistaken_decay or 0.0),
        ),
        ("and an epoch by: the usual mistake", factor(of.mistaken_epoch_decay or 0.0)),
    ]


def _l1_rows(effect: RegularizationEffect, of: LayerEffect) -> list[tuple[str, str]]:
    found = [
        ("λ₁", figure(of.l1)),
        (f"λ₁ / n, of sgn w in the gradient (n = {effect.n:,})", figure(of.l1 / effect.n)),
        ("median |w| now", figure(of.typical_weight or 0.0)),
    ]
    if of.shrink is None or of.epoch_shrink is None:
        return found
    return [
        *found,
        (f"{_step(effect)} takes off each |w|", figure(of.shrink)),
        (f"an epoch of {effect.updates_per_epoch:,} updates", figure(of.epoch_shrink)),
        (
            f"with λ₁ / m instead, m = {effect.m:,}, an update would take",
            figure(of.mistaken_shrink or 0.0),
        ),
        ("and an epoch: the usual mistake", figure(of.mistaken_epoch_shrink or 0.0)),
    ]


def _step(effect: RegularizationEffect) -> str:
    lasting = effect.decay_rate is not None and effect.decay_rate != effect.eta
    return "in the long run an update" if lasting else "an update"


def _halving(effect: RegularizationEffect, of: LayerEffect) -> str:
    if not of.half_life:
        return "less than an update"
    epochs = of.half_life / effect.updates_per_epoch
    return f"{epochs:,.3g} epochs ({of.half_life:,.0f} updates)"


def _notes(effect: RegularizationEffect, constant: bool) -> str:
    if effect.decay_rate is None:
        name = effect.optimizer.name
        text = (
            f"{name} divides the gradient, and the penalty's part of it, by its own usual size: "
            "there is no fixed decay to work out. adamw decays beside the gradient."
        )
        return text if not effect.proximal else f"{text} Proximal L1 is beside it as well."
    at_most = "" if constant else " at its largest; with the schedule updates do less than that"
    return f"η is {figure(effect.eta)}{at_most}."


def _elsewhere(effect: RegularizationEffect) -> Html:
    rows = [(name, figure(value)) for name, value in effect.conventions.items()]
    return table("The same λ elsewhere", ["", ""], rows)
