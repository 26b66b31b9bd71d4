"""`fastnn docs`: the pages that come with the package, in the terminal or in a browser."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from fastnn.cli.display import Results, columns
from fastnn.cli.errors import CommandError, UsageError

__all__ = ["FOLDER", "add_parser", "topics"]

FOLDER = Path(__file__).parents[1] / "docs"

_MARKER = re.compile(r"<!-- \w+:(begin|end) -->\n\n?")  # of a part that a command writes

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
pre {{ background: #f4f4f4; padding: 0.5rem; overflow-x: auto; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid #ccc; padding: 0.2rem 0.5rem; vertical-align: top; }}
</style>
<nav>{contents}</nav>
{body}
</html>
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "docs",
        help="show the pages that explain fastnn",
        description="Show a page of fastnn's documentation, or without TOPIC the list of pages.",
    )
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="the page to show")
    parser.add_argument("--browser", action="store_true", help="show it as HTML in a browser")
    parser.set_defaults(run=_run)


def topics() -> dict[str, str]:
    """The pages in their order: the name of each and its heading."""
    names = re.findall(r"^ {3}([a-z-]+)$", _text(FOLDER / "index.rst"), re.MULTILINE)
    pages = {name: FOLDER / f"{name}.md" for name in names}
    return {
        name: _text(page).partition("\n")[0].removeprefix("# ")
        for name, page in pages.items()
        if page.exists()
    }


def _run(arguments: argparse.Namespace) -> int:
    from fastnn.arguments.hints import hint

    pages, topic = topics(), arguments.topic
    if topic is not None and topic not in pages:
        names = ", ".join(pages)
        raise UsageError(f"TOPIC: expected one of {names}, got {topic!r}{hint(topic, pages)}")
    if arguments.browser:
        _browse(topic or next(iter(pages)), pages)
    elif topic is None:
        Results().say(*columns(list(pages.items())), "", "fastnn docs TOPIC shows a page.")
    else:
        _show(_MARKER.sub("", _text(FOLDER / f"{topic}.md")))
    return 0


def _show(text: str) -> None:
    """A page, in a pager if somebody is there to turn it."""
    if sys.stdout.isatty():
        import pydoc

        pydoc.pager(text)
    else:
        Results().say(text.rstrip("\n"))


def _browse(topic: str, pages: dict[str, str]) -> None:
    """Write all pages as HTML to a folder for temporary files, and open one."""
    import html
    import tempfile
    import webbrowser

    try:
        from markdown_it import MarkdownIt
    except ImportError:
        need = "--browser: expected markdown-it-py to be installed: pip install 'fastnn[docs]'"
        raise CommandError(f"{need}; without --browser the page is shown here") from None
    render = MarkdownIt("commonmark").enable("table").render
    folder = Path(tempfile.mkdtemp(prefix="fastnn-docs-"))
    contents = " · ".join(
        f'<a href="{name}.html">{html.escape(title)}</a>' for name, title in pages.items()
    )
    for name, title in pages.items():
        body = _linked(render(_text(FOLDER / f"{name}.md")))
        page = _PAGE.format(title=html.escape(title), contents=contents, body=body)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    place = folder / f"{topic}.html"
    if not webbrowser.open(place.as_uri()):
        raise CommandError(f"--browser: expected to find a browser, found none; the page: {place}")
    Results().say(str(place))


def _linked(body: str) -> str:
    """A page's HTML whose links lead to pages here, and its pictures to files that exist."""
    body = re.sub(r'href="([a-z-]+)\.md"', r'href="\1.html"', body)
    return re.sub(r'<img src="([^"]*)" alt="([^"]*)"[^>]*>', _picture, body)


def _picture(match: re.Match[str]) -> str:
    """A picture of the checkout; its name where only the package is installed."""
    picture, alt = (FOLDER / match[1]).resolve(), match[2]
    if picture.is_file():
        return f'<img src="{picture.as_uri()}" alt="{alt}" style="max-width: 100%">'
    return f"<em>[{alt}]</em>"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
