"""What is measured is the fastnn that is installed, wherever a run is started."""

from pathlib import Path

import pytest

from bench.suite import features, starts
from bench.suite.process import Worker

TASK = {
    "data": "made up density 0.5",
    "rows": 20,
    "sizes": [784, 3, 10],
    "activation": "sigmoid",
    "cost": "cross-entropy",
    "batch_size": 10,
    "learning_rate": 0.1,
}


@pytest.fixture
def another_checkout(tmp_path, monkeypatch):
    """A folder with a package fastnn that must not be imported."""
    (tmp_path / "fastnn").mkdir()
    (tmp_path / "fastnn" / "__init__.py").write_text("raise SystemExit('the checkout')")
    monkeypatch.chdir(tmp_path)


def test_by_workers(another_checkout):
    with Worker("loop", 1, Path()) as worker:
        answer = worker.ask("prepare", name="loop", task=TASK, check_epochs=1, variant="first")
    assert answer["cost"] > 0


@pytest.mark.parametrize("run_program", [starts.run_program, features.run_program])
def test_by_programs(another_checkout, tmp_path, run_program):
    cache = tmp_path / "cache"
    cache.mkdir()
    program = "import fastnn; print(fastnn.__file__)"
    assert str(tmp_path) not in run_program(["-c", program], cache)
