"""`fastnn bench`, without measuring much."""

import json

import pytest

from fastnn.benchmarks.cases import CASES
from fastnn.cli import main


def test_list(capsys):
    assert main(["bench", "--list"]) == 0
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
    assert main(["bench", *arguments]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1


def test_measures(tmp_path, capsys):
    file = tmp_path / "figures.json"
    assert main(["bench", "--cases", "import", "--quick", "--json", str(file)]) == 0
    assert "bar: at most 0.2 s" in capsys.readouterr().out
    figures = json.loads(file.read_text())
    (m,) = figures["cases"][0]["measurements"]
    assert len(m["values"]) == 3
    assert figures["machine"]["cores"] >= 1
