"""bench/start.py: what it measures of a start, and how it says so."""

import re

import pytest

from bench import start


def test_a_line_for_each_figure(monkeypatch, capsys):
    loading = start.PROGRAMS["loading MNIST"]
    monkeypatch.setattr(start, "PROGRAMS", {"loading MNIST": loading})
    assert start.main(["--rounds", "1"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["median", "of", "1", "seconds", "CPU"]
    found = {name: (float(s), float(cpu)) for name, s, cpu in (re.split(" {3,}", l) for l in lines)}
    assert list(found) == ["loading MNIST", *start.COMMANDS]
    assert all(seconds > 0 and cpu > 0 for seconds, cpu in found.values())


def test_medians(monkeypatch):
    seconds = iter([(3.0, 0.3), (1.0, 0.1), (2.0, 0.2)])
    monkeypatch.setattr(start, "PROGRAMS", {"one": ""})
    monkeypatch.setattr(start, "COMMANDS", {})
    monkeypatch.setattr(start, "of_program", lambda program: next(seconds))
    assert start.measure(3) == {"one": (2.0, 0.2)}


def test_a_program_that_fails_is_no_figure(monkeypatch):
    monkeypatch.setattr(start, "COMMANDS", {"fails": ["-c", "raise SystemExit(3)"]})
    monkeypatch.setattr(start, "PROGRAMS", {})
    with pytest.raises(start.subprocess.CalledProcessError):
        start.measure(1)


def test_rounds_that_make_no_median(capsys):
    with pytest.raises(SystemExit):
        start.main(["--rounds", "0"])
    assert "--rounds: expected at least 1, got 0" in capsys.readouterr().err
