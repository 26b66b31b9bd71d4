"""The author's curves: the command that compares with them, on curves of three epochs."""

import json
import random
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CURVES = [[0.5, 0.25, 0.125], [70, 80, 90], [0.4, 0.2, 0.1], [7, 8, 9]]


@pytest.fixture
def curves(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from bench.book import curves

    return curves


@pytest.fixture
def author(curves):
    return curves.author


def changed(i, epoch, by):
    copy = [list(curve) for curve in CURVES]
    copy[i][epoch] += by
    return copy


def test_equal_curves(curves):
    assert curves.compare(CURVES, CURVES) == {
        "epochs": 3,
        "difference": 0.0,
        "parts": None,
        "accuracies": 6,
        "differing": 0,
        "first": None,
    }


@pytest.mark.parametrize("i", [1, 3])
@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_finds_the_first_accuracy_that_differs(curves, i, epoch):
    found = curves.compare(CURVES, changed(i, epoch, -1))
    assert (found["differing"], found["first"], found["parts"]) == (1, epoch, None)
    twice = changed(i, epoch, 1)
    twice[4 - i][2] += 1
    found = curves.compare(twice, CURVES)
    assert (found["differing"], found["first"]) == (2, epoch)


@pytest.mark.parametrize("i", [0, 2])
def test_finds_where_costs_part(curves, i):
    small = changed(i, 0, -1e-6)
    found = curves.compare(CURVES, small)
    assert found["difference"] == pytest.approx(1e-6)
    assert found["parts"] is None
    small[2 - i][1] += 2e-4
    small[i][2] += 1.0
    found = curves.compare(small, CURVES)
    assert found["difference"] == pytest.approx(1e-6)  # before they part
    assert found["parts"] == 1
    assert curves.compare(CURVES, changed(i, 1, float("nan")))["parts"] == 1
    assert curves.compare(CURVES, changed(i, 0, 1.0))["difference"] is None


def test_curves_that_were_not_published(curves):
    some = [[], [70, 80], [], []]
    found = curves.compare(some, [[], [70, 81], [], []])
    assert found["difference"] is None
    assert (found["epochs"], found["accuracies"], found["first"]) == (2, 2, 1)
    with pytest.raises(ValueError, match=r"expected curves of the same lengths, got \[0, 2, 0, 0"):
        curves.compare(some, CURVES)


def test_shuffles_as_python_2_only_within_the_context(author):
    todays = random.shuffle
    with author.as_the_author():
        order = list(range(10))
        random.shuffle(order)
        random.seed(author.SEED)
        expected = list(range(10))
        for i in (9, 8, 7, 6, 5, 4, 3, 2, 1):
            j = int(random.random() * (i + 1))
            expected[i], expected[j] = expected[j], expected[i]
    assert order == expected
    with pytest.raises(KeyError), author.as_the_author():
        raise KeyError
    assert random.shuffle == todays


def test_reads_all_forms_of_the_authors_files(author, tmp_path):
    path = tmp_path / "file.json"
    for content, expected in (
        (CURVES, [CURVES]),
        ([CURVES, CURVES], [CURVES, CURVES]),
        ({"default": CURVES, "large": CURVES}, [CURVES, CURVES]),
        ([69.09, 76.37], [([], [6909, 7637], [], [])]),
    ):
        path.write_text(json.dumps(content))
        assert author.published(path) == expected


@pytest.fixture
def tiny(curves, author, monkeypatch, tmp_path):
    """Two trainings of a few images, in the author's form, made by the book's code in NumPy."""
    lists = author.mnist_loader.load_data_wrapper()
    data = [samples[:40] for samples in lists]
    monkeypatch.setattr(author.mnist_loader, "load_data_wrapper", lambda: data)
    monkeypatch.setattr(
        author,
        "EXPERIMENTS",
        {
            "overfitting": author.overfitting(30, 3, 0.1),
            "overfitting_full": author.overfitting(40, 3, 0.0),
            "more_data": author.EXPERIMENTS["more_data"],
        },
    )
    folder = tmp_path / "fig"
    folder.mkdir()
    for name in ("overfitting", "overfitting_full"):
        content = author.train(name, author.PerSample)[""]
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_the_command(curves, tiny, tmp_path, capsys):
    content = json.loads((tiny / "overfitting_full.json").read_text())
    content[3][1] += 1
    (tiny / "overfitting_full.json").write_text(json.dumps(content))
    out, page = tmp_path / "new" / "curves.json", tmp_path / "fastnn" / "docs" / "book.md"
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- curves:begin -->\nold\n<!-- curves:end -->\nafter\n")
    curves.main([str(tiny), "--out", str(out), "--write", "--root", str(tmp_path)])
    first, second = json.loads(out.read_text())["rows"]
    assert (first["file"], first["disturbed"]) == ("overfitting", None)
    assert first["author"]["difference"] < 1e-13
    assert (first["author"]["accuracies"], first["author"]["differing"]) == (6, 0)
    assert (second["author"]["differing"], second["author"]["first"]) == (1, 1)
    assert 0 < second["disturbed"]["difference"] < 1e-12
    printed = capsys.readouterr().out
    assert "1 of 6, first at epoch 1 | 3 |" in printed
    assert page.read_text().startswith("before\n<!-- curves:begin -->\n\nfastnn beside the au")
    assert printed.strip() in page.read_text()
    curves.main(["--from", str(out)])
    assert capsys.readouterr().out == printed


def test_needs_files(curves, tmp_path):
    with pytest.raises(FileNotFoundError, match="expected files such as overfitting.json"):
        curves.measure(tmp_path)
    with pytest.raises(SystemExit):
        curves.main([])


def test_the_page_has_the_committed_figures(curves):
    """Written by the command, not by hand."""
    results = json.loads((curves.RESULTS / "curves.json").read_text())
    assert [row["file"] for row in results["rows"]].count("multiple_eta") == 3
    assert "\n".join(curves.markdown(results)) == curves.pages.read("curves")
