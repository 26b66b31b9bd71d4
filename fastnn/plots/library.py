"""Figures of Matplotlib's; the only module that imports it.

Neither pyplot nor the user's settings (rcParams) are touched, but for the moment in which `as_svg`
draws: a figure is shown by the notebook that it is returned to, or by `figure.savefig(path)`.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

from fastnn.arguments import checks

try:
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter
except ImportError:
    raise ImportError("plots need Matplotlib: pip install 'fastnn[plot]'") from None

__all__ = ["ShownFigure", "as_svg", "draw", "percent", "whole_numbers"]


class ShownFigure(Figure):
    """A figure that notebooks show by themselves; pyplot does not know of it."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def draw(ax: Any, size: tuple[float, float], *drawings: Callable[[Any], None]) -> Any:
    """Call each of `drawings` with Axes of its own, and return what was drawn on.

    ax    None makes a figure, with Axes in a row, each of `size` in inches; else the Axes that the
          user gave, one or several, for the first of the drawings
    Raises TypeError for what are no Axes, ValueError for more of them than there are drawings.
    """
    if ax is None:
        width, height = size
        figure = ShownFigure(figsize=(width * len(drawings), height), layout="constrained")
        axes = figure.subplots(1, len(drawings), squeeze=False)[0]
    else:
        axes = _as_axes("ax", ax, len(drawings))
    for each, drawing in zip(axes, drawings):
        drawing(each)
    return figure if ax is None else ax


def _as_axes(argument: str, ax: Any, most: int) -> list[Any]:
    """One to `most` Axes; TypeError or ValueError."""
    axes = list(getattr(ax, "flat", ax)) if hasattr(ax, "__iter__") else [ax]
    if not all(isinstance(each, Axes) for each in axes):
        raise TypeError(f"{argument}: expected Axes of Matplotlib's, got {checks.shown(ax)}")
    if not 1 <= len(axes) <= most:
        expected = "1" if most == 1 else f"1 to {most}"
        raise ValueError(f"{argument}: expected {expected} Axes, got {len(axes)}")
    return axes


def whole_numbers(axis: Any) -> None:
    """Label an axis at whole numbers only."""
    axis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))


def percent(axis: Any, decimals: int | None = None) -> None:
    """Label an axis of fractions in percent."""
    axis.set_major_formatter(PercentFormatter(1.0, decimals))


def as_svg(
    size: tuple[float, float], settings: Mapping[str, Any], drawing: Callable[..., Any]
) -> str:
    """A figure of `size`, in inches, with one pair of axes, drawn by drawing(axes); its SVG.

    settings  rcParams; all others are Matplotlib's own defaults, whatever the user's are
    Text stays text, and the same figure gives the same file.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "fastnn", **settings})
        figure = Figure(figsize=size, layout="constrained")
        drawing(figure.subplots())
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return file.getvalue()
