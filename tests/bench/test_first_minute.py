"""`python -m bench.first_minute`, without installing or measuring anything."""

import json
import os
import sys
from pathlib import Path

import pytest

from bench.first_minute import __main__ as command
from bench.first_minute import turns
from bench.first_minute.figures import FIGURES, Figure, Subject, first_command, measure
from bench.first_minute.fresh import Done, Fresh, NotMeasuredError, copy_of
from bench.first_minute.turns import Comparison

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(tmp_path):
    """As it is but for the environment, which takes seconds to make."""
    made = Fresh.__new__(Fresh)
    made.folder, made.variables, made.installed = tmp_path, {"FASTNN_KERNELS": "compiled"}, 1.0
    made._bin, made.python = tmp_path / "venv" / "bin", Path(sys.executable)
    return made


class Answering:
    """A fresh environment whose programs print this, one after the other."""

    def __init__(self, *printed):
        self.printed, self.homes = iter(printed), []

    def new_home(self):
        self.homes.append(len(self.homes))
        return self.homes[-1]

    def script(self, name):
        return name

    def program(self, text, home=None):
        return self.run(text, home)

    def run(self, words, home, **_):
        printed = next(self.printed)
        if isinstance(printed, Exception):
            raise printed
        return Done(json.dumps(printed), 100.0, 2.0)


def test_the_first_command_is_the_readmes():
    parts = first_command((ROOT / "README.md").read_text(encoding="utf-8"))
    assert parts == ["pip install .", "fastnn train mnist"]
    with pytest.raises(NotMeasuredError, match="pip install"):
        first_command("nothing\n```\nfastnn info\n```\n")


def test_bars():
    row = Figure("wait", "s", 0.6, [0.5, 9.0, 0.6])
    assert (row.value, row.met) == (0.6, True)
    row.require("Numba not imported", True)
    row.require("Numba not imported", False)
    row.require("Numba not imported", True)
    assert row.met is False
    assert Figure("wait", "s", 0.6, [0.7]).met is False
    assert Figure("wait", "s", 0.6).met is None
    assert Figure("wait", "s", 0.6, [0.5], reason="it failed later").met is None
    assert Figure("wait", "s", None, [0.5]).met is None


def test_a_first_fit_counts_from_the_process_start_and_tells_of_numba():
    answers = Answering([100.4, []], [101.0, ["numba", "llvmlite"]], [100.5, []])
    (row,) = measure("first-fit", Subject(answers, None, None, 3))
    assert row.values == pytest.approx([0.4, 1.0, 0.5])
    assert row.value < row.bar
    assert row.also == {"Numba not imported": False, "llvmlite not imported": False}
    assert row.met is False


def test_what_fails_has_a_reason_and_no_figure():
    answers = Answering(0.2, NotMeasuredError("no such module"))
    (row,) = measure("loading", Subject(answers, None, None, 2))
    assert (row.values, row.reason, row.met) == ([0.2], "no such module", None)
    rows = measure("readme", Subject(Answering(), None, None, 2))
    assert all(row.values == [] and "checkout" in row.reason for row in rows)
    (row,) = measure("wheel", Subject(Answering(), None, None, 1))
    assert "no wheel" in row.reason
    lines = command.table([row, *rows])
    assert all("not measured: " in line for line in lines[2:])
    assert not any("MISSED" in line for line in lines)


@pytest.mark.parametrize("name", FIGURES)
def test_each_names_its_figures_also_where_all_fails(name, fresh):
    fresh.run = lambda *_, **__: (_ for _ in ()).throw(NotMeasuredError("nothing runs"))
    rows = measure(name, Subject(fresh, None, None, 1))
    assert rows
    assert all(row.reason for row in rows)


def test_table():
    rows = [Figure("a", "s", 1.0, [0.5, 0.4]), Figure("b", "MB", 15.0, [1234.5], {"x": False})]
    assert command.table(rows)[2:] == [
        "| a | 0.45 s | 0.4 0.5 | 1 s | met |",
        "| b (x: NOT SO) | 1,234 MB | 1,234 1,234 | 15 MB | MISSED |",
    ]


def test_processes_see_no_compiler_and_nothing_cached(fresh, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org")
    home = fresh.new_home()
    assert list(home.iterdir()) == []
    seen = json.loads(
        fresh.program("import os, json; print(json.dumps(dict(os.environ)))", home).out
    )
    assert seen["PATH"] == str(fresh._bin)
    assert seen["HOME"] == str(home)
    assert seen["FASTNN_KERNELS"] == "compiled"
    assert not any(name.startswith(("NUMBA", "PIP")) for name in seen)
    installing = fresh.environment(home, installing=True)
    assert installing["PATH"].split(os.pathsep)[1:] == os.environ["PATH"].split(os.pathsep)
    assert installing["PIP_INDEX_URL"] == "https://example.org"


def test_a_process_that_fails_says_why(fresh):
    with pytest.raises(NotMeasuredError, match="ZeroDivisionError"):
        fresh.program("1 / 0")
    with pytest.raises(NotMeasuredError, match="No such file"):
        fresh.run([str(fresh.folder / "nothing")], fresh.new_home())


def test_a_copy_is_what_git_knows(tmp_path):
    copied = copy_of(ROOT, tmp_path)
    assert (copied / "README.md").read_bytes() == (ROOT / "README.md").read_bytes()
    assert (copied / "fastnn" / "__init__.py").exists()
    assert not list(copied.rglob("__pycache__"))
    assert not (copied / ".git").exists()


def test_a_comparison_is_of_pairs():
    row = Comparison("modern", 2, {"prebuilt": [1.0, 3.0, 2.0], "compiled": [1.0, 1.0, 2.0]}, True)
    assert (row.ratio, row.met) == (1.0, True)
    slow = Comparison("modern", 2, {"prebuilt": [1.04], "compiled": [1.0]}, False)
    assert slow.met is False
    lines = command.turns_table([row, slow, Comparison("wide", 1, reason="it failed")])[2:]
    assert lines == [
        "| modern | 2 | 1.000 | 1.000 3.000 | to the bit | met |",
        "| modern | 2 | 1.040 | 1.040 1.040 | NO | MISSED: at most 1.03 |",
        "| wide | 1 | not measured: it failed | | | |",
    ]
    assert Comparison("wide", 1).met is None


@pytest.mark.parametrize("answers", [(True, True), (False, False), (True, False)])
def test_two_modes_that_are_one_are_not_compared(answers):
    with pytest.raises(NotMeasuredError, match="FASTNN_KERNELS="):
        turns.check_modes(_WithPython(*answers))
    turns.check_modes(_WithPython(False, True))


class _WithPython(Answering):
    python = "python"


def test_all_rows_of_training_and_predicting_are_compared():
    names = {case.name for case in turns.comparable()}
    assert {"book", "book-30", "modern", "wide", "tabular", "tiny", "one-row"} <= names
    assert not names & {"import", "memory", "to-98"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nothing.txt"], "expected a wheel or a checkout"),
        (["nothing.whl"], "no such file"),
        (["--rounds", "0"], "expected a whole number of at least 1"),
        (["--only", "nothing"], "invalid choice"),
    ],
)
def test_refused(arguments, expected, capsys):
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == 2
    assert expected in capsys.readouterr().err


def test_the_command_prints_and_writes_all(tmp_path, monkeypatch, capsys, fresh):
    monkeypatch.setattr(command, "_subject", lambda *_: Subject(fresh, None, None, 1))
    done = iter([[Figure("a", "s", 1.0, [2.0])], [Figure("b", "s", 1.0, reason="why")]])
    monkeypatch.setattr(command, "measure", lambda *_: next(done))
    file = tmp_path / "figures.json"
    assert command.main([str(ROOT), "--only", "wheel", "help", "--json", str(file)]) == 1
    out, err = capsys.readouterr()
    assert "| a | 2 s | 2 2 | 1 s | MISSED |" in out
    assert "| b | not measured: why |" in out
    assert err.splitlines() == ["wheel", "help"]
    written = json.loads(file.read_text())
    assert [row["met"] for row in written["figures"]] == [False, None]
    assert written["about"]["cores"] >= 1


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        ("flags : sse4_2 avx avx2 fma bmi2", "AVX2"),
        ("flags : avx2 fma bmi2 avx512f avx512bw avx512cd avx512dq avx512vl", "AVX-512"),
        ("flags : sse4_2", "SSE"),
        ("Features : fp asimd", "NEON"),
        ("nothing", "level unknown"),
    ],
)
def test_cpu_level(flags, level, tmp_path):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{flags}\n")
    assert command.cpu_level(tmp_path / "cpuinfo") == level
    assert command.cpu_level(tmp_path / "nothing") == "level unknown"
