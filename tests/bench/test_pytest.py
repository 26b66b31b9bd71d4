"""`pytest bench` times calls in this process, with pytest-benchmark's own clock."""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench(*arguments):
    """As in the checkout, with the fastnn that is installed."""
    program = "import sys, pytest; sys.path.remove(''); sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_call_gives_what_it_should():
    assert "skipped" not in bench("bench", "--benchmark-disable")


def test_seconds_are_those_of_the_calls(tmp_path):
    figures = tmp_path / "figures.json"
    began = time.perf_counter()
    bench(
        "bench/test_network.py::test_fit",
        "bench/test_book.py",
        *("-k", "10-5-2 and (feedforward or accuracy) or 32-64-64-2"),
        *("--benchmark-max-time", "0.05", "--benchmark-json", str(figures)),
    )
    elapsed = time.perf_counter() - began
    found = {b["name"]: b["stats"] for b in json.loads(figures.read_text())["benchmarks"]}
    assert len(found) == 3
    feedforward, accuracy = (
        found[f"test_call[{name}-10-5-2]"]["median"] for name in ("feedforward", "accuracy")
    )
    assert 1e-7 < feedforward < accuracy  # of a sample, and of a hundred
    assert found["test_fit[32-64-64-2 Adam]"]["median"] > accuracy
    assert sum(stats["total"] for stats in found.values()) < elapsed
