"""Machine code on disk: found again, never stale, and no reason to fail if anything is wrong."""

import logging
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from numba import types

import fastnn
from fastnn.kernels import cache, entry_points
from fastnn.kernels.jit import c_function

pytestmark = pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="nothing is compiled")

OUTPUT_OF_ONE_NEURON = """
import logging
import numpy as np
from fastnn.engine.columns import Columns
from fastnn.kernels import cache
told = []
class Listener(logging.Handler):
    emit = told.append
logging.getLogger("fastnn.kernels").setLevel("DEBUG")
logging.getLogger("fastnn.kernels").addHandler(Listener())
zero = np.zeros((1, 1))
print(Columns([zero], [zero]).outputs_of_column(zero)[0].item())
(record,) = (record for record in told if hasattr(record, "kernel"))
print(int(record.loaded), cache.cache_folder)
"""


def run(folder, cache):
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "NUMBA_CACHE_DIR": str(cache),
        "FASTNN_KERNELS": "compiled",
        "PYTHONDONTWRITEBYTECODE": "1",  # Python's own cache goes by a file's time and size
    }
    done = subprocess.run(
        # -B: Python keeps its own code by time and size, which the change below leaves as they are
        [sys.executable, "-B", "-c", OUTPUT_OF_ONE_NEURON],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
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

    # columns.py, which holds the cached kernel, stays as it is; what it calls changes.
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


def test_read_only_installation_uses_the_users_folder(copy_of_fastnn, tmp_path):
    """Where the package's folder can't be written, caches go to the user's."""
    if os.name == "nt":
        pytest.skip("permissions work otherwise there")
    program = "from fastnn.machine import cache_folder; print(cache_folder.cache_folder)"
    blocked = copy_of_fastnn / "fastnn/kernels/__pycache__"
    shutil.rmtree(blocked, ignore_errors=True)
    blocked.write_text("a file where the folder would be")
    environment = {**os.environ, "PYTHONPATH": str(copy_of_fastnn), "HOME": str(tmp_path)}
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
    assert not Path(done.stdout.strip()).is_relative_to(copy_of_fastnn / "fastnn")


def doubled(a):
    return 2.0 * a


def tripled(a):
    return 3.0 * a


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where this test's kernels are kept; nobody was warned yet."""
    monkeypatch.setattr(cache, "_warned", False)
    monkeypatch.setattr(cache, "cache_folder", tmp_path / "kernels")
    return tmp_path / "kernels"


def kept(function, kind=types.float64):
    """The function of one number, compiled or loaded as a kernel is."""
    return c_function(function, ((kind,), kind), f"{function.__name__}({kind})")


def called(function, kind=types.float64):
    """What a new process would get of a kernel: (its result, whether it was loaded, warnings)."""
    cache._warned = False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compiled = kept(function, kind)
    loaded = bool(compiled.cache_hits)
    return compiled.ctypes(1.5), loaded, [str(warning.message) for warning in caught]


def file_of(function, folder):
    (path,) = folder.glob(f"{function.__name__}-*{cache.SUFFIX}")
    return path


def test_each_function_of_each_key_has_a_file(folder):
    assert called(doubled) == (3.0, False, [])
    assert called(doubled) == (3.0, True, [])
    assert called(doubled, types.float32) == (3.0, False, [])
    assert called(tripled) == (4.5, False, [])
    assert [called(doubled)[:2], called(tripled)[:2]] == [(3.0, True), (4.5, True)]
    assert len(list(folder.iterdir())) == 3


def truncated(path, _):
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path, _):
    path.write_bytes(b"")


def of_something_else(path, _):
    path.write_bytes(b"not machine code" * 100)


def of_one_other_bit(path, _):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def of_another_kernel(path, other):
    shutil.copy(other, path)


DAMAGES = [truncated, emptied, of_something_else, of_one_other_bit, of_another_kernel]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_replaced(folder, damage):
    called(doubled)
    called(tripled)
    path = file_of(doubled, folder)
    damage(path, file_of(tripled, folder))
    value, loaded, told = called(doubled)
    assert (value, loaded) == (3.0, False)
    assert told == [
        f"kernel cache: {path}: damaged; kernels are compiled instead, which takes some seconds"
    ]
    assert called(doubled) == (3.0, True, [])


def test_nothing_is_unpickled_from_a_file_that_is_not_ours(folder, tmp_path):
    called(doubled)
    path, trace = file_of(doubled, folder), tmp_path / "trace"
    path.write_bytes(b"0" * 32 + b"cos\nmkdir\n(V" + str(trace).encode() + b"\ntR.")
    assert called(doubled)[0] == 3.0
    assert not trace.exists()


def test_a_file_that_can_not_be_replaced(folder):
    called(doubled)
    path = file_of(doubled, folder)
    path.unlink()
    path.mkdir()
    for _ in range(2):
        value, loaded, told = called(doubled)
        assert (value, loaded) == (3.0, False)
        assert [text.split(";")[0] for text in told] == [f"kernel cache: {path}: Is a directory"]
    assert list(folder.iterdir()) == [path]  # nothing half written


def test_a_folder_that_is_a_file(folder):
    folder.write_text("here")
    value, loaded, told = called(doubled)
    assert (value, loaded, len(told)) == (3.0, False, 1)
    assert told[0].startswith(f"kernel cache: {folder}")
    assert "Not a directory" in told[0]
    folder.unlink()
    assert called(doubled) == (3.0, False, [])


def test_a_disk_that_gets_full(folder):
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
    try:
        value, loaded, told = called(doubled)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (value, loaded, len(told)) == (3.0, False, 1)
    assert "File too large" in told[0]
    assert not list(folder.iterdir())
    assert called(doubled) == (3.0, False, [])


def test_a_numba_that_has_changed(folder, monkeypatch):
    """What is no public part of it may go; kernels are compiled then."""
    from numba.core.compiler import CompileResult

    called(doubled)
    with monkeypatch.context() as patch:
        patch.delattr(CompileResult, "_rebuild")
        patch.delattr(CompileResult, "_reduce")
        value, loaded, told = called(doubled)
    assert (value, loaded, len(told)) == (3.0, False, 1)
    assert "_rebuild" in told[0]
    assert called(doubled) == (3.0, True, [])

    other = type("Dispatcher", (), {})()
    monkeypatch.setattr(cache, "_warned", False)
    with pytest.warns(RuntimeWarning, match="has no place for it"):
        cache.cached(other, "doubled(f8)")
    assert not vars(other)


def test_one_warning_and_the_rest_for_the_log(monkeypatch, folder, caplog):
    monkeypatch.setattr(cache, "cache_folder", None)
    with pytest.warns(RuntimeWarning, match="only you can write to; NUMBA_CACHE_DIR") as caught:
        assert kept(doubled).ctypes(1.0) == 2.0
    assert len(caught) == 1
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG, "fastnn.kernels.cache"):
        warnings.simplefilter("error")
        assert kept(tripled).ctypes(1.0) == 3.0
    assert [record.message.split(":")[0] for record in caplog.records] == ["kernel cache"]


def test_a_function_without_a_key_is_not_kept(folder):
    """As those of users are, which nobody else knows."""

    def of(factor):
        return c_function(lambda a: factor * a, ((types.float64,), types.float64)).ctypes(1.0)

    assert [of(2.0), of(3.0)] == [2.0, 3.0]
    assert not folder.exists()


def test_what_is_called_through_its_address_is_kept_as_well(folder):

    def hits():
        return entry_points.compiled_anew.__wrapped__("called.leaky_relu(f4*)").cache_hits

    assert [hits(), hits()] == [0, 1]
    (path,) = folder.glob(f"called.leaky_relu-*{cache.SUFFIX}")
    truncated(path, None)
    with pytest.warns(RuntimeWarning, match="damaged") as caught:
        assert hits() == 0
    assert len(caught) == 1
    assert hits() == 1
