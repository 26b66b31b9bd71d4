"""The runner: checks before it times, compares with bars, reports what is missing."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bench import readme
from bench.suite import meeting, report, roofline, runner
from bench.suite.case import Bar, Case
from bench.suite.cases import CASES
from bench.suite.machine import slug
from bench.suite.process import Worker, WorkerError
from bench.suite.results import BarResult, CaseResult, Measurement, Results, write
from bench.suite.settings import Settings
from bench.suite.task import Task

TASK = Task(
    "mnist", 100, (784, 5, 10), "sigmoid", "cross-entropy", batch_size=10, learning_rate=0.5, l2=5.0
)
# NumPy stands for fastnn here, so that nothing has to be compiled.
CASE = Case(
    name="small",
    title="a small case",
    kind="train",
    unit="s / epoch",
    task=TASK,
    ours="numpy",
    peers=("loop",),
    bars=(),
    cost_tolerance=1e-4,
)
ONE_THREAD = Settings((1,), rounds=2)


def ask_prepare(worker, **changes):
    request = {"name": worker.competitor, "check_epochs": 1, "variant": "first", **changes}
    return worker.ask("prepare", task=TASK.as_json(), **request)


def test_case_is_checked_and_timed():
    told = []
    measurements = runner.run_case(CASE, ONE_THREAD, told.append).measurements
    assert [m.status for m in measurements] == ["measured", "measured"]
    numpy, loop = measurements
    assert len(numpy.values) == len(loop.values) == 2
    assert 0 < numpy.median < loop.median
    assert numpy.cost == pytest.approx(loop.cost, rel=1e-4)
    assert numpy.variant in numpy.trials
    assert numpy.about["threads"] == 1
    assert any("round 2" in text for text in told)


@pytest.mark.parametrize("kind", ["train", "predict"])
def test_threads_meet_in_each_round(kind):
    case = replace(CASE, kind=kind, rows=3, peers=())
    one, two = runner.run_case(case, Settings((1, 2), rounds=3)).measurements
    assert one.meetings == []
    assert len(two.meetings) == len(two.values) == 3
    assert min(two.meetings) > 1


def test_a_fastnn_whose_threads_meet_otherwise(tmp_path, monkeypatch):
    (tmp_path / "numba.py").write_text("raise ImportError('no Numba')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (m,) = runner.run_case(replace(CASE, peers=()), Settings((2,), rounds=1)).measurements
    assert (len(m.values), m.meetings) == (1, [])


def test_a_meeting_is_one_of_all():
    """Each has come as often as all others, whenever one goes on."""
    assert [meeting._team(threads, 50) for threads in (1, 2, 3)] == [50] * 3


def test_prediction_is_checked_and_timed():
    case = replace(CASE, kind="predict", rows=3, unit="us", scale=1e6)
    measurements = runner.run_case(case, ONE_THREAD).measurements
    assert [m.status for m in measurements] == ["measured", "measured"]
    assert all(len(m.values) == 2 for m in measurements)


def test_reaching_an_accuracy():
    case = replace(CASE, kind="reach", accuracy=0.3, seeds=2, unit="s", peers=())
    (m,) = runner.run_case(case, ONE_THREAD).measurements
    assert (m.status, len(m.values), len(m.accuracies)) == ("measured", 2, 2)
    assert m.accuracies[0] != m.accuracies[1]  # two seeds


def test_accuracy_out_of_reach():
    case = replace(CASE, kind="reach", accuracy=1.0, seeds=2, unit="s", peers=())
    (m,) = runner.run_case(case, ONE_THREAD).measurements
    assert (m.status, m.values) == ("failed", [])
    assert m.reason == f"an accuracy of {np.median(m.accuracies):.2%}, median of 2 seeds"


def test_memory_of_a_new_process():
    case = replace(CASE, kind="memory", unit="MB", scale=1e-6, peers=())
    (m,) = runner.run_case(case, Settings((1,), rounds=1)).measurements
    if m.status == "measured":  # some systems don't tell
        assert 100 < m.median < 1000  # MNIST as float32 alone is 220


def test_wrong_results_are_not_timed():
    class Contestant:
        def __init__(self, cost):
            self.measurement = Measurement("x", "x", 1, cost=cost)

    all_ = [Contestant(cost) for cost in (1.0, 1.00001, 1.1, math.nan, None)]
    runner._compare_costs(CASE, all_)
    states = [c.measurement.status for c in all_]
    assert states == ["measured", "measured", "wrong", "wrong", "measured"]
    assert "1.1 after" in all_[2].measurement.reason


def test_library_that_is_missing(tmp_path, monkeypatch):
    lacking = "raise ModuleNotFoundError(\"No module named 'jax'\", name='jax')"
    (tmp_path / "jax.py").write_text(lacking)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    case = replace(CASE, peers=("jax",), bars=(Bar("jax", 2), Bar("best", 2)))
    result = runner.run_case(case, ONE_THREAD)
    numpy, jax = result.measurements
    assert (numpy.status, jax.status) == ("measured", "missing")
    assert "No module named 'jax'" in jax.reason
    assert [bar.met for bar in result.bars] == [None, None]


def test_worker_answers_errors_and_goes_on():
    with Worker("loop", 1, Path()) as worker:
        with pytest.raises(WorkerError) as error:
            worker.ask(
                "prepare",
                name="loop",
                task={**TASK.as_json(), "cost": "log-likelihood"},
                check_epochs=1,
                variant="fastest",
            )
        assert error.value.status == "unsupported"
        assert ask_prepare(worker)["cost"] > 0


def test_worker_that_is_killed():
    with Worker("loop", 1, Path()) as worker:
        ask_prepare(worker)
        os.kill(worker._process.pid, signal.SIGKILL)
        with pytest.raises(WorkerError, match="ended with") as error:
            worker.ask("train", epochs=1)
        assert error.value.status == "failed"


def state_of(pid):
    """R, S, T (stopped), Z ..., or None for no process; see proc(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are only told to wait")
def test_idle_workers_are_stopped():
    with Worker("loop", 1, Path()) as worker:
        for _ in range(2):
            ask_prepare(worker)
            wait_until(lambda: state_of(worker._process.pid) == "T")
        pid = worker._process.pid
    wait_until(lambda: state_of(pid) in (None, "Z"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are never stopped")
def test_stopped_workers_end_with_a_killed_parent():
    program = """
import os, signal
from pathlib import Path
from types import SimpleNamespace
from test_runner import Worker, ask_prepare
worker = Worker("loop", 1, Path())
ask_prepare(worker)
print(worker._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    folders = [str(Path(__file__).parent), str(Path(report.__file__).parents[2])]
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
    )
    assert done.returncode == -signal.SIGKILL
    wait_until(lambda: state_of(int(done.stdout)) in (None, "Z"))


def test_peers_do_not_import_numba():
    with Worker("numpy", 1, Path()) as worker:
        answer = ask_prepare(worker)
        maps = Path(f"/proc/{worker._process.pid}/maps")
        if not maps.exists():
            pytest.skip("no /proc")
        assert "llvmlite" not in maps.read_text()
    assert answer["about"]["threads"] == 1


def measurement(name, threads, *values, **more):
    return Measurement(name, name, threads, values=list(values), **more)


def made_up(bars=(), peers=("numpy", "jax", "torch")):
    case = replace(CASES["modern"], bars=tuple(bars), peers=peers)
    measurements = [
        measurement("fastnn", 1, 0.4, 0.5, 0.6, first=9.0, cost=0.2),
        measurement("numpy", 1, 1.0),
        measurement("jax", 1, 0.25, first=3.0),
        measurement("fastnn", 2, 0.2, meetings=[170.0, 190.0, 183.0]),
        measurement("numpy", 2, 2.0, meetings=[170.0, 190.0]),
        Measurement("torch", "PyTorch eager", 2, "missing", "No module named 'torch'"),
    ]
    result = CaseResult(case.name, case.title, case.unit, measurements)
    result.bars = [runner._judge(bar, case, result) for bar in case.bars]
    return result


def test_bars():
    found = made_up([Bar("best", 1), Bar("best", 2), Bar("numpy", 5), Bar("torch", 5)]).bars
    # all cores of fastnn, 0.2, against each peer at its best: JAX 0.25, NumPy 1.0 on one thread
    assert [bar.reached for bar in found] == [pytest.approx(1.25)] * 2 + [pytest.approx(5), None]
    # nobody knows how fast PyTorch would have been
    assert [bar.met for bar in found] == [None, False, True, None]
    assert report.verdict(found[0]).endswith("1.25 beside those measured, not decided")
    (bar,) = made_up([Bar("best", 1)], peers=("numpy", "jax")).bars
    assert bar.met
    # one thread of each: 0.5 against JAX 0.25
    (bar,) = made_up([Bar("best", 0.5, one_thread=True)], peers=("numpy", "jax")).bars
    assert (report.verdict(bar), bar.met) == ("0.5 x the best peer on one thread: 0.500, met", True)
    (limit,) = made_up([Bar(limit=0.1)]).bars
    assert (limit.reached, limit.met) == (0.2, False)


def test_median_and_spread():
    m = measurement("numpy", 1, 3.0, 1.0, 2.0, 4.0, 100.0)
    assert (m.median, m.spread) == (3.0, pytest.approx(2 / 3))


def results():
    machine = {
        "cpu": "A CPU",
        "llvm_cpu": "znver9",
        "cores": 2,
        "system": "Linux x86_64",
        "python": "3.12.0",
        "date": "2026-01-31T10:00:00+00:00",
    }
    settings = Settings((1, 2)).as_json()
    alone = CaseResult("import", "import it", "s", [measurement("fastnn", 2, 0.1)])
    alone.bars = [BarResult("at most 0.2 s", 0.2, 0.1, True)]
    return Results(machine, settings, [made_up([Bar("best", 2)]), alone])


def test_text():
    found = [line for case in results().cases for line in report.case_lines(case)]
    lines = [" ".join(line.split()) for line in found]
    assert "jax 1 thread 0.250 +-0% 0.500 x first +3.00 s" in lines  # a loss is shown
    assert "numpy 2 threads, met in 180 ns 2.00 +-0% 10.0 x" in lines
    assert "PyTorch eager: missing, No module named 'torch'" in lines
    assert "bar: 2 x the best peer: 1.25, MISSED" in lines
    assert "bar: at most 0.2 s: 0.100, met" in lines


def test_markdown():
    lines = report.markdown(results(), "chart.png")
    (one, two) = (line.split(" | ") for line in lines if "| s / epoch |" in line)
    assert one[3:7] == ["0.500 ± 10%", "1.00 ± 0%", "**0.250 ± 0%**", "0.500"]
    assert [one[2], two[2]] == ["1", "2, met in 183 ns"]
    assert two[3:7] == ["**0.200 ± 0%**", "2.00 ± 0%", "–", "10.0"]
    assert "![How many times faster fastnn is than each peer](chart.png)" in lines
    assert "- modern, 1 thread: jax, 2.00 x" in lines  # the only loss
    assert sum(line.startswith("- modern, ") for line in lines) == 1
    assert any("import it" in line and "met" in line for line in lines)
    assert any("missing, No module named 'torch'" in line for line in lines)
    assert not any("|" in line and line.count("|") != lines_columns(lines, line) for line in lines)


def lines_columns(lines, line):
    """Bars of the head of the table that a line belongs to."""
    first = lines.index(line)
    while first > 0 and lines[first - 1].startswith("|"):
        first -= 1
    return lines[first].count("|")


def test_results_file(tmp_path):
    path = tmp_path / "results" / f"{slug(results().machine)}.json"
    assert path.name == "a-cpu-znver9-2-cores-2026-01-31.json"
    write(path, results())
    assert Results.read(path) == results()
    stored = json.loads(path.read_text())
    assert stored["cases"][0]["measurements"][0]["median"] == 0.5
    for m in stored["cases"][0]["measurements"]:
        del m["meetings"]  # as in files from before they were measured
    path.write_text(json.dumps(stored))
    assert [m.meetings for m in Results.read(path).cases[0].measurements] == [[]] * 6


def test_pages_are_written_between_their_markers(tmp_path):
    figures, page = tmp_path / "figures.json", tmp_path / "README.md"
    tables = tmp_path / "fastnn" / "docs" / "speed.md"
    tables.parent.mkdir(parents=True)
    write(figures, results())
    for file, part in (tables, "bench"), (page, "figures"):
        file.write_text(f"before\n<!-- {part}:begin -->\n<!-- {part}:end -->\nafter\n")
    for _ in range(2):  # the second time over the first one's lines
        readme.main([str(figures), "--root", str(tmp_path)])
        for file, part in (tables, "bench"), (page, "figures"):
            text = file.read_text()
            assert text.startswith(f"before\n<!-- {part}:begin -->\n")
            assert text.endswith(f"<!-- {part}:end -->\nafter\n")
            assert text.count("A CPU") == (2 if file == tables else 1)  # its heading, too
    tables.write_text("no markers")
    with pytest.raises(SystemExit, match="expected <!-- bench:begin -->"):
        readme.main([str(figures), "--root", str(tmp_path)])
    assert tables.read_text() == "no markers"


def test_each_level_has_its_table_and_the_usual_one_the_readme(tmp_path):
    files = []
    for level, cpu in {"x86-64-v4": "A CPU", "x86-64-v3": "Another"}.items():
        run = results()
        run.machine |= {"cpu": cpu, "llvm_cpu": level, "cpu_level": level}
        files.append(tmp_path / f"{level}.json")
        write(files[-1], run)
    text = "\n".join(readme.part("bench", files, tmp_path))
    sections = text.split("## ")[1:]
    heads = ["A CPU (everyone held to x86-64-v4)", "Another (everyone held to x86-64-v3)"]
    assert [section.partition("\n")[0] for section in sections] == heads
    assert all(section.count("| s / epoch |") == 2 for section in sections)
    assert readme.figures(files) == readme.figures(files[1:])
    assert readme.figures(files)[-1].startswith(f"({heads[1]}, at most 2 threads")
    assert readme.figures(files[:1])[-1].startswith(f"({heads[0]}, ")


def test_chart(tmp_path):
    pytest.importorskip("matplotlib")
    from bench.suite import chart

    chart.draw(results(), tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    empty = Results(results().machine, results().settings, [])
    with pytest.raises(ValueError, match="chart: expected"):
        chart.draw(empty, tmp_path / "none.png")


def test_needs_by_hand(monkeypatch):
    monkeypatch.setattr(roofline, "_density", lambda data, rows, m: (0.25, 0.5))
    task = Task("mnist", 100, (8, 4, 2), "relu", "log-likelihood", 10, 0.1, "adam")
    needed = roofline.needs(replace(CASE, task=task))
    # 32 weights in layer 1 (forward and gradient), 8 in layer 2 (and the error pulled back)
    assert needed.dense_operations == 100 * (4 * 32 + 6 * 8)
    assert needed.operations == 100 * (4 * 32 / 4 + 6 * 8)
    # 46 parameters of 4 bytes, each with two moments, read and written in 10 updates
    assert needed.working_set == 46 * 4 * 3
    assert needed.traffic == 10 * 2 * 46 * 4 * 3
    # momentum remembers one number for each
    needed = roofline.needs(replace(CASE, task=replace(task, optimizer="nesterov")))
    assert needed.traffic == 10 * 2 * 46 * 4 * 2
    # plain descent leaves the weights of half the inputs alone
    needed = roofline.needs(replace(CASE, task=replace(task, optimizer="sgd")))
    assert needed.traffic == 10 * 2 * (46 - 16) * 4
    needed = roofline.needs(replace(CASE, kind="predict", task=task, rows=5))
    assert needed.operations == 5 * 2 * (32 / 4 + 8)
    assert needed.traffic == (46 - 16) * 4
    assert roofline.needs(CASES["import"]) is None


def test_density_of_rows_and_of_mini_batches():
    density, touched = roofline._density("made up density 0.1", 200, 10)
    assert density == pytest.approx(0.1, rel=0.05)
    assert touched == pytest.approx(1 - 0.9**10, rel=0.05)


def test_beside_plain_descent():
    """A case's `beside` is timed in the same rounds, and its cost is not compared."""
    case = replace(CASE, beside=replace(TASK, learning_rate=9.0), bars=(Bar("plain", 0.6),))
    result = made_up_beside(case)
    assert result.bars[0].reached == pytest.approx(0.8)  # at all cores: 0.16 / 0.2
    assert result.bars[0].met
    lines = report.markdown(Results(results().machine, results().settings, [result]))
    assert any("| 2 | 0.200 ± 0% | 80% | 0.500 | 2.50 |" in line for line in lines)
    contestants = [
        SimpleNamespace(measurement=Measurement(name, name, 1, cost=cost))
        for name, cost in (("fastnn", 1.0), ("plain", 7.0), ("jax", 1.0))
    ]
    runner._compare_costs(case, contestants)
    assert {c.measurement.status for c in contestants} == {"measured"}


def made_up_beside(case):
    measurements = [
        measurement("fastnn", 1, 0.3),
        measurement("plain", 1, 0.1),
        measurement("fastnn", 2, 0.2),
        measurement("plain", 2, 0.16),
        measurement("jax", 2, 0.5),
    ]
    result = CaseResult(case.name, case.title, case.unit, measurements)
    result.bars = [runner._judge(bar, case, result) for bar in case.bars]
    return result


def test_best_peer_is_not_fastnn_itself():
    case = replace(CASE, beside=TASK, peers=("jax",), bars=(Bar("best", 2),))
    assert made_up_beside(case).bars[0].reached == pytest.approx(2.5)


def test_cases_are_complete():
    for name, case in CASES.items():
        assert name == case.name
        assert case.bars
        assert (case.task is None) == (case.kind in ("alone", "estimate"))
        assert " " not in name  # they are arguments, and `pytest -k` takes them
