"""Checkpoints and arguments that are refused, with nothing changed."""

import inspect
import os

import numpy as np
import pytest
from rewriting import ARRAY_LIES, HEADER_LIES, rewrite
from samples import everything, labelled, same_bits, small, with_callbacks

import fastnn
from fastnn.training import pieces

X, LABELS = labelled(61)
SETTINGS = {"epochs": 4, "batch_size": 10, "learning_rate": 0.1, "l2": 5.0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


def refused(error, net=None, x=X, y=LABELS, resume=None, **changed):
    """The message; nothing may change. `resume` is the path of a checkpoint to go on from."""
    net = net or small(9)
    if resume is not None:
        changed = with_callbacks(changed, fastnn.Checkpoint(resume, resume=True))
    before = everything(net)
    with pytest.raises(error) as caught:
        net.fit(x, y, **{**SETTINGS, **changed})
    assert everything(net) == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"every_epochs": 0}, ValueError, "every_epochs: expected at least 1, got 0"),
        ({"every_epochs": 1.5}, TypeError, "every_epochs: expected a whole number, got 1.5"),
        ({"every_seconds": 0}, ValueError, "every_seconds: expected a finite number above 0"),
        ({"every_seconds": -1.0}, ValueError, "every_seconds: expected a finite number above 0"),
        ({"every_seconds": float("nan")}, ValueError, "every_seconds: expected a finite number"),
        ({"every_seconds": "1"}, TypeError, "every_seconds: expected a number, got '1'"),
        ({"every_epochs": 1, "every_seconds": 1.0}, ValueError, "got both: 1 and 1.0"),
        ({"resume": "yes"}, ValueError, "resume: expected True, False or 'if there', got 'yes'"),
        ({"resume": None}, ValueError, "resume: expected True, False or 'if there', got None"),
    ],
)
def test_intervals_that_are_none(path, settings, error, message):
    with pytest.raises(error, match="Checkpoint: ") as caught:
        fastnn.Checkpoint(path, **settings)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [5, 1.0, b"path", ["path"], True])
def test_paths_that_are_none(value):
    with pytest.raises(TypeError, match="Checkpoint: expected a path"):
        fastnn.Checkpoint(value)


def test_a_place_that_cannot_be_written_is_known_before_the_training(tmp_path):
    missing = tmp_path / "missing" / "run.npz"
    assert "expected an existing folder" in refused(
        FileNotFoundError, callbacks=fastnn.Checkpoint(missing)
    )
    assert "is a folder" in refused(OSError, callbacks=fastnn.Checkpoint(tmp_path))
    assert os.listdir(tmp_path) == []


@pytest.fixture
def checkpoint(path, monkeypatch):
    """Of the middle of the third epoch."""
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    calls = []

    def stop(done, total):
        calls.append(done)
        if len(calls) == 17:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(seed=5).fit(
            X, LABELS, **SETTINGS, callbacks=[fastnn.Checkpoint(path), fastnn.Progress(stop)]
        )
    return path


def test_a_missing_file(path):
    message = refused(FileNotFoundError, resume=path)
    assert "resume=True: expected a file to go on from, found none (resume='if there'" in message
    assert "run.npz" in message


def test_a_network_that_is_no_checkpoint(path):
    small().save(path)
    assert "expected a checkpoint that fit wrote" in refused(ValueError, resume=path)


def test_a_foreign_file(path):
    path.write_text("weights")
    assert "another or a damaged file" in refused(ValueError, resume=path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_file(checkpoint, part):
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(part * len(content))])
    assert "damaged" in refused(ValueError, resume=checkpoint)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (fastnn.Network([5, 6, 3], dtype="float64"), "expected a network with sizes [5, 6, 3]"),
        (small(activation="tanh"), "activation"),
        (small(cost="quadratic"), "cost 'quadratic', got 'cross_entropy'"),
        (small(dtype="float32"), "dtype 'float32', got 'float64'"),
    ],
)
def test_another_kind_of_network(checkpoint, other, message):
    assert message in refused(ValueError, other, resume=checkpoint)


# For each of fit's arguments another value and what the error says, or why there is none.
NO_EFFECT = "changes nothing of the result"
OTHERS = {
    "x": ({"x": X + 1}, "x is 61x5 float64 with digest "),
    "y": ({"y": (LABELS + 1) % 3}, "y is "),
    "epochs": (5, "epochs is 5, was 4"),
    "batch_size": (9, "batch_size is 9, was 10"),
    "learning_rate": (0.2, "learning_rate is 0.2, was 0.1"),
    "mean_over": ("weights", "mean_over='weights' is True, was False"),
    "l2": (6.0, "l2 is [6.0, 6.0], was [5.0, 5.0]"),
    "l1": ([0.0, 1.0], "l1 is [0.0, 1.0], was [0.0, 0.0]"),
    "optimizer": ("adam", "optimizer is 'adam', was 'sgd'"),
    "max_norm": (2.0, "max_norm is [2.0, 2.0], was [0.0, 0.0]"),
    "dropout": (0.5, "dropout, the input's first, is [0.0, 0.5], was [0.0, 0.0]"),
    "input_dropout": (0.5, "dropout, the input's first, is [0.5, 0.0], was [0.0, 0.0]"),
    "validation_data": ((X, LABELS), "validation_data is Data(x=61x5 float64"),
    "validation_split": (0.3, "validation_data is Data("),
    "sample_weight": (np.full(61, 0.5), "sample_weight is 61 float64, was None"),
    "class_weight": ("balanced", "sample_weight is 61 float64, was None"),
    "shuffle": (False, "shuffle is False, was True"),
    "callbacks": (fastnn.EarlyStopping("cost"), "early_stopping is EarlyStopping(monitor='c"),
    "n_threads": NO_EFFECT,
    "verbose": NO_EFFECT,
    "check_regularization": NO_EFFECT,
}


def test_every_argument_is_thought_of():
    """A new argument that changes the result must be one that checkpoints compare."""
    assert {"self", *OTHERS} == set(inspect.signature(fastnn.Network.fit).parameters)


@pytest.mark.parametrize("name", [name for name in OTHERS if OTHERS[name] != NO_EFFECT])
def test_other_settings_or_data(checkpoint, name):
    value, expected = OTHERS[name]
    changed = value if name in ("x", "y") else {name: value}
    message = refused(ValueError, resume=checkpoint, **changed)
    assert message.startswith("Checkpoint: resume: expected the settings and data of")
    assert expected in message
    if name not in ("optimizer", "validation_split"):  # these change several
        assert message.count(" was ") == 1  # nothing else differs


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"l1": fastnn.Proximal(0)}, "l1=fastnn.Proximal is True, was False"),
        ({"optimizer": fastnn.SGD(clip_norm=2.0)}, "the optimizer's clip_norm is 2.0, was 0.0"),
    ],
)
def test_other_parts_of_an_argument(checkpoint, changed, expected):
    message = refused(ValueError, resume=checkpoint, **changed)
    assert message.endswith(f"got others: {expected}")


def test_functions_among_the_callbacks_cannot_be_compared(checkpoint):
    net, calls = small(9), []
    resumed = fastnn.Checkpoint(checkpoint, resume=True)
    net.fit(X, LABELS, **SETTINGS, callbacks=[resumed, lambda *_: calls.append(1)])
    assert len(calls) == 2


def test_all_that_differs_is_named_and_shapes_are_shown(checkpoint):
    x, y = X[:60], LABELS[:60]
    message = refused(ValueError, None, x, y, resume=checkpoint, l1=1.0, learning_rate=0.5)
    for part in ("x is 60x5 float64, was 61x5 float64", "y is ", "l1 is ", "learning_rate is "):
        assert part in message


def test_a_schedule_is_compared(path):
    settings = {**SETTINGS, "learning_rate": fastnn.Cosine(0.1)}
    small().fit(X, LABELS, **settings, callbacks=fastnn.Checkpoint(path))
    message = refused(ValueError, resume=path)
    assert "learning_rate is Constant(eta=0.1), was Cosine(eta=0.1" in message
    message = refused(ValueError, resume=path, learning_rate=fastnn.Cosine(0.2))
    assert "learning_rate is 0.2, was 0.1" in message


LIES = {
    "no position": lambda c: c.pop("position"),
    "another kind": lambda c: c.update(position=[1, 2]),
    "epochs": lambda c: c["position"].update(epochs=-1),
    "more epochs than the history has": lambda c: c["position"].update(epochs=3),
    "fewer epochs than the best one": lambda c: c["position"].update(epochs=0),
    "rows": lambda c: c["position"].update(done=62),
    "no whole mini-batches": lambda c: c["position"].update(done=25),
    "seconds": lambda c: c["position"].update(seconds="5"),
    "endless seconds": lambda c: c["position"].update(seconds=np.inf),
    "progress": lambda c: c["position"].update(progress=[1.0]),
    "progress of text": lambda c: c["position"].update(progress=["1", "2", "3", "1"]),
    "progress of lists": lambda c: c["position"].update(progress=[[1.0], [1.0], [1.0], [1.0]]),
    "infinite progress": lambda c: c["position"]["progress"].__setitem__(3, np.inf),
    "other updates than the optimizer's": lambda c: c["position"]["progress"].__setitem__(0, 18.0),
    "half an update": lambda c: c["position"]["progress"].__setitem__(0, 17.5),
    "more correct rows than rows": lambda c: c["position"]["progress"].__setitem__(2, 31.0),
    "correct rows": lambda c: c["position"]["progress"].__setitem__(2, -1.0),
    "scale": lambda c: c["position"]["progress"].__setitem__(3, 0.0),
    "scale above 1": lambda c: c["position"]["progress"].__setitem__(3, 2.0),
    "random state": lambda c: c["position"].update(random_state={}),
    "random state's size": lambda c: c["position"]["random_state"].update(uinteger=2**40),
    "more": lambda c: c["position"].update(more=1),
    "finished": lambda c: c.update(finished="no"),
    "finished with a best epoch": lambda c: c.update(finished=True),
    "no settings": lambda c: c.pop("settings"),
    "settings' kind": lambda c: c["settings"].update(data={"crc32": 3}),
}


@pytest.fixture(scope="module")
def rich_content(tmp_path_factory):
    """A checkpoint of the middle of the third epoch with all that there can be in it."""
    path, calls = tmp_path_factory.mktemp("rich") / "run.npz", []

    def stop(done, total):
        calls.append(done)
        if len(calls) == 17:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_PIECE_WORK", 1)
        callbacks = fastnn.Checkpoint(path), fastnn.Progress(stop)
        with pytest.raises(KeyboardInterrupt):
            small(seed=5).fit(X, LABELS, **with_callbacks(RICH, *callbacks))
    return path.read_bytes()


@pytest.fixture
def rich(rich_content, path):
    """Its file."""
    path.write_bytes(rich_content)
    return path


RICH = {
    **SETTINGS,
    "optimizer": "momentum",
    "validation_data": labelled(11, seed=3),
    "callbacks": fastnn.EarlyStopping("validation_accuracy", 5),
}


def refused_with_a_past(path):
    """The message; the network's own history, optimizer and generator must stay as well."""
    net = small(9)
    net.fit(X, LABELS, epochs=1, optimizer="adam")
    best, history = net.history.best_epoch, net.history.copy()
    message = refused(ValueError, net, **RICH, resume=path)
    assert net.history == history
    assert net.history.best_epoch == best
    assert str(path) in message
    return message


@pytest.mark.parametrize("change", LIES.values(), ids=LIES)
def test_positions_that_lie(rich, change):
    rewrite(rich, lambda header: change(header["checkpoint"]))
    assert "damaged" in refused_with_a_past(rich)


@pytest.mark.parametrize("change", HEADER_LIES.values(), ids=HEADER_LIES)
def test_headers_that_lie(rich, change):
    rewrite(rich, change)
    assert "damaged" in refused_with_a_past(rich)


BEST = {
    "no validation costs": lambda arrays: arrays["history"]["lacking"].fill(1 << 5),
    "no accuracies": lambda arrays: arrays["history"]["lacking"].fill(1 << 6),
    "NaN": lambda arrays: arrays["best_weights_1"].__setitem__((0, 0), np.nan),
    "no best biases": lambda arrays: arrays.pop("best_biases_1"),
}


@pytest.mark.parametrize("change", [*ARRAY_LIES.values(), *BEST.values()], ids=[*ARRAY_LIES, *BEST])
def test_arrays_that_lie(rich, change):
    rewrite(rich, change_arrays=change)
    assert "damaged" in refused_with_a_past(rich)


@pytest.mark.parametrize("kept", [[], ["best_biases"], ["best_weights"]])
def test_best_parameters_that_are_not_all_there(rich, kept):
    def change(header):
        names = [name for name in header["arrays"] if not name.startswith("best_")]
        header["arrays"] = [*names, *kept]

    rewrite(rich, change)
    assert "best" in refused_with_a_past(rich)


def test_fewer_updates_than_the_rows_need(rich):
    def change(header):
        header["updates"] = 2
        header["checkpoint"]["position"]["progress"][0] = 2.0

    rewrite(rich, change)
    assert "30 rows need more updates" in refused_with_a_past(rich)


def test_a_history_without_what_the_schedule_goes_by(path):
    settings = {**SETTINGS, "learning_rate": fastnn.HalveOnPlateau(0.1, patience=1)}
    settings["validation_data"] = labelled(11, seed=3)
    callbacks = [fail_in_the_third, fastnn.Checkpoint(path)]
    with pytest.raises(ZeroDivisionError):
        small(5).fit(X, LABELS, **settings, callbacks=callbacks)
    rewrite(path, change_arrays=lambda arrays: arrays["history"]["lacking"].fill(1 << 6))
    message = refused(ValueError, **settings, resume=path)
    assert message.endswith("the history lacks validation_accuracy, which fit goes by")


def fail_in_the_third(net, epoch):
    if epoch.epoch == 3:
        raise ZeroDivisionError


def test_what_lies_was_true(rich):
    """All of these files are refused for the lie in them."""
    rewrite(rich)
    net = small(9)
    net.fit(X, LABELS, **with_callbacks(RICH, fastnn.Checkpoint(rich, resume=True)))
    expected = small(5)
    expected.fit(X, LABELS, **RICH)
    assert same_bits(net, expected)
