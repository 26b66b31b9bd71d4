"""Matplotlib's drawings as SVG inside the page, in the page's own colours and letters.

They are drawn in colours that stand for the page's variables, and nothing else, so that they follow
when the page becomes dark.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from fastnn.plots.colours import Colours
from fastnn.plots.library import as_svg
from fastnn.report.html import Html, element

__all__ = ["COLOURS", "chart", "figure"]

_SIZE = 4.4, 3.1  # inches of 72 pixels: narrow, so that letters stay legible on a phone

COLOURS = Colours(
    training="#000011",
    validation="#000012",
    penalty="#000013",
    sum="#000014",
    mark="#000014",
    right="#000011",
    wrong="#000012",
)
_INK, _LINE, _SURFACE = "#000015", "#000016", "#000017"
_VARIABLES = {
    COLOURS.training: "var(--curve-1)",
    COLOURS.validation: "var(--curve-2)",
    COLOURS.penalty: "var(--curve-3)",
    COLOURS.sum: "var(--muted)",
    _INK: "var(--ink)",
    _LINE: "var(--line)",
    _SURFACE: "var(--surface)",
}
_SETTINGS = {
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "xtick.color": _LINE,
    "ytick.color": _LINE,
    "axes.edgecolor": _LINE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
    "legend.facecolor": _SURFACE,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.7,
    "legend.fontsize": 9,
    "font.size": 10,
    "lines.linewidth": 1.8,
}
_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_COLOUR = re.compile(r"#0000[0-9a-f]{2}\b")
# Which Matplotlib writes in one of two ways: font: 10px 'DejaVu Sans', ... or font-family: ...
_FONT, _FAMILY = re.compile(r"font: [^;']*?([\d.]+)px [^;]*"), re.compile(r"font-family: [^;]*;? ?")
_REFERENCE = re.compile(r"#([\w-]+)")
_NO_PART = {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"}


def chart(name: str, description: str, drawing: Callable[[Any], None]) -> Html:
    """What drawing(axes) draws; `name` is unlike other charts', `description` is read aloud."""
    root = ElementTree.fromstring(as_svg(_SIZE, _SETTINGS, drawing))
    for parent in root.iter():
        for child in [child for child in parent if child.tag in _NO_PART]:
            parent.remove(child)
    used = {target for each in root.iter() for target in _references(each)}
    for each in root.iter():
        _adapt(each, name, used)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"class": "chart", "role": "img", "aria-label": description}
    ElementTree.register_namespace("", _SVG)
    return Html(ElementTree.tostring(root, encoding="unicode"))


def _references(each: ElementTree.Element) -> set[str]:
    """The ids that an element's attributes name."""
    values = [each.get(_LINK, ""), each.get("clip-path", ""), each.get("style", "")]
    return {target for value in values for target in _REFERENCE.findall(value)}


def _adapt(each: ElementTree.Element, name: str, used: set[str]) -> None:
    """Ids that are the page's only ones, the page's colours, and its letters."""
    own = each.attrib.pop("id", None)
    if own in used:
        each.set("id", f"{name}-{own}")
    if (target := each.attrib.pop(_LINK, None)) is not None:
        each.set("href", f"#{name}-{target[1:]}")
    if clip := each.get("clip-path"):
        each.set("clip-path", clip.replace("#", f"#{name}-"))
    if style := each.get("style"):
        style = _COLOUR.sub(lambda match: _VARIABLES[match[0]], style)
        each.set("style", _FAMILY.sub("", _FONT.sub(r"font-size: \1px", style)))


def figure(caption: str, *content: str, class_: str | None = None) -> Html:
    """Pictures or a chart with what they show."""
    return element("figure", *content, element("figcaption", caption), class_=class_)
