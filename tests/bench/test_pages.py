"""bench/pages.py, and that the committed figures stand in the pages as the commands write them."""

import re

import pytest

from bench import pages, readme


@pytest.fixture
def root(tmp_path):
    """A folder with a page for the map."""
    page = tmp_path / pages.PAGES["map"]
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- map:begin -->\nold\n<!-- map:end -->\nafter é\n", "utf-8")
    return tmp_path


def test_a_part_is_replaced(root):
    for lines in (["one", "two"], ["three"]):
        pages.write("map", lines, root)
        assert pages.read("map", root) == "\n".join(lines)
    text = (root / pages.PAGES["map"]).read_text("utf-8")
    assert text == "before\n<!-- map:begin -->\n\nthree\n\n<!-- map:end -->\nafter é\n"


@pytest.mark.parametrize(
    "text",
    [
        "no markers",
        "<!-- map:begin -->",
        "<!-- map:end --> <!-- map:begin -->",
        "<!-- map:begin --> <!-- map:begin --> <!-- map:end -->",
    ],
)
def test_markers_are_there_once(root, text):
    page = root / pages.PAGES["map"]
    page.write_text(text)
    with pytest.raises(SystemExit, match="expected <!-- map:begin --> and after it"):
        pages.write("map", ["new"], root)
    assert page.read_text() == text


def test_a_picture_is_linked_from_its_page(root):
    picture = root / "bench" / "results" / "map.png"
    assert pages.link("map", picture, root) == "../../bench/results/map.png"
    assert pages.link("train", picture, root) == "bench/results/map.png"


@pytest.mark.parametrize("name", pages.PAGES)
def test_each_part_is_on_its_page(name):
    text = (pages.ROOT / pages.PAGES[name]).read_text("utf-8")
    assert [text.count(marker) for marker in pages.markers(name)] == [1, 1]
    assert pages.read(name)


def results_files(name):
    """The committed results that a part shows by a picture, or a link."""
    shown = re.findall(r"\(\.\./\.\./bench/results/(.*)\.(?:png|json)\)", pages.read(name))
    assert shown
    return [pages.ROOT / "bench" / "results" / f"{stem}.json" for stem in shown]


@pytest.mark.parametrize("name", readme.KINDS)
def test_tables_are_those_of_the_results(name):
    """Written by the command, not by hand."""
    assert pages.read(name) == "\n".join(readme.part(name, results_files(name)))


def test_the_readmes_figures_are_those_of_the_results():
    assert pages.read("figures") == "\n".join(readme.figures(results_files("bench")))


def test_the_readmes_last_figure_is_where_fastnn_does_worst():
    _, _, *rows, _, _ = pages.read("figures").splitlines()
    gains = [float(row.split("|")[4].strip(" *")) for row in rows]
    assert len(gains) == 5
    assert gains[-1] == min(gains)
    assert ("**" in rows[-1]) == (gains[-1] < 1)
