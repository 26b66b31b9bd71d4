"""Mistakes that a network is most sure of: as pictures, or as bars where rows are none."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from numpy.typing import NDArray

from fastnn.plots import library
from fastnn.plots.colours import COLOURS
from fastnn.plots.mistakes import Mistake
from fastnn.plots.pictures import corner, grey_range, mosaic, places_in

__all__ = ["plot_mistakes"]

_CAPTION = 0.45  # of a picture's height: what is left above it for two lines of text


def plot_mistakes(mistakes: Sequence[Mistake], pictures: NDArray | None, ax: Any = None) -> Any:
    """Mistakes, and their rows as pictures (mistakes, height, width), or None."""
    if not mistakes or pictures is None:
        size = (6.4, 1.2 + 0.26 * len(mistakes))
        return library.draw(ax, size, partial(_draw_bars, mistakes=mistakes))
    rows, columns = places_in(len(mistakes))
    size = 6.4, 9.0 * rows * pictures.shape[1] / (columns * pictures.shape[2])
    return library.draw(ax, size, partial(_draw_pictures, mistakes=mistakes, pictures=pictures))


def _draw_bars(ax: Any, mistakes: Sequence[Mistake]) -> None:
    places = range(len(mistakes))
    ax.barh(places, [mistake.confidence for mistake in mistakes], color=COLOURS.wrong)
    texts = [f"row {each.row:,}: {each.text}" for each in mistakes]
    ax.set_yticks(places, texts, parse_math=False)
    ax.margins(y=0.01)
    ax.invert_yaxis()
    ax.set(xlabel="confidence", title="" if mistakes else "no mistake")


def _draw_pictures(ax: Any, mistakes: Sequence[Mistake], pictures: NDArray) -> None:
    _, height, width = pictures.shape
    gap = max(1, round(_CAPTION * height))
    low, high = grey_range(pictures)
    whole = mosaic(pictures, gap)
    ax.imshow(whole, cmap="gray_r", vmin=low, vmax=high, interpolation="nearest")
    ax.set_axis_off()
    _, columns = places_in(len(mistakes))
    for i, each in enumerate(mistakes):
        top, left = corner(i, columns, height + gap, width + 1)
        ax.text(
            left + (width - 1) / 2,
            top - 0.5,
            f"{each.text}\n{each.sure}",
            ha="center",
            va="bottom",
            fontsize="small",
            parse_math=False,
        )
