"""Pages as a browser shows them: nothing leaves them, and they fit."""

import re

import pytest

pytest.importorskip("matplotlib")

from reported import KINDS, told

WIDTH_OF_A_PHONE = 360
COLOURS = """
[...document.querySelectorAll('body, section, h2, th, td, dd, dt, p, figcaption, svg text, .ink')]
    .map(e => { const s = getComputedStyle(e);
                return [e.tagName, s.color, s.backgroundColor, s.fill, s.filter]; })
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for kind in KINDS:
        (folder / f"{kind}.html").write_text(told(kind)[1], "utf-8")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_it_fits_and_nothing_leaves_it(page, pages, kind):
    page.open(pages / f"{kind}.html")
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    for width in (WIDTH_OF_A_PHONE, 1024):
        page.resize(width, 740, touch=width == WIDTH_OF_A_PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        beyond = (
            "[...document.querySelectorAll('body *')].filter(e => !e.closest('.wide') && "
            f"!e.closest('svg') && e.getBoundingClientRect().right > {width} + 1).length"
        )
        assert page.evaluate(beyond) == 0
    pictures = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
    assert page.evaluate(pictures)
    entries = "performance.getEntriesByType('resource').filter(e => !/^data:/.test(e.name)).length"
    assert page.evaluate(entries) == 0
    assert (page.errors, page.requests) == ([], [])


def test_the_policy_stops_what_would_be_loaded(page, pages):
    """Were there anything: a picture, a font, a script, a request."""
    text = (pages / "classes.html").read_text("utf-8")
    planted = (
        '<img src="https://example.org/a.png"><script>document.title = "run"</script>'
        "<style>@font-face { font-family: x; src: url(https://example.org/x); } "
        "h1 { font-family: x }</style></body>"
    )
    (pages / "planted.html").write_text(text.replace("</body>", planted), "utf-8")
    page.open(pages / "planted.html")
    refused = [error for error in page.errors if "Content Security Policy" in error]
    assert len(refused) == 3
    assert page.evaluate("document.title") != "run"


def test_dark_is_dark(page, pages):
    page.open(pages / "pictures.html")
    light = page.evaluate(COLOURS)
    page.look(dark=True)
    dark = page.evaluate(COLOURS)
    assert len(light) == len(dark) > 100
    for (tag, ink, paper, fill, turned), after in zip(light, dark):
        assert ink != after[1], tag
        if tag in ("BODY", "SECTION"):
            assert brightness(paper) > 0.9
            assert brightness(after[2]) < 0.15
        if tag == "text":
            assert brightness(fill) < 0.15
            assert brightness(after[3]) > 0.8
        if tag == "IMG":
            assert (turned, after[4]) == ("none", "invert(1)")


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out(page, pages, dark):
    """A contrast of 4.5, as WCAG 2 asks, also on coloured cells."""
    page.open(pages / "classes.html")
    page.look(dark=dark)
    seen = page.evaluate("""
        [...document.querySelectorAll('section p, section td, section th, dt, figcaption')]
            .filter(e => e.textContent.trim()).map(e => {
                const papers = [];
                for (let p = e; p; p = p.parentElement)
                    papers.push(getComputedStyle(p).backgroundColor);
                return [getComputedStyle(e).color, papers];
            })""")
    assert len(seen) > 100
    assert min(contrast(ink, papers) for ink, papers in seen) >= 4.5


def test_on_paper_it_is_light_and_whole(page, pages):
    page.open(pages / "pictures.html")
    page.look(dark=True, printed=True)
    for tag, ink, paper, _, turned in page.evaluate(COLOURS):
        assert brightness(ink) < 0.35, tag
        assert paper in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)") or tag == "TD"
        assert turned == "none"
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 9


def channels(colour):
    values = [float(value) for value in re.findall(r"[\d.]+", colour)]
    return [value / 255 for value in values[:3]], values[3] if len(values) > 3 else 1.0


def brightness(colour):
    """Relative luminance, by WCAG 2."""
    rgb, _ = channels(colour)
    return luminance(rgb)


def luminance(rgb):
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink, papers):
    """Of text on backgrounds that lie above each other, the nearest first."""
    shown = [1.0, 1.0, 1.0]
    for paper in reversed(papers):
        rgb, alpha = channels(paper)
        shown = [alpha * c + (1 - alpha) * below for c, below in zip(rgb, shown)]
    light, dark = sorted([brightness(ink), luminance(shown)], reverse=True)
    return (light + 0.05) / (dark + 0.05)
