"""The table of exports: what is written, runs, and the figures arrive on the page."""

import json
import shutil

import pytest

import fastnn
from bench import exports, pages
from fastnn.datasets import load_mnist


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """The figures of a network that has learned little, on few images."""
    x, y, x_test, y_test = load_mnist()
    net = fastnn.Network([784, 8, 10], "relu", "log_likelihood", seed=0)
    net.fit(x[:5000], y[:5000], epochs=1, batch_size=16, learning_rate=0.1)
    right = round(net.evaluate(x_test[:300], y_test[:300]).accuracy * 300)
    assert 100 < right < 300
    folder = tmp_path_factory.mktemp("exports")
    return right, exports.measure(net, folder, x_test[:300], y_test[:300], count=20, rounds=2)


def test_each_kind_that_is_here_is_measured(lines):
    right, lines = lines
    assert [line["file"] for line in lines] == [
        kind.what for kind in exports.KINDS if not kind.missing()
    ]
    for line in lines:
        assert line["bytes"] > 4 * 784 * 8 / (4 if "int8" in line["file"] else 1)
        if line["run_by"]:
            assert 0 < line["microseconds"] < 1e5
            assert line["rows"] == 300
            assert abs(line["right"] - right) <= (9 if "int8" in line["file"] else 0)


def test_what_is_not_here_is_left_out_and_said(lines, tmp_path, monkeypatch, capsys):
    kinds = [exports.KINDS[0], exports.KINDS[1]._replace(package="no_such_package")]
    monkeypatch.setattr(exports, "KINDS", [*kinds, kinds[0]._replace(program="no-such-program")])
    _, _, x, y = load_mnist()
    net = fastnn.Network([784, 10], cost="log_likelihood", seed=0)
    found = exports.measure(net, tmp_path, x[:9], y[:9], count=2, rounds=1)
    assert [line["file"] for line in found] == ["fastnn's own"]
    told = capsys.readouterr().err.splitlines()
    assert [line.rpartition(" ")[2] for line in told] == ["no_such_package", "no-such-program"]


def test_the_page_is_written_from_the_figures(lines, tmp_path, capsys):
    page = tmp_path / pages.PAGES["exports"]
    page.parent.mkdir(parents=True)
    shutil.copy(pages.ROOT / pages.PAGES["exports"], page)
    file = tmp_path / "figures.json"
    about = {"cpu": "Abacus", "llvm_cpu": "beads", "date": "2026-11-29T12:00:00"}
    settings = {"network": "784-8-10", "rounds": 2, "rows": 20}
    file.write_text(json.dumps({"machine": about, "settings": settings, "exports": lines[1]}))
    exports.main([str(file), "--root", str(tmp_path)])
    part = pages.read("exports", tmp_path).splitlines()
    assert part == capsys.readouterr().out.splitlines()
    assert part[2].startswith(f"| fastnn's own | {lines[1][0]['bytes']:,} | ")
    assert part[2].endswith(f", fastnn's `predictor` | {lines[1][0]['right'] / 300:.2%} |")
    assert (
        "(784-8-10; one thread, medians of 2 interleaved rounds; Abacus (beads), 2026" in part[-1]
    )
