"""Weights as pictures: each neuron's where inputs are pictures, all of a layer elsewhere."""

from numpy.typing import NDArray

from fastnn.plots.pictures import colour_range, in_blocks, strongest
from fastnn.report import images
from fastnn.report.charts import figure
from fastnn.report.html import Html, element, join, section
from fastnn.report.subject import Subject

__all__ = ["weights"]

_MOST_PICTURES = 48
_MOST_LAYERS = 12  # that are heat maps
_SIDE = 200  # cells of a heat map, at most: larger ones are averaged

_LEGEND = (
    "Blue weights speak for, orange ones against. Of a layer's map a row is a neuron, a column an "
    "input."
)


def weights(subject: Subject) -> Html:
    """Those of layer 1, and of the others."""
    tiles = [_pictures(subject.weights[0], subject.shape)] if subject.shape else []
    first = len(tiles)
    maps = [_map(l, w) for l, w in enumerate(subject.weights[:_MOST_LAYERS], 1) if l > first]
    left_out = len(subject.weights) - first - len(maps)
    note = [element("p", f"{left_out} more layers are not shown.")] if left_out else []
    content = [*tiles, element("div", *maps, class_="maps"), *note]
    return section("weights", "Weights", element("p", _LEGEND), *content)


def _pictures(w: NDArray, shape: tuple[int, int]) -> Html:
    """Each neuron of layer 1, in colours that mean the same in all."""
    chosen, most = strongest(w, _MOST_PICTURES), colour_range(w)
    caption = f"Layer 1: the weights of {len(chosen)} neurons"
    if len(chosen) < len(w):
        caption += f", of {len(w):,} those with the largest norms"
    tiles = (
        element("li", images.signed(w[k].reshape(shape), most, f"neuron {k + 1}"))
        for k in chosen.tolist()
    )
    full = f"Full colour is {most:.3g}."
    return figure(f"{caption}. {full}", element("ul", join(tiles), class_="tiles small"))


def _map(layer: int, w: NDArray) -> Html:
    """A cell a weight, or the mean of several."""
    cells = in_blocks(w, _SIDE)
    most = colour_range(cells)
    caption = f"Layer {layer}. Full colour is {most:.3g}."
    if cells.shape != w.shape:
        caption += f" Of {w.shape[0]:,} × {w.shape[1]:,} weights each cell is the mean of a block."
    picture = images.signed(cells, most, f"all weights of layer {layer}, as colours")
    return figure(caption, picture, class_="map")
