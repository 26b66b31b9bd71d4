"""The browser that tests of pages use sees what they ask it for."""

import pytest
from browser import browser, page

__all__ = ["browser", "page"]  # fixtures

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>tested</title>
<style>
:root { color-scheme: light dark; } body { background: white; margin: 0; }
@media (prefers-color-scheme: dark) { body { background: black; } }
@media print { body { background: rgb(1, 2, 3); } }
#pad { width: 200px; height: 100px; background: silver; touch-action: none; }
</style>
<div id="pad"></div><input id="text"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<script>
const seen = [];
for (const kind of ["pointerdown", "pointermove", "pointerup"])
    document.getElementById("pad").addEventListener(kind, e =>
        seen.push([e.type, e.pointerType, e.isTrusted, e.clientX, e.clientY]));
</script>
</html>
"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def opened(page, tmp_path):
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    page.open(tmp_path / "page.html")
    return page


def test_a_page_in_order(opened):
    assert opened.evaluate("document.title") == "tested"
    assert opened.evaluate("new Promise(done => setTimeout(() => done([1, 'two']), 5))") == [
        1,
        "two",
    ]
    assert (opened.errors, opened.requests) == ([], [])


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("console.error('a', 5)", "a 5"),
        ("setTimeout(() => { throw new Error('thrown') })", "Error: thrown"),
        ("Promise.reject(new Error('refused'))", "Error: refused"),
    ],
)
def test_errors_are_heard(opened, script, error):
    opened.evaluate(f"{script}; 0")
    opened.evaluate("new Promise(done => setTimeout(done, 50))")
    assert [text.partition("\n")[0] for text in opened.errors] == [error]


def test_an_error_of_what_is_evaluated_is_the_tests_own(opened):
    with pytest.raises(RuntimeError, match="nothing is not defined"):
        opened.evaluate("nothing")


def test_requests_are_heard(opened):
    opened.evaluate("fetch('https://example.org/a').catch(() => 0)")
    opened.evaluate(
        "new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'beside.png';"
        "document.body.append(i); })"
    )
    assert opened.requests[0] == "https://example.org/a"
    assert opened.requests[1].endswith("/beside.png")


@pytest.mark.parametrize("pointer", ["mouse", "pen", "touch"])
def test_strokes_are_those_of_a_hand(opened, pointer):
    if pointer == "touch":
        opened.resize(360, 700, touch=True)
    opened.stroke([(10, 10), (20, 30), (40, 50)], pointer)
    seen = opened.evaluate("seen")
    places = [[kind, *place] for kind, _, _, *place in seen]
    assert places[0] == ["pointerdown", 10, 10] or places[0] == ["pointermove", 10, 10]
    assert ["pointermove", 20, 30] in places
    assert places[-1] == ["pointerup", 40, 50]
    assert {(kind, trusted) for _, kind, trusted, *_ in seen} == {(pointer, True)}


def test_the_keyboard(opened):
    opened.click("#text")
    opened.type("ab")
    opened.press("c")
    opened.press("Backspace")
    assert opened.evaluate("document.getElementById('text').value") == "ab"


def test_sizes_and_colours(opened):
    opened.resize(360, 700)
    assert opened.evaluate("innerWidth") == 360
    assert opened.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
    light, dark = opened.screenshot(dark=False), opened.screenshot(dark=True)
    assert light != dark
    assert {light[:4], dark[:4]} == {b"\x89PNG"}
    assert int.from_bytes(opened.screenshot(500)[16:20], "big") == 500
    assert opened.evaluate("innerWidth") == 360
    assert opened.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
    opened.look(dark=True)
    assert opened.evaluate(BACKGROUND) == "rgb(0, 0, 0)"
    opened.look(printed=True)
    assert opened.evaluate(BACKGROUND) == "rgb(1, 2, 3)"
    assert opened.pdf().startswith(b"%PDF")


def test_tabs_share_nothing(browser, opened, tmp_path):
    opened.evaluate("localStorage.setItem('a', '1')")
    with browser.page() as other:
        other.open(tmp_path / "page.html")
        assert other.evaluate("localStorage.getItem('a')") is None
    assert opened.evaluate("localStorage.getItem('a')") == "1"
