"""The tabs of the page, and the files that each is made of, in their order."""

from dataclasses import dataclass

__all__ = ["DRAW", "TABS", "Tab"]


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

TABS = (DRAW,)
