"""`python -m bench`, without measuring much."""

import json

import pytest

from bench import __main__
from bench.__main__ import main
from bench.suite import machine, runner
from bench.suite.cases import CASES
from bench.suite.results import BarResult, CaseResult, Measurement, Results


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


USUAL = [name for name, case in CASES.items() if case.usual]


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """Cases with figures that are made up: `peer` is how JAX's were got, `bars` their bars."""
    how = {"peer": "measured", "bars": []}

    def run_case(case, settings, progress):
        measurements = [
            Measurement("fastnn", "fastnn", 1, values=[1.0]),
            Measurement("jax", "JAX", 1, how["peer"], values=[2.0]),
        ]
        return CaseResult(case.name, case.title, case.unit, measurements, how["bars"])

    monkeypatch.setattr(runner, "run_case", run_case)
    monkeypatch.setattr(__main__, "RESULTS", tmp_path / "results")
    (tmp_path / "results").mkdir()
    return how


def kept():
    return list(__main__.RESULTS.iterdir())


def test_a_whole_run_is_kept(made_up, capsys):
    assert main([]) == 0
    (file,) = kept()
    assert file.name == f"{machine.slug(Results.read(file).machine)}.json"
    assert [case.case for case in Results.read(file).cases] == USUAL
    assert capsys.readouterr().out.splitlines()[-1].endswith(file.name)


@pytest.mark.parametrize(
    ("arguments", "peer", "reason"),
    [
        (["--cases", *USUAL[1:]], "measured", f"not all cases, {USUAL[0]} for one"),
        (["--quick"], "measured", "a quick run"),
        (["--peers", "jax"], "measured", "beside some peers only"),
        (["--threads", "1", "1"], "measured", "not with one thread and all cores"),
        ([], "missing", "JAX is not installed"),
    ],
)
def test_a_lesser_run_is_kept_only_where_asked(made_up, tmp_path, capsys, arguments, peer, reason):
    made_up["peer"] = peer
    assert main(arguments) == 0
    assert f"figures not kept: {reason}; --json FILE" in capsys.readouterr().out
    assert kept() == []
    file = tmp_path / "mine.json"
    assert main([*arguments, "--json", str(file)]) == 0
    assert len(Results.read(file).cases) >= len(USUAL) - 1
    assert kept() == []


def test_a_whole_run_needs_where_to_write(made_up, capsys):
    __main__.RESULTS.rmdir()
    assert main([]) == 1
    assert "figures: expected an existing folder" in capsys.readouterr().err


def test_check_fails_where_a_bar_is_missed(made_up, capsys):
    made_up["bars"] = [
        BarResult("8 x the best peer", 8.0, 9.0, True),
        BarResult("2 x JAX", 2.0, None, None),
    ]
    case = ["--cases", USUAL[0]]
    assert main([*case, "--check"]) == 0
    made_up["bars"].append(BarResult("at most 1 s", 1.0, 2.0, False))
    assert main(case) == 0
    assert main([*case, "--check"]) == 1
    assert (
        capsys.readouterr().err
        == f"fastnn: error: --check: {USUAL[0]}: at most 1 s: 2.00, MISSED\n"
    )
