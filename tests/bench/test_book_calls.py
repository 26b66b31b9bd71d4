"""`python -m bench.book.calls`: what it checks, and when it says that a call is too slow."""

import numpy as np
import pytest

from bench.book import calls

pytestmark = pytest.mark.filterwarnings("ignore::fastnn.book.MistakeWarning")  # one output
ALL = ["-".join(map(str, sizes)) for sizes in calls.SIZES]


def ratios(monkeypatch, factor):
    """All of the book's calls take so many times as long as ours."""
    monkeypatch.setattr(
        calls, "measured", lambda *_: ((1e-6, 2e-6), (factor * 1e-6, factor * 2e-6))
    )


def test_measures(capsys):
    calls.main(["--rounds", "2"])
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in lines[2 : 2 + 5 * len(calls.SIZES)]]
    assert [row[0] for row in rows[::5]] == ALL
    assert all(float(figure) > 0 for row in rows for figure in row[2:])


@pytest.mark.parametrize(("factor", "missed"), [(2.01, []), (1.99, ["784-30-10"]), (0.99, ALL)])
def test_missed_bars(monkeypatch, capsys, factor, missed):
    ratios(monkeypatch, factor)
    assert calls.main([]) == bool(missed)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("missed: ") == bool(missed)
    found = last.removeprefix("missed: ").split(", ") if missed else []
    assert [name.split()[0] for name in found if name.endswith(" backprop")] == missed


@pytest.mark.parametrize("name", ["feedforward", "backprop"])
def test_a_call_that_gives_other_numbers_is_not_timed(monkeypatch, name):
    usual = getattr(calls.AsWritten, name)

    def disturbed(self, *samples):
        found = usual(self, *samples)
        return found + 1e-6 if isinstance(found, np.ndarray) else (found[0], found[0])

    monkeypatch.setattr(calls.AsWritten, name, disturbed)
    with pytest.raises(SystemExit, match="differs from the book's"):
        calls.calls((10, 5, 2))
