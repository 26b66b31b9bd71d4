"""`python -m bench`, without measuring much."""

import json

import pytest

from bench.__main__ import main
from bench.suite import runner
from bench.suite.cases import CASES
from bench.suite.results import CaseResult, Measurement, Results


def test_list(capsys):
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CASES)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--cases", "boook-30"], "--cases: unknown 'boook-30', did you mean 'book-30'?"),
        (["--peers", "jaxx"], "--peers: unknown 'jaxx', did you mean 'jax'?"),
        (["--threads", "4096"], "--threads: expected at most"),
        (["--threads", "0"], "--threads: expected a whole number"),
        (["--json", "/nowhere/at/all.json"], "--json: expected an existing folder"),
    ],
)
def test_refused(arguments, expected, capsys):
    assert main([*arguments]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1


def test_measures(tmp_path, capsys):
    file = tmp_path / "figures.json"
    assert main(["--cases", "import", "--quick", "--json", str(file)]) == 0
    assert "bar: at most 0.2 s" in capsys.readouterr().out
    figures = json.loads(file.read_text())
    (m,) = figures["cases"][0]["measurements"]
    assert len(m["values"]) == 3
    assert figures["machine"]["cores"] >= 1


def test_goes_on_with_the_cases_that_a_file_lacks(tmp_path, capsys, monkeypatch):
    """And writes each case when it is measured, so that an interrupt loses no more than one."""
    measured = []

    def run_case(case, settings, progress):
        if case.name == "import" and not measured[1:]:
            raise KeyboardInterrupt
        measured.append(case.name)
        return CaseResult(
            case.name, case.title, case.unit, [Measurement("fastnn", "fastnn", 1, values=[1.0])]
        )

    monkeypatch.setattr(runner, "run_case", run_case)
    file = tmp_path / "figures.json"
    arguments = ["--quick", "--json", str(file), "--cases"]
    main([*arguments, "second-call", "import", "first-call"])
    assert [case.case for case in Results.read(file).cases] == ["second-call"]
    assert main([*arguments, "book", "second-call", "--resume"]) == 0
    assert main([*arguments, "import", "book", "--resume"]) == 0
    assert measured == ["second-call", "book", "import"]
    assert [case.case for case in Results.read(file).cases] == ["book", "import", "second-call"]
    assert main([*arguments[1:], "tiny", "--resume"]) == 1
    assert f"--resume: {file} is of another machine or other settings" in capsys.readouterr().err
