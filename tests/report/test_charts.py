"""Drawings as SVG in the page's colours."""

import functools
import re
from xml.etree import ElementTree

import pytest

matplotlib = pytest.importorskip("matplotlib")

from fastnn.report import charts  # noqa: E402
from fastnn.report.charts import COLOURS  # noqa: E402

chart = functools.cache(charts.chart)
NAME = "{http://www.w3.org/2000/svg}"


def draw(ax):
    ax.plot([0, 1], [0, 1], color=COLOURS.training, marker="o", label="a < b & c")
    ax.bar([0], [1], color=COLOURS.wrong, alpha=0.25)
    ax.set(xlabel="epoch", xlim=(0.25, 0.75))
    ax.legend()


def root():
    return ElementTree.fromstring(chart("one", "", draw))


def test_it_is_one_picture_with_a_text_for_those_who_do_not_see_it():
    attributes = root().attrib
    assert (attributes["role"], attributes["aria-label"]) == ("img", "")
    two = charts.chart("two", 'said "aloud" <', lambda ax: ax.set_axis_off())
    assert ElementTree.fromstring(two).get("aria-label") == 'said "aloud" <'
    assert attributes["viewBox"].startswith("0 0 316.8 223.2")
    assert "width" not in attributes


def test_all_colours_are_the_pages():
    text = chart("one", "", draw)
    assert not re.search(r"#[0-9a-fA-F]{6}", text)
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    assert used == {"curve-1", "curve-2", "ink", "line", "surface"}


def test_text_is_text_in_the_pages_letters():
    texts = [each.text for each in root().iter(f"{NAME}text")]
    assert "epoch" in texts
    assert "a < b & c" in texts
    text = chart("one", "", draw)
    assert len(re.findall('<text style="[^"]*font-size: 10px;', text)) > 5
    assert not re.search("font: |font-family|DejaVu", text)


def test_ids_are_those_that_are_used_and_no_other_charts():
    charts = [chart(name, "", draw) for name in ("one", "two")]
    for name, text in zip(("one", "two"), charts):
        ids = re.findall(r'\bid="([^"]*)"', text)
        named = set(re.findall(r'href="#([^"]*)"', text)) | set(
            re.findall(r"url\(#([^)]*)\)", text)
        )
        assert len(ids) == len(set(ids)) > 1
        assert set(ids) == named
        assert all(each.startswith(f"{name}-") for each in ids)


def test_nothing_is_left_that_other_programs_ask_for():
    text = chart("one", "", draw)
    for unwanted in ("<style", "<metadata", "xlink", "<!DOCTYPE", "purl.org", "<?xml"):
        assert unwanted not in text


def test_the_users_settings_are_neither_used_nor_changed():
    usual = chart("one", "", draw)
    with matplotlib.rc_context({"text.color": "red", "font.size": 30, "axes.linewidth": 7}):
        before = matplotlib.rcParams.copy()
        assert charts.chart("one", "", draw) == usual
        assert dict.__eq__(matplotlib.rcParams.copy(), before)
