"""Sphinx's settings: `python -m sphinx -W fastnn/docs OUT` makes HTML of the pages."""

import re
from typing import Any

import fastnn

project = "fastnn"
author = "The fastnn developers"
copyright = author
release = version = fastnn.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["conf.py"]
highlight_language = "none"  # but where a block says what it is
html_theme = "alabaster"  # comes with Sphinx
html_theme_options = {"page_width": "70rem"}
autodoc_member_order = "bysource"
autodoc_typehints = "description"


def _literal(_app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: paragraphs stay so, what is laid out in columns stays as it is."""
    shown = []
    for block in "\n".join(lines).strip("\n").split("\n\n"):
        if re.search(r"^ |\S {2,}\S", block, re.MULTILINE):
            shown += ["::", "", *(f"    {line}" for line in block.splitlines()), ""]
        else:
            shown += [_escaped(block).replace("\n", " "), ""]
    lines[:] = shown


def _escaped(text: str) -> str:
    """With nothing in it that means something to Sphinx, but code between backticks."""
    parts = re.split(r"`+([^`]+)`+", text)
    parts[0::2] = [re.sub(r"([*_|\\:-])", r"\\\1", part) for part in parts[0::2]]
    parts[1::2] = [f"``{part}``" for part in parts[1::2]]
    return "".join(parts)


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _literal)
