"""bench/pages.py, and that the committed figures stand in the pages as the commands write them."""

import re

import pytest

from bench import pages, readme
from bench.suite import atlas, report
from bench.suite.grid import Map
from bench.suite.results import Results


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


def results_file(name):
    """The committed results whose picture a part shows."""
    (picture,) = re.findall(r"\(\.\./\.\./bench/results/(.*)\.png\)", pages.read(name))
    return pages.ROOT / "bench" / "results" / f"{picture}.json"


def test_tables_and_figures_are_those_of_the_results():
    """Written by the command, not by hand."""
    file = results_file("bench")
    results = Results.read(file)
    chart = pages.link("bench", file.with_suffix(".png"))
    assert pages.read("bench") == "\n".join(report.markdown(results, chart))
    assert pages.read("figures") == "\n".join(readme.figures(results))


def test_the_map_is_that_of_the_results():
    file = results_file("map")
    chart = pages.link("map", file.with_suffix(".png"))
    assert pages.read("map") == "\n".join(atlas.map_markdown(Map.read(file), chart))


def test_the_readmes_last_figure_is_where_fastnn_does_worst():
    _, _, *rows, _, _ = pages.read("figures").splitlines()
    gains = [float(row.split("|")[4].strip(" *")) for row in rows]
    assert len(gains) == 5
    assert gains[-1] == min(gains)
    assert ("**" in rows[-1]) == (gains[-1] < 1)
