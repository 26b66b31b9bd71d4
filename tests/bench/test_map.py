"""The map: fastnn beside the best peer over hidden sizes, mini-batches and densities."""

import json
from dataclasses import replace

import pytest

from bench import readme
from bench.__main__ import main
from bench.suite import atlas, grid
from bench.suite.grid import Cell, Map
from bench.suite.process import WorkerError
from bench.suite.results import write
from bench.suite.settings import Settings

MACHINE = {
    "cpu": "A CPU",
    "llvm_cpu": "znver9",
    "cores": 2,
    "system": "Linux x86_64",
    "python": "3.12.0",
    "date": "2026-01-31T10:00:00+00:00",
}
SETTINGS = Settings((1,), rounds=2)


@pytest.fixture
def small(monkeypatch):
    """A map of a few cells, on which NumPy stands for fastnn, so that nothing is compiled."""
    for name, values in {"DENSITIES": (0.5, 1.0), "HIDDEN": (4,), "BATCHES": (10, 20)}.items():
        monkeypatch.setattr(grid, name, values)
    monkeypatch.setattr(grid, "_EPOCH_SECONDS", 1e-6)
    monkeypatch.setattr(grid, "_TURN_SECONDS", 0.001)
    monkeypatch.setattr(grid, "OURS", ("numpy",))
    monkeypatch.setattr(grid, "_COMPETITORS", ("numpy", "loop"))


def measured(cells=()):
    run, kept = Map(MACHINE, SETTINGS.as_json(), cells=list(cells)), []
    grid.run_grid(run, SETTINGS, lambda text: None, lambda: kept.append(len(run.cells)))
    return run, kept


def test_measures(small):
    run, kept = measured()
    assert [(c.optimizer, c.batch_size, c.density) for c in run.cells] == [
        (optimizer, m, d) for optimizer in ("sgd", "adam") for m in (10, 20) for d in (0.5, 1.0)
    ]
    assert kept == [2, 4, 6, 8]
    assert all(cell.ratio > 1 for cell in run.cells[:4])
    # the loop has no Adam
    assert all(list(cell.seconds) == ["numpy"] and cell.ratio is None for cell in run.cells[4:])
    assert "plain descent" in run.cells[4].lacks["loop"]
    assert "numpy" in run.versions


def test_resumes(small):
    whole, _ = measured()
    old = [replace(cell, seconds={"numpy": 1.0}) for cell in whole.cells[:3]]
    run, kept = measured(old)
    assert run.cells[:3] == old
    assert sorted(c.place for c in run.cells) == sorted(c.place for c in whole.cells)
    assert kept == [3, 4, 6, 8]


class Calm:
    """A worker that answers at once."""

    def __init__(self, cost):
        self.cost = cost

    def ask(self, command, **request):
        if self.cost is None:
            raise WorkerError("missing", "No module named 'jax'")
        about = {"versions": {}}
        return {"variant": "", "cost": self.cost, "about": about, "seconds": 0.1}


def test_wrong_costs_are_not_timed():
    cell = Cell("sgd", 1, 1024, 128, 1.0)
    costs = {"fastnn": 1.0, "numpy": 1.001, "torch": float("nan"), "jax": None}
    grid._measure(cell, {name: Calm(cost) for name, cost in costs.items()}, {}, 2, dict)
    assert set(cell.seconds) == {"fastnn", "numpy"}
    assert cell.lacks["torch"].startswith("a cost of nan")
    assert cell.lacks["jax"] == "No module named 'jax'"


def test_threads_meet_in_each_round():
    cell, met = Cell("sgd", 2, 1024, 128, 1.0), iter([90.0, 300.0, 100.0])
    grid._measure(cell, {"fastnn": Calm(1.0)}, {}, 3, lambda: {2: [next(met)]})
    assert cell.meetings == [90, 300, 100]


def test_all_mini_batches_are_whole():
    for first, *_ in grid._groups(1):
        task = grid._task(first)
        assert task.rows % task.batch_size == 0
        assert task.rows >= 2 * task.batch_size


CELLS = [
    Cell("sgd", 1, 16, 10, 0.2, 10, {"fastnn": 1.0, "numpy": 3.0, "jax": 2.5}),
    Cell("sgd", 1, 16, 10, 1.0, 10, {"fastnn": 1.0, "numpy": 30.0, "jax": 12.0}),
    Cell("sgd", 1, 16, 32, 0.2, 10, {"fastnn": 1.0, "numpy": 3.0, "jax": 0.5}),
    Cell("sgd", 1, 16, 32, 1.0, 10, {"numpy": 3.0}, {}, {"fastnn": "ended with 1"}),
]
MAP = Map(MACHINE, SETTINGS.as_json(), {"jax": "1.2"}, CELLS)


def test_text_names_the_cells_that_are_lost():
    text = "\n".join(atlas.map_lines(MAP))
    assert "with 20%, 100% of the inputs not zero" in text
    assert "2.5/12" in text
    assert "Of 3 cells, the best peer is faster in 1:" in text
    place = "sgd, 1 thread, 16 hidden, batch 32"
    assert f"{place}, 20% not zero: JAX, jitted scan, 2.00 x" in text
    assert f"{place}, 100% not zero: fastnn is left out: ended with 1" in text
    won = "\n".join(atlas.map_lines(replace(MAP, cells=CELLS[:1])))
    assert "No cell of 1 where the best peer is faster." in won


def test_text_tells_what_threads_took_to_meet():
    two = replace(CELLS[2], threads=2, meetings=[90.0, 100.0, 300.0])
    other = replace(two, hidden=64, meetings=[80.0, 95.0])
    text = "\n".join(atlas.map_lines(replace(MAP, cells=[*CELLS, two, other])))
    assert "cross-entropy, 2 threads, met in 95 ns (median; 80 to 300)\n" in text
    assert "- sgd, 2 threads, met in 100 ns, 16 hidden, batch 32, 20% not zero: JAX" in text
    assert "cross-entropy, 1 thread\n" in text


def test_a_narrow_loss_does_not_look_like_a_draw():
    assert [atlas.short(r) for r in (0.996, 0.5, 1.04, 2.34, 12.3, None)] == [
        "0.99",
        "0.50",
        "1.04",
        "2.3",
        "12",
        "–",
    ]


def test_the_page_gets_the_map(tmp_path):
    page, figures = tmp_path / "fastnn" / "docs" / "map.md", tmp_path / "map.json"
    page.parent.mkdir(parents=True)
    write(figures, MAP)
    assert Map.read(figures) == MAP
    assert json.loads(figures.read_text())["cells"][0]["ratio"] == 2.5
    page.write_text("before\n<!-- map:begin -->\n<!-- map:end -->\nafter\n")
    readme.main([str(figures), "--root", str(tmp_path)])
    text = page.read_text()
    assert text.startswith("before\n<!-- map:begin -->\n")
    assert text.endswith("<!-- map:end -->\nafter\n")
    assert "| 16 | 2.5 · 12 | **0.50** · – |" in text
    assert "jax 1.2" in text


def test_picture(tmp_path):
    pytest.importorskip("matplotlib")
    from bench.suite import chart

    chart.draw_map(MAP, tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_command(small, tmp_path, capsys):
    file = tmp_path / "map.json"
    arguments = ["--grid", "--peers", "loop", "--threads", "1", "--json", str(file)]
    assert main(arguments) == 0
    assert "Plain descent with L2" in capsys.readouterr().out
    first = Map.read(file)
    assert main([*arguments, "--resume"]) == 0
    assert Map.read(file) == first
    assert main([*arguments, "--resume", "--peers", "numpy"]) == 1
    assert "other settings" in capsys.readouterr().err
    assert Map.read(file) == first


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--grid", "--cases", "wide"], "--grid: expected neither --cases nor --quick"),
        (["--resume"], "--resume: expected --json FILE"),
        (["--grid", "--resume", "--json", "-"], "--resume: expected --json FILE"),
    ],
)
def test_refused(arguments, expected, capsys):
    assert main([*arguments]) == 2
    assert expected in capsys.readouterr().err
