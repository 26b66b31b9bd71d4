"""`fit_many`: the networks that fits of their own would make, in order, on any executor."""

import errno
import multiprocessing
import pickle
import tempfile
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial, wraps

import numpy as np
import pytest
from checked_rows import note_checks
from interpreted import KERNELS_ARE_INTERPRETED
from samples import labelled, same_bits, without_seconds

import fastnn
from fastnn.engine import Inputs, strategy
from fastnn.sweeps import fit_many, shared_arrays

X, LABELS = labelled(61, dtype="float32")
SPARSE = X * (np.random.default_rng(1).random(X.shape) < 0.1).astype("float32")
SPECS = [
    {"sizes": [5, 4, 3], "seed": 3, "l2": 1.0},
    {"sizes": [5, 6, 3], "seed": 1, "optimizer": "adam", "learning_rate": 0.01},
    {"sizes": [5, 4, 4, 3], "seed": 2, "cost": "log_likelihood", "epochs": 4},
    {"sizes": [5, 4, 3], "seed": 3, "l1": 0.1, "dtype": "float64", "batch_size": 7},
    {"sizes": [5, 4, 3], "seed": 4, "optimizer": fastnn.Momentum(mu=0.5)},
]
COMMON = {"epochs": 2, "l2": 0.5, "validation_data": (X[:20], LABELS[:20])}


USUAL = strategy.usual  # as it is in a process that knows nothing of these tests


class Serial(Executor):
    """The plainest executor there can be."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def executors():
    makers = {"default": lambda: None, "serial": Serial, "threads": lambda: ThreadPoolExecutor(3)}
    for method in {"fork", "spawn"} & set(multiprocessing.get_all_start_methods()):
        context = multiprocessing.get_context(method)
        makers[method] = partial(ProcessPoolExecutor, 2, mp_context=context)
    return [pytest.param(maker, id=name) for name, maker in sorted(makers.items())]


def alone(x, spec):
    words = fit_many.split("spec", {"epochs": 2, "l2": 0.5, **spec})
    net = fastnn.Network(**words.network)
    net.fit(x, LABELS, validation_data=COMMON["validation_data"], **words.fit)
    return net


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Where temporary files go: a function that lists what is there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: list(tmp_path.iterdir())


@pytest.mark.parametrize("executor", executors())
@pytest.mark.parametrize("x", [X, SPARSE], ids=["dense", "sparse"])
def test_same_bits_in_order(executor, x, folders, monkeypatch):
    monkeypatch.setattr(strategy, "usual", USUAL)
    expected = [alone(x, spec) for spec in SPECS]
    executor = executor()
    try:
        results = fastnn.fit_many(SPECS, x, LABELS, executor=executor, **COMMON)
    finally:
        if executor is not None:
            executor.shutdown()
    assert [fitted.error for fitted in results] == [None] * len(SPECS)
    for fitted, net, spec in zip(results, expected, SPECS, strict=True):
        assert same_bits(fitted.net, net)
        assert fitted.history is fitted.net.history
        assert without_seconds(fitted.history) == without_seconds(net.history)
        assert fitted.spec == {"epochs": 2, "l2": 0.5, **spec}
        assert fitted.net.evaluate(x, LABELS) == net.evaluate(x, LABELS)
    assert folders() == []


def test_executor_is_not_shut_down():
    with ThreadPoolExecutor(1) as executor:
        fastnn.fit_many(SPECS[:1], X, LABELS, executor=executor)
        assert executor.submit(int, 7).result() == 7


def test_threads_use_one_copy(monkeypatch):
    """Each training reads the caller's own array, and non-zeros are looked for once a dtype.

    And once more in groups of inputs, for the optimizers that want them so.
    """
    seen, compressed = [], []
    fit, compress = fastnn.Network.fit, Inputs._compress

    @wraps(fit)
    def watched(self, x, y, **options):
        seen.append((x.dtype, x.__array_interface__["data"][0], options["n_threads"]))
        return fit(self, x, y, **options)

    def counted(rows, in_groups):
        if rows._shape == SPARSE.shape:
            compressed.append((str(rows.dtype), in_groups))
        return compress(rows, in_groups=in_groups)

    monkeypatch.setattr(fastnn.Network, "fit", watched)
    monkeypatch.setattr(Inputs, "_compress", counted)
    fastnn.fit_many(SPECS, SPARSE, LABELS, **COMMON)
    assert {threads for _, _, threads in seen} == {1}
    singles = {place for dtype, place, _ in seen if dtype == "float32"}
    assert singles == {SPARSE.__array_interface__["data"][0]}
    assert len({place for _, place, _ in seen}) == 2
    assert sorted(compressed) == [("float32", False), ("float32", True), ("float64", True)]


def test_threads_check_rows_once(monkeypatch):
    """Rows are checked for all networks that take the same ones, before anything is trained."""
    names = note_checks(monkeypatch)
    fastnn.fit_many([{"seed": seed} for seed in range(4)], X, LABELS, sizes=[5, 4, 3], epochs=1)
    assert names == ["x"]


def test_arrays_are_written_once_and_tasks_are_small(folders):
    with shared_arrays.SharedArrays({"x": X, "y": LABELS}) as shared:
        assert shared.arrays["x"] is X
        assert folders() == []
        first = pickle.dumps(shared)
        (folder,) = folders()
        times = [p.stat().st_mtime_ns for p in sorted(folder.iterdir())]
        assert pickle.dumps(shared) == first
        assert [p.stat().st_mtime_ns for p in sorted(folder.iterdir())] == times
        assert len(first) < 500 < X.nbytes
        copy = pickle.loads(first)
        np.testing.assert_array_equal(copy.arrays["x"], X)
        assert copy.arrays["x"] is copy.arrays["x"]
        assert not copy.arrays["x"].flags.writeable
        assert isinstance(copy.arrays["x"].base, np.memmap)
        assert not copy.stopped
        shared.stop()
        assert copy.stopped
        assert shared.stopped
        with pytest.raises(RuntimeError, match="no longer shared"):
            pickle.dumps(shared)
    assert folders() == []


def test_nothing_is_left_of_what_could_not_be_written(folders, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with (
        shared_arrays.SharedArrays({"x": X}) as shared,
        pytest.raises(OSError, match="No space left on device: .*fastnn-"),
    ):
        pickle.dumps(shared)
    assert folders() == []


@pytest.mark.parametrize("verbose", [0, 1])
def test_progress(capsys, verbose):
    order = []
    results = fastnn.fit_many(
        SPECS, X, LABELS, verbose=verbose, on_fitted=lambda i, f: order.append((i, f)), **COMMON
    )
    assert sorted(i for i, _ in order) == list(range(len(SPECS)))
    assert all(results[i] is fitted for i, fitted in order)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("5/5" in err and "networks" in err) == bool(verbose)


def test_no_specs():
    assert fastnn.fit_many([], X, LABELS) == []


def test_callbacks_of_a_spec_are_called():
    epochs, rows = [], []
    spec = {
        **SPECS[0],
        "callbacks": [
            lambda net, epoch: epochs.append(epoch),
            fastnn.Progress(lambda *n: rows.append(n)),
        ],
    }
    fastnn.fit_many([spec], X, LABELS, epochs=3)
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
    assert rows[-1] == (61, 61)


@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="nothing is compiled")
def test_compiled_before_there_are_workers(monkeypatch):
    """What the first spec of each dtype runs."""
    calls = {}

    def compile(self, x, y, validation_data, **settings):
        assert (len(x), len(y), len(validation_data[0])) == (61, 61, 20)
        calls[x.dtype.name] = settings

    monkeypatch.setattr(fastnn.Network, "compile", compile)
    fastnn.fit_many(SPECS, X, LABELS, **COMMON)
    assert calls.keys() == {"float32", "float64"}
    assert calls["float32"] == {"n_threads": 1, "epochs": 2, "l2": 1.0}
    assert calls["float64"] == {"n_threads": 1, "epochs": 2, "l2": 0.5, "l1": 0.1, "batch_size": 7}


def test_other_ways_to_measure_and_weigh():
    """What fit makes of the rows, it makes of the shared ones."""
    options = {"epochs": 2, "validation_split": 0.25, "class_weight": "balanced"}
    (fitted,) = fastnn.fit_many([SPECS[0]], SPARSE, LABELS, **options)
    words = fit_many.split("spec", {**SPECS[0], **options})
    net = fastnn.Network(**words.network)
    net.fit(SPARSE, LABELS, **words.fit)
    assert same_bits(fitted.net, net)
    assert without_seconds(fitted.history) == without_seconds(net.history)


@pytest.mark.parametrize("make", executors())
def test_sparse_rows(make):
    """In threads as they are, in other processes mapped from files: the networks of a plain fit."""
    sparse = pytest.importorskip("scipy.sparse")
    x, executor = sparse.csr_array(SPARSE), make()
    with executor or nullcontext():
        more = {"epochs": 2, "validation_data": (x, LABELS), "executor": executor}
        found = fastnn.fit_many(SPECS[:2], x, LABELS, **more)
    for spec, fitted in zip(SPECS[:2], found, strict=True):
        words = fit_many.split("spec", {"epochs": 2, "n_threads": 1, **spec})
        net = fastnn.Network(**words.network)
        net.fit(x, LABELS, **words.fit)
        assert np.array_equal(fitted.net.weights[0], net.weights[0])
        assert fitted.history.validation_data_cost[-1] == net.evaluate(x, LABELS).data_cost
