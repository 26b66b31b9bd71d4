"""The process that compiles one kernel while another one compiles here."""

import subprocess
import time

import pytest

from fastnn.cli import compile_beside
from fastnn.cli.compile_beside import evaluation_compiled_beside
from fastnn.kernels import cache

SECONDS = 120  # at most


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A folder for kernels where there are none, for this process and those that it starts."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cache, "cache_folder", tmp_path / cache.cache_folder.name)
    monkeypatch.setattr("fastnn.engine.threads.available_cores", lambda: 2)
    return cache.cache_folder


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    processes = []

    def start(*arguments, **settings):
        processes.append(subprocess_popen(*arguments, **settings))
        return processes[-1]

    subprocess_popen = subprocess.Popen
    monkeypatch.setattr(compile_beside.subprocess, "Popen", start)
    return processes


def test_it_leaves_the_kernel_in_the_cache_once(empty_cache, started):
    deadline = time.monotonic() + SECONDS
    with evaluation_compiled_beside():
        while started[0].poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
    assert started[0].returncode == 0
    assert list(empty_cache.rglob(f"evaluation.evaluate-*{cache.SUFFIX}"))
    with evaluation_compiled_beside():
        pass
    assert len(started) == 1


def test_it_does_not_outlive_what_it_is_for(empty_cache, started):
    with pytest.raises(ZeroDivisionError), evaluation_compiled_beside():
        raise ZeroDivisionError
    assert started[0].returncode is not None


def test_one_core_has_nothing_beside(empty_cache, started, monkeypatch):
    monkeypatch.setattr("fastnn.engine.threads.available_cores", lambda: 1)
    with evaluation_compiled_beside():
        pass
    assert not started
