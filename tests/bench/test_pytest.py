"""`pytest bench`: which runs write the results file behind the README."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.suite.cases import CASES
from bench.suite.results import CaseResult, Measurement, Results
from bench.suite.settings import Settings


@pytest.fixture
def conftest(tmp_path, monkeypatch):
    file = Path(__file__).parents[2] / "bench" / "conftest.py"
    spec = importlib.util.spec_from_file_location("bench_conftest", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    return module


def end_of_a_run(conftest, names, *, quick=False, results=None, status="measured"):
    """The end of a run that measured these cases; returns the last line."""
    bench = conftest.Bench(quick, print)
    bench.settings = Settings((1,), quick=quick)
    for name in names:
        m = Measurement("fastnn", "fastnn", 1, values=[1.0])
        peer = Measurement("jax", "JAX", 1, status, values=[1.0])
        bench.results[CASES[name]] = CaseResult(name, name, "s", [m, peer])
    lines = []
    reporter = SimpleNamespace(section=lines.append, line=lines.append)
    config = SimpleNamespace(
        stash={conftest._BENCH: bench}, getoption={"--results": results}.__getitem__
    )
    conftest.pytest_terminal_summary(reporter, config)
    return lines[-1]


ALL = [name for name, case in CASES.items() if case.usual]


def test_whole_run_is_kept(conftest):
    assert "all figures" in end_of_a_run(conftest, ALL)
    (file,) = conftest.RESULTS.iterdir()
    assert [case.case for case in Results.read(file).cases] == ALL


@pytest.mark.parametrize(
    ("names", "how", "reason"),
    [
        (ALL[1:], {}, f"not all cases, {ALL[0]} for one"),
        (ALL, {"quick": True}, "a quick run"),
        (ALL, {"status": "missing"}, "JAX is not installed"),
    ],
)
def test_lesser_run_is_kept_where_asked_only(conftest, tmp_path, names, how, reason):
    assert reason in end_of_a_run(conftest, names, **how)
    assert not conftest.RESULTS.exists()
    file = tmp_path / "mine.json"
    assert "mine.json" in end_of_a_run(conftest, names, results=file, **how)
    assert len(Results.read(file).cases) == len(names)
    assert not conftest.RESULTS.exists()
