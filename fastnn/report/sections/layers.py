"""What the network is made of."""

from fastnn.report.html import Html, section, table
from fastnn.report.subject import Subject
from fastnn.report.weight_figures import figures_of
from fastnn.views import summary

__all__ = ["layers"]

_HEAD = ("layer", "neurons", "activation", "weights", "parameters", "norm", "largest |w|", "zeros")
_MOST = 60


def layers(subject: Subject) -> Html:
    """A row a layer: sizes, and what its weights look like."""
    rows = []
    for layer, w in zip(summary.layers_of(subject.net), subject.weights):
        found = figures_of(w)
        rows.append(
            [
                str(layer.number),
                f"{layer.neurons:,}",
                layer.activation,
                f"{layer.neurons:,} × {layer.inputs:,}",
                f"{layer.parameters:,}",
                f"{found.squares**0.5:.4g}",
                f"{found.largest:.4g}",
                f"{found.zeros:.2%}",
            ]
        )
    caption = "Layers of weights, biases not counted in the last three columns"
    if len(rows) > _MOST:
        caption += f"; the first {_MOST} of {len(rows):,}"
    return section("layers", "Layers", table(caption, _HEAD, rows[:_MOST]))
