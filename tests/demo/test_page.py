"""The page as a file: one of them, with all that it needs, for networks that it can show."""

import base64
import hashlib
import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest

import fastnn
from fastnn.demo import tabs
from fastnn.demo.page import assemble, write_page
from fastnn.model.portable import PortableNetwork

PARTS = Path(fastnn.__file__).parent / "demo"


class Elements(html.parser.HTMLParser):
    """Every element's name and attributes, and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts, self.open = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.open = None if "type" in dict(attributes) else tag  # a script with a type is data
        self.texts.setdefault(self.open, []).append("")

    def handle_endtag(self, tag):
        self.open = None

    def handle_data(self, data):
        if self.open:
            self.texts[self.open][-1] += data


def page_of(net, tmp_path, **keywords):
    path = tmp_path / "page.html"
    net.to_html(path, **keywords)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small():
    return fastnn.Network([784, 3, 2], "relu", "log_likelihood", seed=0)


def test_it_is_one_file(small, tmp_path):
    """Nothing names a place elsewhere, and nothing that the policy would refuse is in it."""
    text = page_of(small, tmp_path)
    for tag, attributes in Elements(text).found:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "action", "srcset"):
            assert attributes.get(name, "data:").startswith(("data:", "#")), (tag, attributes)
    assert not re.findall(r"https?://", text)
    assert not re.findall(r"@import|url\(", text)
    assert not re.findall(r"\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|eval|Function)\(", text)


def test_the_policy_has_the_digest_of_all_that_is_there(small, tmp_path):
    elements = Elements(page_of(small, tmp_path))
    (policy,) = [
        attributes["content"]
        for tag, attributes in elements.found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in policy
    for kind, directive in (("script", "script-src"), ("style", "style-src")):
        digests = {
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in elements.texts[kind]
        }
        assert digests == set(directives[directive].split())


def test_every_part_belongs_to_a_tab():
    """And every one is strict, and leaves nothing in the global namespace but `fastnn`."""
    used = {part for tab in tabs.TABS for part in (tab.fragment, *tab.styles, *tab.scripts)}
    for folder in {Path(part).parent for part in used}:
        there = {f"{folder}/{path.name}" for path in (PARTS / folder).iterdir() if path.is_file()}
        assert there <= used | {f"{folder}/__init__.py"}
    for part in used:
        if part.endswith(".js"):
            text = re.sub(r"^//.*\n", "", (PARTS / part).read_text(), flags=re.MULTILINE)
            assert text.startswith('"use strict";\n(() => {\n'), part
            assert text.endswith("})();\n"), part


def test_titles_and_names_are_text(small, tmp_path):
    name = "</script><script>alert(1)</script>"
    text = page_of(small, tmp_path, title=f"A & B {name}", classes=[name, "<!--"])
    elements = Elements(text)
    assert "".join(elements.texts["h1"]) == f"A & B {name}"
    assert not [script for script in elements.texts["script"] if "alert" in script]
    (data,) = re.findall(r'id="network">(.*?)</script>', text)
    assert json.loads(data)["classes"] == [name, "<!--"]


def test_a_network_of_the_command_line_fits_into_a_megabyte(tmp_path):
    net = fastnn.Network([784, 192, 10], "relu", "log_likelihood", seed=0)
    text = page_of(net, tmp_path)
    assert len(text.encode()) < 1_000_000
    data = json.loads(re.findall(r'id="network">(.*?)</script>', text)[0])
    held = np.frombuffer(base64.b64decode(data["parameters"]), "<f4")
    assert np.array_equal(held[: 784 * 192], np.ravel(net.weights[0]))


def test_of_one_tab_there_is_one_button(small):
    elements = Elements(assemble([tabs.DRAW], "title", {"network": {}}))
    assert [tag for tag, own in elements.found if own.get("role") == "tab"] == ["button"]


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (([64, 5, 10],), "expected one with 784 inputs, the 28 x 28 pixels of .* got .* 64"),
        (([784, 5, 1], "relu", "quadratic"), "outputs name a class.* got 1 identity outputs"),
        (([784, 5, 3], "relu", "quadratic"), "got 3 identity outputs"),
        (([784, 5, 1], "relu", "log_likelihood"), "got 1 softmax outputs"),
        (([784, 5, 3], "relu", "poisson"), "got 3 exponential outputs"),
    ],
)
def test_networks_that_cannot_be_drawn_for(net, message, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("as it was")
    with pytest.raises(ValueError, match=message):
        fastnn.Network(*net, seed=0).to_html(path)
    assert path.read_text() == "as it was"


def test_bad_arguments(small, tmp_path):
    path = tmp_path / "page.html"
    with pytest.raises(TypeError, match="title: expected a text, got 3"):
        small.to_html(path, title=3)
    with pytest.raises(ValueError, match="classes: expected 2 names, got 3"):
        small.to_html(path, classes=["a", "b", "c"])
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        small.to_html(tmp_path / "nowhere" / "page.html")


def test_a_page_is_replaced_whole(small, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    small.to_html(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fastnn.files.os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_page(PortableNetwork.of(small), path, title="another")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
