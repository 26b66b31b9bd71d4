"""The pages as HTML: Sphinx builds them without a warning, with all names of the API."""

import subprocess
import sys
from pathlib import Path

import pytest

import fastnn
from fastnn.cli.docs import topics

# The checkout's: pictures of the pages are no part of what is installed.
FOLDER = Path(__file__).parents[1] / "fastnn" / "docs"

pytest.importorskip("sphinx")
pytest.importorskip("myst_parser")


def test_pages_and_names(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", FOLDER, tmp_path / "html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    made = {path.stem for path in (tmp_path / "html").glob("*.html")}
    assert made >= {*topics(), "index", "api"}
    names = (tmp_path / "html" / "api.html").read_text(encoding="utf-8")
    for name in fastnn.__all__:
        assert f'id="fastnn.{name}"' in names
    assert "\nbatch_size       rows" in names  # fit's parameters, in columns as they are laid out
