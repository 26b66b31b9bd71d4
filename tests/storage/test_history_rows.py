"""The history as rows of numbers: nothing of it is lost, and only what is new is converted."""

import io
import math

import numpy as np
import pytest
from rewriting import header_of, rewrite
from samples import labelled, same_bits, small, with_callbacks, without_seconds

import fastnn
from fastnn.storage import history_rows
from fastnn.storage.history_rows import HistoryRows
from fastnn.training.history import Epoch

NAN, INF = float("nan"), float("inf")
NORMS = (1.0, 2.0)
EPOCHS = [
    Epoch(1, 0.5, 0.25, 0.0, None, None, None, 0.1, NORMS, (0.0, 1.0), (3.0, 4.0)),
    Epoch(2, 0.5, NAN, 0.0, 0.75, NAN, None, 0.1, None, (NAN, 1.0), (INF, -0.0)),
    Epoch(4, 0.5, INF, 1e-320, NAN, 0.1, 0.3, None, NORMS, None, None),
]


def history_of(epochs):
    history = fastnn.History()
    for epoch in epochs:
        history.append(epoch)
    return history


def assert_alike(one, other):
    """NaN is NaN, None is None, and -0 is -0."""
    assert repr(one) == repr(other)


@pytest.mark.parametrize("count", range(len(EPOCHS) + 1))
def test_there_and_back(count):
    history = history_of(EPOCHS[:count])
    rows = HistoryRows(2).of(history)
    history_rows.check(rows)
    buffer = io.BytesIO()
    np.save(buffer, rows, allow_pickle=False)
    buffer.seek(0)
    assert_alike(history_rows.as_lists(np.load(buffer)), dict(history))


def test_every_figure_has_its_place():
    names = history_rows.row_type(3).names
    assert names[:-1] == Epoch._fields
    assert len(Epoch._fields) <= 64  # bits


def test_numbers_of_other_kinds_become_plain_ones():
    history = history_of(EPOCHS[:1])
    history.epoch[0], history.seconds[0] = np.int32(7), 3
    history.accuracy[0] = np.float32(0.5)
    history.weight_norms[0] = [1, 2]
    lists = history_rows.as_lists(HistoryRows(2).of(history))
    assert [type(lists[n][0]) for n in ("epoch", "seconds", "accuracy")] == [int, float, float]
    assert (lists["epoch"], lists["seconds"], lists["accuracy"]) == ([7], [3.0], [0.5])
    assert lists["weight_norms"] == [NORMS]


@pytest.mark.parametrize("maker", ["same", "new"])
def test_a_history_that_grows_shrinks_and_changes(maker):
    """Whatever happens between two calls, the rows are those of the lists as they are."""
    same, rng = HistoryRows(2), np.random.default_rng(0)
    history, before = fastnn.History(), []
    for step in range(60):
        kind = step % 6
        if kind == 3 and history.epoch:
            history.accuracy[0] = float(rng.random())
        elif kind == 5:
            for figures in history.values():
                del figures[-2:]
        else:
            for epoch in [EPOCHS[i] for i in rng.integers(0, 3, 3)]:
                history.append(epoch)
        rows = (same if maker == "same" else HistoryRows(2)).of(history)
        assert not rows.flags.writeable
        assert_alike(history_rows.as_lists(rows), dict(history))
        for older, content in before:  # what others still have of it stays
            assert older.tobytes() == content
        before = [*before[-3:], (rows, rows.tobytes())]


def test_only_new_epochs_are_converted(monkeypatch):
    converted, column = [], HistoryRows._column

    def count(self, name, figures):
        converted.append(len(figures))
        return column(self, name, figures)

    monkeypatch.setattr(HistoryRows, "_column", count)
    history, maker = history_of([EPOCHS[0]._replace(accuracy=0.5)] * 100), HistoryRows(2)
    maker.of(history)
    assert max(converted) == 100
    converted.clear()
    for _ in range(3):
        history.append(EPOCHS[0])
        maker.of(history)
    assert max(converted) == 1


def test_an_error_leaves_what_was_known():
    history, maker = history_of(EPOCHS), HistoryRows(2)
    maker.of(history)
    history.append(EPOCHS[0]._replace(seconds="1.5"))
    for _ in range(2):
        with pytest.raises(
            ValueError, match=r"history: seconds\[3\]: expected a number, got '1.5'"
        ):
            maker.of(history)
    history.seconds[-1] = 1.5
    assert_alike(history_rows.as_lists(maker.of(history)), dict(history))


# Through files.


def test_none_and_nan_come_back_as_what_they_were(tmp_path):
    net = small()
    for epoch in EPOCHS:
        net.history.append(epoch)
    net.history.best_epoch = 2
    net.save(tmp_path / "net.npz")
    history = fastnn.load(tmp_path / "net.npz").history
    assert_alike(dict(history), dict(net.history))
    assert history.best_epoch == 2
    assert math.isnan(history.data_cost[1])


def test_lists_that_a_callback_adds_are_kept(tmp_path):
    def note(net, epoch):
        net.history.setdefault("mine", []).append([epoch.epoch, "text", None])

    net = small()
    net.fit(*labelled(), epochs=2, callbacks=[note, fastnn.Checkpoint(tmp_path / "net.npz")])
    expected = [(1, "text", None), (2, "text", None)]  # lists within become tuples
    assert fastnn.load(tmp_path / "net.npz").history["mine"] == expected


def test_a_file_grows_by_few_bytes_an_epoch(tmp_path):
    path, net = tmp_path / "net.npz", fastnn.Network([2, 2, 1], seed=0)
    net.save(path)
    before = path.stat().st_size
    net.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=1000, batch_size=4)
    net.save(path)
    assert path.stat().st_size - before <= 130 * 1000
    assert fastnn.load(path).history == net.history
    assert len(str(header_of(path))) < 2000


# Files of version 1, whose header has the history. This one is a checkpoint of an Adam training
# within its third epoch, with early stopping.


@pytest.fixture
def old(tmp_path, request):
    path = tmp_path / "old.npz"
    path.write_bytes((request.path.parent / "version_1.npz").read_bytes())
    return path


def test_a_file_of_version_1_is_the_same_network(old, tmp_path):
    header = header_of(old)
    assert header["version"] == 1
    net = fastnn.load(old)
    assert net.history.epoch == [1, 2]
    for name in Epoch._fields:
        as_stored = [tuple(f) if isinstance(f, list) else f for f in header["history"][name]]
        assert net.history[name] == as_stored
    assert net.history.best_epoch == header["best_epoch"] == 2
    with np.load(old) as archive:
        np.testing.assert_array_equal(net.weights[1], archive["weights_1"])
        first = net._engine.matrices(net._state.memory.first)[0][0]
        np.testing.assert_array_equal(first, archive["first_weights_0"])
    net.save(tmp_path / "new.npz")
    assert header_of(tmp_path / "new.npz")["version"] == 2
    new = fastnn.load(tmp_path / "new.npz")
    assert same_bits(new, net)
    assert new.history == net.history


def test_a_training_of_version_1_goes_on(old):
    settings = {
        "epochs": 4,
        "batch_size": 10,
        "learning_rate": 0.01,
        "l2": 5.0,
        "optimizer": "adam",
        "validation_data": labelled(11, seed=3),
        "callbacks": fastnn.EarlyStopping("validation_data_cost", 3),
    }
    net, expected = small(9), small(5)
    net.fit(*labelled(61), **with_callbacks(settings, fastnn.Checkpoint(old, resume=True)))
    expected.fit(*labelled(61), **settings)
    for w, expected_w in zip(net.weights, expected.weights, strict=True):
        np.testing.assert_allclose(w, expected_w, rtol=1e-9)  # another CPU may have written it
    assert net.history.epoch == [1, 2, 3, 4]
    got, wanted = without_seconds(net.history), without_seconds(expected.history)
    np.testing.assert_allclose(got["data_cost"], wanted["data_cost"], rtol=1e-9)


OLD_LIES = {
    "text": lambda h: h["accuracy"].__setitem__(0, "0.5"),
    "null where a number must be": lambda h: h["seconds"].__setitem__(1, None),
    "a list": lambda h: h["data_cost"].__setitem__(1, [1.0]),
    "a number of layers": lambda h: h["weight_norms"].__setitem__(1, [1.0]),
    "a number for the layers": lambda h: h["zero_shares"].__setitem__(0, 0.0),
    "text for the layers": lambda h: h["zero_shares"].__setitem__(0, "ab"),
    "epochs": lambda h: h["epoch"].__setitem__(0, 0),
    "half an epoch": lambda h: h["epoch"].__setitem__(0, 0.5),
    "a huge number": lambda h: h["penalty"].__setitem__(0, 10**400),
    "lengths": lambda h: h["seconds"].append(1.0),
    "a list missing": lambda h: h.pop("seconds"),
    "kind": lambda h: h.update(seconds=5),
}


@pytest.mark.parametrize("change", OLD_LIES.values(), ids=OLD_LIES)
def test_a_history_of_version_1_that_lies(old, change):
    rewrite(old, lambda header: change(header["history"]))
    with pytest.raises(ValueError, match=f"^{old}: the file is damaged: history: "):
        fastnn.load(old)


def test_figures_that_version_1_did_not_measure(old):
    """Until some time before 0.1 there were no figures of the weights."""
    rewrite(old, lambda header: header["history"].pop("weight_norms"))
    assert fastnn.load(old).history.weight_norms == [None, None]


def test_version_1_refuses_new_files_in_words(tmp_path):
    """It reads the header as text and its version before all else."""
    small().save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as archive:
        assert archive["header"].dtype.kind == "U"
        assert archive["header"].shape == ()
    assert list(header_of(tmp_path / "net.npz"))[:2] == ["format", "version"]
