"""Weights: each neuron's as a picture, or all of them as a heat map."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.plots import library
from fastnn.plots.pictures import colour_range, mosaic, places_in, strongest

__all__ = ["plot_weights"]

_COLOURS = "RdBu"  # blue speaks for, red against, and 0 is white


def plot_weights(
    w: NDArray, layer: int, shape: tuple[int, int] | None, most: int, ax: Any = None
) -> Any:
    """The weights (outputs, inputs) into a layer.

    shape  (height, width) of the pictures that inputs are, or None
    most   pictures at most: of the neurons with the largest norms
    """
    if shape is None:
        height, width = w.shape
        size = (6.4, float(np.clip(6.4 * height / width, 2.0, 6.4)))
        return library.draw(ax, size, partial(_draw_matrix, w=w, layer=layer))
    chosen = strongest(w, most)
    pictures = w[chosen].reshape(-1, *shape)
    rows, columns = places_in(len(chosen))
    size = 6.4, 6.0 * rows * shape[0] / (columns * shape[1]) + 0.4
    return library.draw(ax, size, partial(_draw_pictures, pictures=pictures, w=w, layer=layer))


def _draw_matrix(ax: Any, w: NDArray, layer: int) -> None:
    _image(ax, w, w, aspect="auto")
    ax.set(xlabel=f"input of layer {layer}", ylabel=f"neuron of layer {layer}")
    library.whole_numbers(ax.xaxis)
    library.whole_numbers(ax.yaxis)


def _draw_pictures(ax: Any, pictures: NDArray, w: NDArray, layer: int) -> None:
    _image(ax, mosaic(pictures), pictures, aspect="equal")
    ax.set_axis_off()
    some = "" if len(pictures) == len(w) else f" of {len(w):,}, those with the largest norms"
    ax.set_title(
        f"weights into {len(pictures):,} neurons of layer {layer}{some}", fontsize="medium"
    )


def _image(ax: Any, picture: NDArray, values: NDArray, aspect: str) -> None:
    most = colour_range(values)
    image = ax.imshow(
        picture, cmap=_COLOURS, vmin=-most, vmax=most, aspect=aspect, interpolation="nearest"
    )
    ax.figure.colorbar(image, ax=ax, extend="both", shrink=0.8, label="weight")
