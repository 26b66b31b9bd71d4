"""Assembles one HTML file from parts: it needs no server, and nothing leaves it.

The page is `frame/page.html` with the tabs of `tabs.py` in it. What a tab has to keep to:

- Its fragment (HTML) stands in `<section id="NAME">`, which only its styles speak of. Colours are
  the variables of `frame/style.css`, which has dark mode too; all of them are `#rrggbb`.
- Its scripts are plain files in strict mode, each wrapped in a function of its own, which share one
  namespace: `const fastnn = (globalThis.fastnn ??= {})`. What does not need the document runs in
  Node as well: tests do that.
- `fastnn.NAME.start(section)` is called once, when the tab is shown for the first time, and
  `fastnn.NAME.shown(visible)`, where there is one, whenever it appears or disappears.
- Each setting is in the address, as `#tab=NAME&eta=0.5`: `fastnn.address.get(name, usual)`,
  `.set({name: value})`, null for the usual value, which removes it, `.onChange(f)` for when the
  reader goes back or types. The names `tab`, `pen`, `why` and `drawing` are taken.
- `fastnn.colours.get(name)` is a variable's value, `.rgb(name)` its three numbers, `.onChange(f)`
  tells when light becomes dark.
- The page's policy allows its own scripts and styles alone, by their digests: no `style=` or
  `onclick=` in markup (`element.style.width = ...` in a script is fine), no eval, no fetch, no
  worker, no image but `data:`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from itertools import chain
from string import Template
from typing import Any

from fastnn.arguments.checks import shown
from fastnn.demo.network_data import as_data
from fastnn.demo.tabs import DRAW, Tab
from fastnn.files import atomic_write
from fastnn.model.portable import PortableNetwork

__all__ = ["assemble", "write_page"]

_TITLE = "A network to play with"
_STYLE = "frame/style.css"
_FIRST, _LAST = ("frame/address.js", "frame/colours.js"), ("frame/tabs.js",)


def write_page(
    portable: PortableNetwork,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    about: str | None = None,
    tabs: Sequence[Tab] = (DRAW,),
) -> None:
    """Write the page of a network that sees pictures of 28 x 28 pixels, atomically.

    title  of the page, by default "A network to play with"
    about  a line on the network, which stands in its tab; by default its layers and functions

    Raises OSError as `open`, ValueError for a network whose inputs are no such pictures, or whose
    outputs name no class; TypeError for a title that is no text.
    """
    title = _TITLE if title is None else _text("title", title)
    page = assemble(tabs, title, {"network": as_data(portable, about)})
    with atomic_write(path) as file:
        file.write(page.encode())


def assemble(tabs: Sequence[Tab], title: str, data: Mapping[str, Any]) -> str:
    """The page: its tabs, and {id: what scripts read there as JSON}."""
    styles = [_read(name) for name in (_STYLE, *chain(*(tab.styles for tab in tabs)))]
    names = (*_FIRST, *chain(*(tab.scripts for tab in tabs)), *_LAST)
    scripts = {name: _read(name) for name in names}
    blocks = [_data(name, value) for name, value in data.items()]
    blocks += [f'<script data-file="{name}">{text}</script>' for name, text in scripts.items()]
    return Template(_read("frame/page.html")).substitute(
        policy=_policy(styles, scripts.values()),
        version=sys.modules["fastnn"].__version__,  # an import of it would be one of all its names
        title=html.escape(title),
        styles="\n".join(f"<style>{text}</style>" for text in styles),
        buttons="\n".join(map(_button, tabs)),
        sections="\n".join(map(_section, tabs)),
        scripts="\n".join(blocks),
    )


def _text(argument: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected a text, got {shown(value)}")
    return value


def _read(name: str) -> str:
    return (resources.files("fastnn.demo") / name).read_text(encoding="utf-8")


def _button(tab: Tab) -> str:
    return (
        f'<button role="tab" id="{tab.name}-tab" aria-controls="{tab.name}">'
        f"{html.escape(tab.title)}</button>"
    )


def _section(tab: Tab) -> str:
    return (
        f'<section id="{tab.name}" role="tabpanel" aria-labelledby="{tab.name}-tab" hidden>\n'
        f"{_read(tab.fragment)}</section>"
    )


def _data(name: str, value: Any) -> str:
    text = json.dumps(value).replace("<", "\\u003c")  # or a name could end the element
    return f'<script type="application/json" id="{name}">{text}</script>'


def _policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """What the page may do: run these scripts and use these styles, and nothing else."""
    return (
        f"default-src 'none'; script-src {_digests(scripts)}; style-src {_digests(styles)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digests(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
