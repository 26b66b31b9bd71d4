"""The book's experiments: scripts that run, and a table that says what it compares."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ["overfitting", "learning_rate", "initial_weights", "hidden_layers"]


# As `python -m MODULE` in the checkout, but with the fastnn that is installed.
AS_MODULE = f"""
import runpy, sys
sys.path.append({str(ROOT)!r})
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def run(module, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", AS_MODULE, module, *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_draws(script, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "new" / "picture.png"
    printed = run(f"bench.book.{script}", "--quick", "--seeds", 2, "--out", picture)
    assert printed.splitlines() == [str(picture)]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_tables(tmp_path):
    file, page = tmp_path / "results.json", tmp_path / "fastnn" / "docs" / "book.md"
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- book:begin -->\nold\n<!-- book:end -->\nafter\n")
    printed = run("bench.book.tables", "--quick", "--seeds", 2, "--out", file)
    results = json.loads(file.read_text())
    assert all(len(v) == 2 for row in results["rows"] for v in row["accuracies"].values())
    again = run("bench.book.tables", "--from", file, "--write", "--root", tmp_path)
    assert again == printed
    text = page.read_text()
    assert text.startswith("before\n<!-- book:begin -->\n\nAccuracies in per cent over 2 seeds")
    assert text.endswith("\n\n<!-- book:end -->\nafter\n")
    assert "old" not in text
    assert printed.strip() in text
    for figure in ("95.42", "96.59", "97.92", "98.04", "96.90", "97.80", "0.012, 0.06, 0.283"):
        assert f" {figure} |" in text


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from bench.book import tables

    return tables


@pytest.mark.parametrize(
    ("epoch", "figures", "expected"),
    [
        ("best", {"best": [96.0, 97.0], "last": [90.0]}, "within"),
        ("best", {"best": [96.6, 97.0], "last": [90.0]}, "0.10 below"),
        ("last", {"best": [97.0], "last": [96.0, 96.25]}, "0.25 above"),
        ("not said", {"best": [96.6, 97.0], "last": [96.4, 96.7]}, "within"),
        ("not said", {"best": [96.2, 96.3], "last": [95.0, 96.0]}, "0.20 above"),
    ],
)
def test_verdict(tables, epoch, figures, expected):
    row = tables.ROWS[0].__class__(3, "", "", "96.50", 96.5, 96.5, epoch, "test", {})
    assert tables.verdict(row, figures) == expected


def test_rows_are_distinct_trainings_as_the_book_has_them(tables):
    rows = {(row.chapter, row.what): row for row in tables.ROWS}
    assert len(rows) == len(tables.ROWS)
    assert {row.chapter for row in tables.ROWS} == {1, 3, 5, 6}
    assert rows[1, "30 hidden, eta 3"].spec == {
        "sizes": [784, 30, 10],
        "cost": "quadratic",
        "initializer": "large",
        "l2": 0.0,
        "learning_rate": 3.0,
        "epochs": 30,
        "batch_size": 10,
    }
    assert rows[5, "4 layers of 30"].spec["sizes"] == [784, 30, 30, 30, 30, 10]


def test_the_page_has_the_committed_figures(tables):
    """Written by the command, not by hand."""
    results = json.loads((tables.RESULTS / "tables.json").read_text())
    assert "\n".join(tables.markdown(results)) == tables.pages.read("book")
