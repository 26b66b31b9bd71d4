"""HTML whose texts are escaped by construction: what isn't `Html` is text, whatever is in it."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Html", "definitions", "element", "join", "section", "table"]


class Html(str):
    """Markup that is well-formed and was made here."""

    __slots__ = ()


def join(parts: Iterable[str]) -> Html:
    """One after the other; texts are escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def element(tag: str, *content: str, **attributes: str | int | None) -> Html:
    """<tag attributes>content</tag>; an attribute that is None is left out.

    `class_` is class, and aria_label is aria-label.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in ("img", "meta", "link", "br"):
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{join(content)}</{tag}>")


def section(name: str, heading: str, *content: str) -> Html:
    """A part of the page, with its heading; `name` is what links to it say."""
    title = element("h2", heading, id=f"{name}-heading")
    return element("section", title, *content, id=name, aria_labelledby=f"{name}-heading")


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], class_: str | None = None
) -> Html:
    """A table whose first column names its rows. It scrolls by itself where it is too wide."""
    top = element("tr", *(element("th", cell, scope="col") for cell in head))
    body = join(
        element("tr", element("th", row[0], scope="row"), *(_cell(cell) for cell in row[1:]))
        for row in rows
    )
    head_rows = [element("thead", top)] if any(head) else []
    whole = element("table", *head_rows, element("tbody", body), class_=class_, aria_label=caption)
    # What scrolls has to be reached by the keyboard as well, and then says what it is.
    wide = element("div", whole, class_="wide", role="region", aria_label=caption, tabindex=0)
    return element("figure", element("figcaption", caption), wide, class_="table")


def _cell(cell: str) -> Html:
    """Made here, or a text."""
    return cell if isinstance(cell, Html) and cell.startswith("<td") else element("td", cell)


def definitions(pairs: Iterable[tuple[str, str]], class_: str | None = None) -> Html:
    """Names and what belongs to each."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", text)) for name, text in pairs),
        class_=class_,
    )
