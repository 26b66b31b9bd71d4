"""The suite's cases of estimators: the jobs give the same with fastnn's and with scikit-learn's."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
from bench.suite import estimators, report, runner
from bench.suite.cases import CASES
from bench.suite.results import Results
from bench.suite.settings import Settings

ESTIMATES = {name: case for name, case in CASES.items() if case.kind == "estimate"}
QUICK = ["sklearn-lbfgs", "sklearn-one-row"]


def test_each_case_is_a_job():
    assert {case.stage for case in ESTIMATES.values()} == set(estimators.JOBS)
    for case in ESTIMATES.values():
        assert {case.ours, *case.peers} <= set(estimators.MODULES)


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_job_gives_the_same(name, monkeypatch):
    rng = np.random.default_rng(0)
    few = rng.random((2000, 784)) * (rng.random((2000, 784)) < 0.2), rng.integers(0, 10, 2000)
    monkeypatch.setattr(estimators, "_mnist", lambda: few)
    figures = []
    for competitor in ("fastnn.sklearn", "sklearn-mlp"):
        job = estimators.JOBS[ESTIMATES[name].stage](*estimators.module_of(competitor))
        job.run()
        figures.append(job.figures())
    np.testing.assert_allclose(*figures, rtol=1e-6)


def test_a_case_is_run_compared_and_shown():
    case = ESTIMATES["sklearn-lbfgs"]
    settings = Settings(threads=[1], rounds=2, quick=True)
    result = runner.run_case(case, settings)
    assert [m.status for m in result.measurements] == ["measured", "measured"]
    assert result.bars[0].reached > 0
    machine = {"cpu": "x", "cores": 1, "system": "s", "python": "3", "date": "2026-01-01"}
    machine["llvm_cpu"] = "x86-64-v3"
    page = "\n".join(report.markdown(Results(machine, vars(settings), [result])))
    assert "| sklearn-lbfgs: solver lbfgs on digits" in page


def test_whoever_differs_is_wrong(monkeypatch):
    case = ESTIMATES["sklearn-lbfgs"]
    found = [
        runner._Contestant(None, runner.Measurement(name, name, 1), {"figures": figures})
        for name, figures in (("fastnn.sklearn", [1.0, 2.0]), ("sklearn-mlp", [1.0, 2.1]))
    ]
    runner._compare_figures(case, found)
    assert [c.measurement.status for c in found] == ["wrong", "measured"]
