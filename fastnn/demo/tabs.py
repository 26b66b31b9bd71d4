"""The tabs of the page, and the files that each is made of, in their order."""

from dataclasses import dataclass

__all__ = ["DRAW", "TABS", "TRAIN", "Tab"]


@dataclass(frozen=True)
class Tab:
    """A tab of the page; all files lie below fastnn/demo.

    name      of its section and in the address
    title     what the reader clicks on
    fragment  the HTML inside its section
    styles, scripts  in the order in which they are read
    """

    name: str
    title: str
    fragment: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


DRAW = Tab(
    "draw",
    "Draw a digit",
    "draw/draw.html",
    ("draw/draw.css",),
    (
        "draw/network.js",
        "draw/activations.js",
        "draw/answer.js",
        "draw/ink.js",
        "draw/drawing.js",
        "draw/link.js",
        "draw/preparation.js",
        "draw/contributions.js",
        "draw/pictures.js",
        "draw/board.js",
        "draw/bars.js",
        "draw/explanation.js",
        "draw/draw.js",
    ),
)

TRAIN = Tab(
    "train",
    "Train in the page",
    "train/train.html",
    ("train/train.css",),
    (
        "train/random.js",
        "train/numbers.js",
        "train/functions.js",
        "train/network.js",
        "train/penalty.js",
        "train/iris.js",
        "train/datasets.js",
        "train/csv.js",
        "train/rows.js",
        "train/training.js",
        "train/settings.js",
        "train/experiment.js",
        "train/explain.js",
        "train/verdict.js",
        "train/doubts.js",
        "train/presets.js",
        "train/portable.js",
        "train/canvas.js",
        "train/surface.js",
        "train/markers.js",
        "train/chart.js",
        "train/curves.js",
        "train/diagram.js",
        "train/player.js",
        "train/fields.js",
        "train/points.js",
        "train/saving.js",
        "train/report.js",
        "train/train.js",
    ),
)

TABS = (DRAW, TRAIN)
