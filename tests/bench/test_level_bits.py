"""bench/level_bits.py: the table of what CPU levels leave in the bits."""

import numpy as np
import pytest

from bench import level_bits as script
from bench import pages


def results(*, v2, v4):
    def trained(factor):
        return [np.array([3.0, 4.0]) * factor for _ in script.AFTER], [0.5] * len(script.AFTER)

    return {"x86-64-v2": trained(v2), "x86-64-v3": trained(1.0), "x86-64-v4": trained(v4)}


def test_rows():
    rows = list(script.rows("one", results(v2=1.25, v4=1.0)))
    assert len(rows) == len(script.AFTER)
    assert rows[1] == "| one | 2 | 2e-01 | the same bits | 50.00% | 50.00% | 50.00% |"
    heading = script.heading(script.LEVELS)
    assert {line.count("|") for line in [*heading, *rows]} == {8}
    assert "weights, v2 | weights, v4 | right, v2 | right, v3 | right, v4" in heading[0]


@pytest.mark.parametrize(
    ("own", "variables"),
    [
        ("x86-64-v4", [("FASTNN_CPU_LEVEL", "x86-64-v2"), ("FASTNN_CPU_LEVEL", "x86-64-v4")]),
        ("x86-64-v3", [("FASTNN_CPU_LEVEL", "x86-64-v2"), ("FASTNN_REGISTERS", "avx512")]),
        ("arm64", [("FASTNN_REGISTERS", "sse2"), ("FASTNN_REGISTERS", "avx512")]),
        (None, [("FASTNN_REGISTERS", "sse2"), ("FASTNN_REGISTERS", "avx512")]),
    ],
)
def test_a_level_or_its_registers(own, variables, monkeypatch):
    monkeypatch.setattr(script, "cpu_level", lambda: own)
    found = [script.environment(level) for level in ("x86-64-v2", "x86-64-v4")]
    assert found == [dict([pair]) for pair in variables]


def test_what_is_written(tmp_path, monkeypatch):
    page = tmp_path / pages.PAGES["levels"]
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- levels:begin -->\n<!-- levels:end -->\nafter\n")
    asked = []

    def trained(settings, level):
        asked.append(level)
        return results(v2=1.25, v4=2.0)[level]

    monkeypatch.setattr(script, "trained", trained)
    script.main(["--root", str(tmp_path)])
    lines = pages.read("levels", tmp_path).splitlines()
    assert asked == [*script.LEVELS] * len(script.NETWORKS)
    assert len(lines) == 2 + len(script.NETWORKS) * len(script.AFTER) + 2
    assert lines[-1].startswith("(784-100-10, ")


def test_a_training(monkeypatch):
    """On the level of the CPU at hand, for a moment."""
    monkeypatch.setattr(script, "environment", lambda level: {})
    monkeypatch.setattr(script, "AFTER", (1,))
    short = script.TRAINING.replace(f"{script.ROWS}", "200").replace("(1, 2, 5, 10)", "(1,)")
    monkeypatch.setattr(script, "TRAINING", short)
    parameters, accuracies = script.trained(script.NETWORKS["sigmoid, SGD, L2"], "any")
    assert [array.shape for array in parameters] == [(784 * 100 + 100 * 10 + 110,)]
    assert 0 < accuracies[0] < 1
