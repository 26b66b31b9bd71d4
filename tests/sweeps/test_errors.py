"""`fit_many` on what is wrong: named, and nothing that was trained is lost."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import SimpleNamespace

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import labelled, same_bits, without_seconds

import fastnn
from fastnn.sweeps import fit_many, shared_arrays
from fastnn.training import pieces

X, LABELS = labelled(61, dtype="float32")
GOOD = {"sizes": [5, 4, 3], "seed": 1}


@pytest.mark.parametrize(
    ("specs", "options", "error", "message"),
    [
        ([GOOD, {**GOOD, "lmbda": 1}], {}, ValueError, r"specs\[1\]: .*got 'lmbda'"),
        ([GOOD, {**GOOD, "L2": 1}], {}, ValueError, r"specs\[1\]: .*did you mean 'l2'"),
        ([{**GOOD, "x": X}], {}, ValueError, r"specs\[0\]: .*got 'x'"),
        ([{**GOOD, "verbose": 1}], {}, ValueError, r"specs\[0\]: .*got 'verbose'"),
        ([{**GOOD, "validation_data": (X, X)}], {}, ValueError, r"\[0\]: .*'validation_data'"),
        ([{**GOOD, 3: 1}], {}, ValueError, r"specs\[0\]: .*got 3"),
        ([GOOD], {"eta": 1}, ValueError, "fit_many: .*got 'eta'"),
        ([GOOD, {"seed": 1}], {}, TypeError, r"specs\[1\]: expected the keyword sizes, got seed"),
        ([GOOD, 7], {}, TypeError, r"specs\[1\]: expected a dict of keywords, got 7"),
        (GOOD, {}, TypeError, "specs: expected a list of dicts"),
        (None, {}, TypeError, "specs: expected a list of dicts"),
        ([GOOD, {**GOOD, "sizes": [5]}], {}, ValueError, r"specs\[1\]: sizes: expected an input"),
        ([GOOD, {**GOOD, "cost": "hinge"}], {}, ValueError, r"specs\[1\]: cost: expected one of"),
        ([GOOD, {**GOOD, "sizes": [6, 3]}], {}, ValueError, r"^x: .*6.* \(for specs\[1\]\)"),
        ([GOOD, {**GOOD, "sizes": [5, 2]}], {}, ValueError, r"^y: .* \(for specs\[1\]\)"),
        ([GOOD], {"validation_data": X}, TypeError, r"validation_data: expected \(x, y\) or"),
        ([GOOD], {"validation_data": (X, X)}, ValueError, r"validation y: .*specs\[0\]"),
        ([GOOD], {"executor": 2}, TypeError, "executor: expected a concurrent.futures.Executor"),
        ([GOOD], {"on_error": "ignore"}, ValueError, "on_error: expected one of raise, return"),
        ([GOOD], {"on_fitted": 2}, TypeError, "on_fitted: expected a function or None"),
        ([GOOD], {"verbose": -1}, ValueError, "verbose: expected at least 0"),
    ],
)
def test_refused_before_anything_is_trained(monkeypatch, specs, options, error, message):
    monkeypatch.setattr(fit_many, "_fit", None)
    with pytest.raises(error, match=message):
        fastnn.fit_many(specs, X, LABELS, **options)


def test_keywords_are_of_one_place():
    """Else a spec would not say which of the two it means."""
    from fastnn.sweeps.specs import _names

    assert not set(_names(fastnn.Network)) & set(_names(fastnn.Network.fit))


def executor(kind):
    if kind == "threads":
        return ThreadPoolExecutor(2)
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


class Awkward(Exception):
    """One that cannot be unpickled."""

    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


def fail_after_two(net, epoch):
    if epoch.epoch == 2:
        raise Awkward("this", "that")


@pytest.mark.parametrize("kind", ["threads", "spawn"])
def test_other_networks_are_kept(kind):
    specs = [GOOD, {**GOOD, "l2": -1.0}, {**GOOD, "seed": 2}]
    specs.append({**GOOD, "callbacks": fail_after_two})
    with executor(kind) as pool:
        results = fastnn.fit_many(specs, X, LABELS, executor=pool, epochs=3, on_error="return")
        with pytest.raises(fastnn.FitManyError) as raised:
            fastnn.fit_many(specs, X, LABELS, executor=pool, epochs=3)
        assert pool.submit(int, 7).result() == 7
    assert "2 of 4 networks could not be trained" in str(raised.value)
    assert "specs[1]: ValueError: l2: expected a finite number, 0 or more" in str(raised.value)
    assert "specs[3]: " in str(raised.value)
    assert "this and that" in str(raised.value)
    assert raised.value.__cause__ is raised.value.results[1].error
    for fitted in (results, raised.value.results):
        assert [f.error is None for f in fitted] == [True, False, True, False]
        assert isinstance(fitted[1].error, ValueError)
        assert fitted[1].net.history.epoch == []
        assert fitted[3].history.epoch == [1, 2]
        for i in (0, 2):
            net = fastnn.Network([5, 4, 3], seed=i // 2 + 1)
            net.fit(X, LABELS, epochs=3)
            assert same_bits(net, fitted[i].net)
    net = fastnn.Network([5, 4, 3], seed=1)
    net.fit(X, LABELS, epochs=2)
    assert same_bits(net, results[3].net)


def test_error_can_be_pickled():
    with pytest.raises(fastnn.FitManyError) as raised:
        fastnn.fit_many([GOOD, {**GOOD, "l2": -1.0}], X, LABELS, epochs=1)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert str(copy) == str(raised.value)
    assert without_seconds(copy.results[0].history) == without_seconds(
        raised.value.results[0].history
    )


def test_what_cannot_travel_is_the_error_of_its_spec():
    specs = [{**GOOD, "callbacks": lambda net, epoch: None}, GOOD]
    with executor("spawn") as pool:
        results = fastnn.fit_many(specs, X, LABELS, executor=pool, epochs=1, on_error="return")
    assert results[0].net is None
    assert results[0].history.epoch == []
    assert results[0].error is not None
    assert results[1].error is None


def die(net, epoch):
    os._exit(1)


def test_dead_worker():
    """The executor is broken for good; what was trained before is there, also if it is raised."""
    specs = [GOOD, {**GOOD, "callbacks": die}, GOOD]
    trained = fastnn.Network(**GOOD)
    trained.fit(X, LABELS, epochs=1)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        with pytest.raises(fastnn.FitManyError) as raised:
            fastnn.fit_many(specs, X, LABELS, executor=pool, epochs=1)
        later = fastnn.fit_many([GOOD], X, LABELS, executor=pool, epochs=1, on_error="return")
    results = raised.value.results
    assert results[0].error is None
    assert same_bits(results[0].net, trained)
    assert isinstance(results[1].error, BrokenProcessPool)
    assert isinstance(results[2].error, BrokenProcessPool)
    assert isinstance(later[0].error, BrokenProcessPool)


class Failing(Executor):
    """Takes a task, and then none any more."""

    def __init__(self, error):
        self.pool, self.taken, self.error = ThreadPoolExecutor(1), 0, error

    def submit(self, fn, /, *args, **kwargs):
        self.taken += 1
        if self.taken == 2:
            raise self.error
        return self.pool.submit(fn, *args, **kwargs)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("cannot schedule new futures after shutdown"),
        BrokenExecutor("a worker died"),
        OSError("handle is closed"),
    ],
    ids=repr,
)
def test_executor_that_takes_no_more(error):
    """Tasks that it has taken are done, and their networks kept."""
    trained = fastnn.Network(**GOOD)
    trained.fit(X, LABELS, epochs=1)
    with pytest.raises(fastnn.FitManyError, match=str(error)) as raised:
        fastnn.fit_many([GOOD] * 3, X, LABELS, executor=Failing(error), epochs=1)
    assert [fitted.error for fitted in raised.value.results] == [None, error, None]
    for i in (0, 2):
        assert same_bits(raised.value.results[i].net, trained)


def test_interrupted_while_tasks_are_handed_out():
    with pytest.raises(KeyboardInterrupt):
        fastnn.fit_many([GOOD] * 3, X, LABELS, executor=Failing(KeyboardInterrupt()), epochs=1)


def test_a_callback_that_ends_the_process_ends_its_training_only():
    def leave(net, epoch):
        sys.exit("no more")

    specs = [GOOD, {**GOOD, "callbacks": leave}, GOOD]
    results = fastnn.fit_many(specs, X, LABELS, epochs=1, on_error="return")
    assert [fitted.error is None for fitted in results] == [True, False, True]
    assert "SystemExit('no more')" in str(results[1].error)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_interrupted(monkeypatch, error):
    """Those that run stop within their epoch, those that wait are never begun."""
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    begun, ended, running = [], [], threading.Event()

    def progress(done, rows):
        begun.append(threading.get_ident())
        running.set()
        time.sleep(0.001)

    def ends(net, epoch):
        ended.append(epoch.epoch)

    def interrupt(i, fitted):
        assert running.wait(30)
        raise error

    quick = {**GOOD, "epochs": 1}
    endless = {**GOOD, "epochs": 10**6, "callbacks": [fastnn.Progress(progress), ends]}
    with ThreadPoolExecutor(2) as pool, pytest.raises(error):
        fastnn.fit_many(
            [endless, quick, *[endless] * 20], X, LABELS, executor=pool, on_fitted=interrupt
        )
    assert len(set(begun)) <= 2
    calls = len(begun)
    time.sleep(0.05)
    assert len(begun) == calls
    assert len(ended) < 10**6


PROGRAM = """
import multiprocessing, sys, tempfile
from concurrent.futures import ProcessPoolExecutor
import numpy as np, fastnn

if __name__ == "__main__":
    tempfile.tempdir = sys.argv[1]
    rows = 100_000
    x, y = np.ones((rows, 4), np.float32), np.zeros(rows, int)
    specs = [{"sizes": [4, 200, 2], "epochs": 1, "batch_size": rows}]
    specs += [{"sizes": [4, 200, 200, 2], "epochs": 10**6, "batch_size": 1}] * 9
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        try:
            fastnn.fit_many(
                specs, x, y, executor=pool, learning_rate=1e-6,
                on_fitted=lambda i, fitted: print("ready", flush=True),
            )
        except KeyboardInterrupt:
            print("interrupted", pool.submit(int, 7).result(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT can't be sent to one process there")
@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="any Python code can be interrupted")
def test_a_signal_to_the_parent_stops_the_workers(tmp_path):
    """They are told through the file system; the executor stays whole, no file is left."""
    script, folder = tmp_path / "program.py", tmp_path / "temporary"
    folder.mkdir()
    script.write_text(PROGRAM)
    child = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "ready\n"
        assert len(list(folder.iterdir())) == 1
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=600)
    finally:
        child.kill()
        child.wait()
    assert output == "interrupted 7\n"
    assert child.returncode == 0
    assert list(folder.iterdir()) == []


def test_no_files_are_left_by_failures(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupt(i, fitted):
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with executor("spawn") as pool:
        with pytest.raises(fastnn.FitManyError):
            fastnn.fit_many([{**GOOD, "l2": -1}], X, LABELS, executor=pool)
        with pytest.raises(KeyboardInterrupt):
            fastnn.fit_many([GOOD] * 9, X, LABELS, executor=pool, on_fitted=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert np.isfinite(X).all()


def test_workers_stop_when_who_started_them_was_killed(tmp_path, monkeypatch):
    arrays = shared_arrays.MappedArrays(str(tmp_path), [])
    (tmp_path / shared_arrays._MARKER).touch()
    for alive in (True, False):
        parent = SimpleNamespace(is_alive=lambda alive=alive: alive)
        monkeypatch.setattr(shared_arrays, "parent_process", lambda parent=parent: parent)
        assert arrays.stopped == (not alive)


@pytest.mark.parametrize("common", [True, False])
def test_networks_that_would_write_one_checkpoint(tmp_path, common):
    checkpoint = fastnn.Checkpoint(tmp_path / "net.npz")
    again = fastnn.Checkpoint(f"{tmp_path}/./net.npz")
    specs = [{**GOOD, "callbacks": [each]} for each in (checkpoint, again)]
    options = {"callbacks": checkpoint} if common else {}
    with pytest.raises(ValueError, match=r"specs\[1\]: callbacks: .* specs\[0\] writes: .*net.npz"):
        fastnn.fit_many([GOOD, GOOD] if common else specs, X, LABELS, epochs=1, **options)
    assert not list(tmp_path.iterdir())


def test_callbacks_name_their_spec():
    with pytest.raises(TypeError, match=r"specs\[1\]: callbacks\[0\]: expected a function"):
        fastnn.fit_many([GOOD, {**GOOD, "callbacks": ["a"]}], X, LABELS, epochs=1)
    twice = [fastnn.EarlyStopping("cost"), fastnn.EarlyStopping("data_cost")]
    with pytest.raises(ValueError, match=r"specs\[0\]: callbacks: expected one fastnn.Early"):
        fastnn.fit_many([{**GOOD, "callbacks": twice}], X, LABELS, epochs=1)
