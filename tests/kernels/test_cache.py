"""Machine code on disk: found again, and never stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core import config

import fastnn
from fastnn.kernels import jit

pytestmark = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")

OUTPUT_OF_ONE_NEURON = """
import numpy as np
from fastnn.engine import Engine
from fastnn.kernels import evaluation, jit
engine = Engine([1, 1], ["sigmoid"], "quadratic", "float64")
print(float(engine.outputs(np.zeros((1, 1)))[0, 0]))
print(sum(evaluation.outputs.stats.cache_hits.values()), jit.cache_folder)
"""


def run(folder, cache):
    environment = {
        **os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",  # Python's own cache goes by a file's time and size
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", OUTPUT_OF_ONE_NEURON],
        env=environment, capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    value, hits_and_folder = done.stdout.splitlines()
    hits, cache_folder = hits_and_folder.split(" ", 1)
    return float(value), int(hits), cache_folder


@pytest.fixture
def copy_of_fastnn(tmp_path):
    source = Path(fastnn.__file__).parent
    shutil.copytree(
        source, tmp_path / "fastnn", ignore=shutil.ignore_patterns("__pycache__", "*.gz")
    )
    return tmp_path


def test_a_change_in_a_callee_is_seen(copy_of_fastnn, tmp_path):
    cache = tmp_path / "cache"
    assert run(copy_of_fastnn, cache)[:2] == (0.5, 0)  # sigmoid(0), compiled
    assert run(copy_of_fastnn, cache)[:2] == (0.5, 1)  # loaded

    # evaluation.py, which holds the cached kernel, stays as it is; what it calls changes.
    activations = copy_of_fastnn / "fastnn/kernels/elementary.py"
    text = activations.read_text()
    changed = text.replace("larger = 1.0 / (1.0 + e)", "larger = 1.0 / (3.0 + e)")
    assert changed != text
    stat = activations.stat()
    activations.write_text(changed)
    os.utime(activations, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert run(copy_of_fastnn, cache)[:2] == (0.25, 0)

    activations.write_text(text)
    assert run(copy_of_fastnn, cache)[:2] == (0.5, 1)  # the old code's own folder still serves


def test_digest_names_content_and_place(tmp_path):
    (tmp_path / "a.py").write_text("1")
    digests = {jit.sources_digest(tmp_path)}
    (tmp_path / "a.py").write_text("2")
    digests.add(jit.sources_digest(tmp_path))
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    digests.add(jit.sources_digest(tmp_path))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.py").write_text("3")
    digests.add(jit.sources_digest(tmp_path))
    assert len(digests) == 4


def test_read_only_installation_uses_the_users_folder(copy_of_fastnn, tmp_path):
    """Where the package's folder can't be written, caches go to the user's."""
    if os.name == "nt":
        pytest.skip("permissions work otherwise there")
    program = "from fastnn.kernels import jit; print(jit.cache_folder)"
    blocked = copy_of_fastnn / "fastnn/kernels/__pycache__"
    shutil.rmtree(blocked, ignore_errors=True)
    blocked.write_text("a file where the folder would be")
    environment = {**os.environ, "PYTHONPATH": str(copy_of_fastnn), "HOME": str(tmp_path)}
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env=environment, capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
    assert not Path(done.stdout.strip()).is_relative_to(copy_of_fastnn / "fastnn")
