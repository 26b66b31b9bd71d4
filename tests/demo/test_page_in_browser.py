"""The page in headless Chromium: its links, its looks, and what it never does."""

import json

import numpy as np
import pytest
from drawing_hand import ONE, SEVEN, draw, shown, wait


def test_tab_reaches_everything(opened):
    draw(opened, ONE)
    opened.evaluate("document.getElementById('board').focus()")
    reached = []
    for _ in range(14):
        reached.append(
            opened.evaluate("document.activeElement.id || document.activeElement.className")
        )
        opened.press("Tab")
    assert reached[:4] == ["board", "undo", "clear", "pen"]
    assert sum(name.startswith("bar") for name in reached[4:]) == 10


def test_a_click_on_a_class_asks_why(opened):
    draw(opened, SEVEN)
    opened.click(".bars li:nth-child(3) .bar")
    asked = shown(opened)
    assert (asked["why"], asked["pressed"]) == ("What speaks for 2, and against it", 2)
    assert "why=2" in asked["hash"]
    draw(opened, [(0.3, 0.5), (0.7, 0.5)])
    assert shown(opened)["why"] == "What speaks for 2, and against it"
    opened.click(".bars li:nth-child(3) .bar")
    assert shown(opened)["why"] == "What speaks for 7, and against it"
    assert "why" not in shown(opened)["hash"]


def test_a_link_shows_the_same(opened, demo_page, browser):
    opened.evaluate("""(() => {
      const pen = document.getElementById("pen");
      pen.value = 20;
      pen.dispatchEvent(new Event("change"));
    })()""")
    draw(opened, SEVEN)
    opened.click(".bars li:nth-child(2) .bar")
    first = shown(opened)
    assert "pen=20" in first["hash"]
    with browser.page() as other:
        other.open(demo_page.as_uri() + first["hash"])
        found = shown(other)
        assert other.evaluate("document.getElementById('pen').value") == "20"
        assert other.errors == []
        for name in first.keys() - {"spoken"}:
            assert found[name] == first[name], name
        other.click("#undo")
        assert shown(other)["leading"] == "Draw a digit:"


def test_the_address_can_be_changed(opened, demo_page):
    draw(opened, SEVEN)
    link = shown(opened)["hash"]
    opened.click("#clear")
    opened.evaluate(f"location.hash = {json.dumps(link)}")
    wait(opened)
    assert shown(opened)["leading"] == "7"
    opened.evaluate("location.hash = '#drawing=<b>&why=77&pen=x&tab=nowhere'")
    wait(opened)
    assert shown(opened)["leading"] == "Draw a digit:"


def test_dark_pages_have_light_ink(opened):
    draw(opened, ONE)
    pixel = "[...board.getContext('2d').getImageData(224, 224, 1, 1).data]"
    assert max(opened.evaluate(pixel)[:3]) < 80
    opened.look(dark=True)
    wait(opened)
    assert min(opened.evaluate(pixel)[:3]) > 180


def test_a_phone_shows_all_that_changes_at_once(opened):
    opened.resize(360, 740, touch=True)
    draw(opened, ONE, "touch")
    assert opened.evaluate("document.documentElement.scrollWidth") == 360
    assert opened.evaluate("scrollY") == 0
    left, top, width, height = opened.place_of("#board")
    assert width > 290
    bottom = "document.getElementById('bars').getBoundingClientRect().bottom"
    assert opened.evaluate(bottom) < 740


def test_nothing_leaves_the_page(page, demo_page):
    page.open(demo_page)
    refused = page.evaluate("""(async () => {
      const image = new Image();
      const failed = new Promise((done) => { image.onerror = () => done(true); });
      image.src = "http://127.0.0.1:9/picture.png";
      const script = document.createElement("script");
      script.textContent = "globalThis.ran = true";
      document.body.append(script);
      const fetched = await fetch("http://127.0.0.1:9/").then(() => false, () => true);
      return [await failed, fetched, globalThis.ran === undefined];
    })()""")
    assert refused == [True, True, True]
    for directive in ("img-src", "connect-src", "script-src"):
        assert any(directive in error for error in page.errors), directive


NETWORKS = {
    "no hidden layer": ([784, 10], {"cost": "log_likelihood"}, None),
    "one output": ([784, 20, 1], {"activation": "tanh"}, ["no", "<b>yes</b> & more"]),
    "several labels": ([784, 20, 3], {"multi_label": True}, ["</script>", "two words", "'\"3"]),
    "deep": ([784, 30, 20, 10], {"activation": "gelu", "cost": "log_likelihood"}, None),
    "many classes": ([784, 20, 47], {"cost": "log_likelihood"}, [f"letter {k}" for k in range(47)]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_pages_of_other_networks(name, page, page_of):
    sizes, keywords, classes = NETWORKS[name]
    net, path = page_of(sizes, classes=classes, **keywords)
    page.open(path)
    draw(page, SEVEN)
    found = shown(page)
    names = page.evaluate("[...document.querySelectorAll('.bar-name')].map((e) => e.textContent)")
    assert names == (classes or [str(k) for k in range(sizes[-1])])
    assert found["neurons"] == 2 if len(sizes) == 2 else found["neurons"] > 1
    assert all(found["values"])
    k = len(names) - 1
    page.click(f".bars li:nth-child({k + 1}) .bar")
    assert shown(page)["why"] == f"What speaks for {names[k]}, and against it"
    for width in (1024, 360):
        page.resize(width, 740)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.errors == []
    assert page.requests == []


def test_a_network_that_overflows_says_so(page, page_of):
    net, path = page_of([784, 5, 10], "exponential", "log_likelihood", spread=1e4)
    page.open(path)
    draw(page, SEVEN)
    found = shown(page)
    assert found["leading"] == "Nothing:"
    assert found["neurons"] == 0
    assert page.errors == []
    assert not np.isfinite(net.feedforward(np.ones((1, 784)))).all()
