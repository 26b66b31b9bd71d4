"""`fastnn docs`: pages in the terminal and in a browser."""

import pydoc
import sys
import webbrowser
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

from fastnn.cli import docs, main


def test_the_list(command):
    done = command("docs")
    assert (done.returncode, done.stderr) == (0, "")
    *lines, empty, last = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(docs.topics())
    assert lines[0].startswith("getting-started   ")
    assert lines[0].endswith("   Getting started")
    assert (empty, last) == ("", "fastnn docs TOPIC shows a page.")


def test_a_page_is_its_text(command):
    done = command("docs", "files")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (docs.FOLDER / "files.md").read_text(encoding="utf-8")


def test_markers_are_not_shown(capsys):
    assert main(["docs", "regularization"]) == 0
    lines = capsys.readouterr().out.splitlines()
    written = (docs.FOLDER / "regularization.md").read_text(encoding="utf-8").splitlines()
    markers = [line for line in written if line.startswith("<!-- ")]
    assert len(markers) == 4
    assert [line for line in written if line and line not in markers] == list(filter(None, lines))
    assert ["", ""] not in [lines[i : i + 2] for i in range(len(lines))]


def test_a_terminal_gets_a_pager(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(pydoc, "pager", shown.append)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["docs", "files"]) == 0
    assert shown == [(docs.FOLDER / "files.md").read_text(encoding="utf-8")]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", [[], ["--browser"]])
def test_unknown_topic(refused, options):
    line = refused("docs", "regularisation", *options, code=2)
    assert line.startswith("TOPIC: expected one of getting-started, training, ")
    assert line.endswith("got 'regularisation'; did you mean 'regularization'?")
    assert "did you mean" not in refused("docs", "gpu", code=2)


@pytest.fixture
def opened(monkeypatch, tmp_path):
    """The addresses that a browser was given; its pages are in the test's folder."""
    addresses = []
    monkeypatch.setattr(webbrowser, "open", lambda address: addresses.append(address) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return addresses


def test_browser(opened, capsys):
    pytest.importorskip("markdown_it")
    assert main(["docs", "regularization", "--browser"]) == 0
    (address,) = opened
    page = Path(url2pathname(urlparse(address).path))
    assert capsys.readouterr().out == f"{page}\n"
    text = page.read_text(encoding="utf-8")
    assert "<title>Regularization, and when the loss blows up</title>" in text
    assert "<td>scikit-learn <code>MLPClassifier</code></td>" in text
    assert {path.stem for path in page.parent.iterdir()} == set(docs.topics())
    first = (page.parent / "getting-started.html").read_text(encoding="utf-8")
    assert '<a href="training.html">Training</a> has schedules' in first
    assert main(["docs", "--browser"]) == 0
    assert opened[1].endswith("/getting-started.html")


def test_pictures_are_those_of_the_checkout_or_their_names(tmp_path, monkeypatch):
    pages = tmp_path / "fastnn" / "docs"
    pages.mkdir(parents=True)
    monkeypatch.setattr(docs, "FOLDER", pages)
    body = '<img src="../../bench/one.png" alt="one &amp; two" />'
    assert docs._linked(body) == "<em>[one &amp; two]</em>"
    picture = tmp_path / "bench" / "one.png"
    picture.parent.mkdir()
    picture.touch()
    assert f'<img src="{picture.as_uri()}" alt="one &amp; two"' in docs._linked(body)


def test_without_the_library_it_says_how_to_get_it(refused, monkeypatch, opened):
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    line = refused("docs", "map", "--browser")
    assert line.startswith(
        "--browser: expected markdown-it-py to be installed: pip install 'fastnn"
    )
    assert opened == []


def test_without_a_browser_it_says_where_the_page_is(refused, monkeypatch, opened):
    pytest.importorskip("markdown_it")
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    line = refused("docs", "map", "--browser")
    assert line.startswith("--browser: expected to find a browser, found none; the page: ")
    assert Path(line.rpartition(" ")[2]).is_file()
