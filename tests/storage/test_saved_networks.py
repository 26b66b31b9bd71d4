"""save and load, pickle and copy: nothing is lost."""

import copy
import errno
import os
import pickle
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small, trained_small, without_seconds

import fastnn
from fastnn import files
from fastnn.storage import npz

X, LABELS = labelled()


def through_a_file(net, folder):
    net.save(folder / "net.npz")
    return fastnn.load(folder / "net.npz")


WAYS = {
    "file": through_a_file,
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "copy": lambda net, _: copy.copy(net),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "float32"},
        {"dtype": "float64", "activation": "tanh", "cost": "log_likelihood"},
        {"activation": "relu", "cost": "quadratic", "output_activation": "softmax"},
    ],
)
def test_round_trip(way, tmp_path, options):
    net = trained_small(**options)
    other = way(net, tmp_path)
    assert everything(other) == everything(net)
    assert repr(other) == repr(net)
    assert type(other.history) is fastnn.History
    assert other.evaluate(X, LABELS) == net.evaluate(X, LABELS)  # with the penalty


@pytest.mark.parametrize(
    "optimizer", ["sgd", "momentum", "adam", fastnn.Momentum(0.5), fastnn.Adam(beta1=0.8)], ids=str
)
def test_training_goes_on_with_the_same_bits(way, tmp_path, optimizer):
    net = trained_small(optimizer)
    other = way(net, tmp_path)
    for each in (net, other):
        each.fit(X, LABELS, epochs=2, batch_size=4, learning_rate=0.1, optimizer=optimizer)
    assert everything(net)["arrays"] == everything(other)["arrays"]
    assert without_seconds(net.history) == without_seconds(other.history)


def test_a_pickle_may_be_read_on_a_cpu_with_other_registers(net):
    """Kernels pack parameters as the CPU likes it, so no pickle may hold them packed."""
    program = (
        "import pickle, sys\n"
        "net = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(b''.join(a.tobytes() for a in (*net.weights, *net.biases)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(net),
        env={**os.environ, "NUMBA_CPU_NAME": "generic"},  # a bare minimum: 16 bytes a register
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == b"".join(a.tobytes() for a in (*net.weights, *net.biases))


def test_a_diverged_network_can_be_copied():
    net = small()
    net.weights[0][1, 1] = np.nan
    assert same_bits(copy.deepcopy(net), net)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["weights", "biases", "first", "second"])
def test_what_load_would_refuse_is_not_saved(tmp_path, value, where):
    """The old file stays; a device gets nothing."""
    path, net = tmp_path / "net.npz", trained_small("adam")
    net.save(path)
    before = path.read_bytes()
    messages = {
        "weights": r"^weights\[1\]: expected finite numbers, got (-?inf|nan) at \[1, 2\]",
        "biases": r"^biases\[0\]: expected finite numbers, got (-?inf|nan) at \[3, 0\]",
        "first": r"^first_weights\[0\]: ",
        "second": r"^second_biases\[1\]: ",
    }
    if where == "weights":
        net.weights[1][1, 2] = value
    elif where == "biases":
        net.biases[0][3, 0] = value
    else:
        memory = net._engine.matrices(getattr(net._state.memory, where))
        (memory[0][0] if where == "first" else memory[1][1])[0, 0] = value
    with pytest.raises(ValueError, match=messages[where]):
        net.save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.npz"]
    for twin in (copy.deepcopy(net), copy.copy(net), pickle.loads(pickle.dumps(net))):
        assert everything(twin)["arrays"] == everything(net)["arrays"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda h: h.accuracy.append(0.5), "history: expected lists of one length: epoch, sec"),
        (lambda h: h.pop("penalty"), "history: expected lists of one length"),
        (lambda h: h.update(epoch=(1, 2)), "history: expected lists of one length"),
        (lambda h: h.accuracy.__setitem__(1, "good"), r"history: accuracy\[1\]: expected a number"),
        (lambda h: h.seconds.__setitem__(0, None), r"history: seconds\[0\]: .*, got None"),
        (lambda h: h.epoch.__setitem__(1, 1.5), r"history: epoch\[1\]: expected a whole number"),
        (lambda h: h.epoch.__setitem__(1, 0), r"history: epoch\[1\]: .*, got 0"),
        (lambda h: h.epoch.__setitem__(1, 10**30), r"history: epoch\[1\]: .*, got 10000"),
        (lambda h: h.weight_norms.__setitem__(0, (1.0,)), r"weight_norms\[0\]: expected 2 numbers"),
        (lambda h: h.weight_norms.__setitem__(0, 1.0), r"weight_norms\[0\]: expected 2 numbers"),
        (lambda h: h.update(mine=[object()]), "history: 'mine': expected a list that JSON can"),
    ],
)
def test_a_history_that_load_would_refuse_is_not_saved(saved, spoil, message):
    before, net = saved.read_bytes(), trained_small()
    spoil(net.history)
    with pytest.raises(ValueError, match=message):
        net.save(saved)
    assert saved.read_bytes() == before


def test_a_network_and_its_copy_are_independent(way, tmp_path, net):
    before, other = everything(net), way(net, tmp_path)
    other.fit(X, LABELS, epochs=1)
    other.weights[0][...] = 0
    other.biases[0] = np.ones((4, 1))
    assert everything(net) == before
    assert not other.weights[0].any()
    np.testing.assert_array_equal(other.biases[0], np.ones((4, 1)))


def test_the_original_of_a_copy_is_independent_as_well(way, tmp_path):
    """And both train on as they would have done: neither has taken the other's random numbers."""
    net, twin = trained_small("adam"), trained_small("adam")
    other = way(net, tmp_path)
    settings = {"epochs": 2, "batch_size": 4, "optimizer": "adam", "dropout": 0.2}
    other.fit(X, LABELS, **settings)
    net.fit(X, LABELS, **settings)
    twin.fit(X, LABELS, **settings)
    assert same_bits(net, twin)
    assert same_bits(other, twin)
    assert net.history.epoch == other.history.epoch == [1, 2, 3, 4]


class Owned(fastnn.Network):
    pass


def test_a_copy_shares_the_attributes_that_are_not_the_networks():
    net = Owned([5, 4, 3], seed=0)
    net.rows = np.zeros(3)
    twin = copy.copy(net)
    assert type(twin) is Owned
    assert twin.rows is net.rows
    assert copy.deepcopy(net).rows is not net.rows


@pytest.mark.parametrize(
    "make", [copy.copy, copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w))]
)
def test_copies_of_weights_are_what_they_were(make):
    net = small()
    before = [w.copy() for w in net.weights]
    kept = make(net.weights)
    net.fit(X, LABELS, epochs=1)
    assert not np.array_equal(net.weights[0], before[0])
    for w, old in zip(kept, before, strict=True):
        np.testing.assert_array_equal(w, old)
    kept[0][...] = 7
    assert not (net.weights[0] == 7).any()
    net.weights = kept
    assert (net.weights[0] == 7).all()


def test_an_untrained_network(way, tmp_path):
    other = way(small(), tmp_path)
    assert same_bits(other, small())
    assert other.history.epoch == []
    assert other.evaluate(X, LABELS).penalty == 0


@pytest.mark.parametrize("name", ["net.npz", "net", "net.model", "n e t.tar.gz", "näht", ".hidden"])
@pytest.mark.parametrize("kind", [str, Path])
def test_any_path(net, tmp_path, name, kind):
    path = kind(tmp_path / name)
    net.save(path)
    assert os.listdir(tmp_path) == [name]  # no suffix is added, nothing is left behind
    assert same_bits(fastnn.load(path), net)


def test_relative_path(net, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net.save("net")
    assert same_bits(fastnn.load("net"), net)


def test_no_pickle_inside(saved):
    with np.load(saved, allow_pickle=False) as archive:
        kinds = {archive[name].dtype.kind for name in archive.files}
    assert kinds == {"U", "V", "f"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_stays_a_link(net, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link, target = tmp_path / "link", tmp_path / "elsewhere" / "net"
    link.symlink_to(target)
    for _ in range(2):  # dangling at first
        net.save(link)
        assert link.is_symlink()
        assert same_bits(fastnn.load(target), net)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no /dev/null")
def test_a_device_is_written_to_and_not_replaced(net, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", None)  # or, as root, a failing test would do damage
    net.save("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


# Failures while writing.


def break_off(error):
    def write(file, **arrays):
        file.write(b"the first few bytes")
        file.flush()
        raise error

    return write


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("existing", [True, False])
def test_a_failure_while_writing_loses_nothing(net, tmp_path, monkeypatch, error, existing):
    path = tmp_path / "net.npz"
    if existing:
        small(seed=9).save(path)
    before = path.read_bytes() if existing else None
    monkeypatch.setattr(npz.np, "savez", break_off(error))
    with pytest.raises(type(error)):
        net.save(path)
    assert os.listdir(tmp_path) == (["net.npz"] if existing else [])
    assert not existing or path.read_bytes() == before


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_of_the_system_loses_nothing(net, saved, monkeypatch, call):
    before = saved.read_bytes()

    def fail(*arguments):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(OSError, match="Input/output"):
        small(seed=9).save(saved)
    assert os.listdir(saved.parent) == [saved.name]
    assert saved.read_bytes() == before


def test_the_old_file_is_whole_until_the_new_one_is(net, saved, monkeypatch):
    before, replace = saved.read_bytes(), os.replace

    def look_and_replace(source, target):
        assert saved.read_bytes() == before
        assert same_bits(fastnn.load(source), other)
        replace(source, target)

    other = small(seed=9)
    monkeypatch.setattr(files.os, "replace", look_and_replace)
    other.save(saved)
    assert same_bits(fastnn.load(saved), other)


def test_errors_name_the_path_that_was_asked_for(net, tmp_path):
    path = tmp_path / "nowhere" / "net.npz"
    with pytest.raises(FileNotFoundError) as caught:
        net.save(path)
    assert caught.value.filename == str(path)
    assert "tmp" not in str(caught.value).replace(str(path), "")
    with pytest.raises(OSError, match=str(tmp_path)):  # a folder
        net.save(tmp_path)
    assert os.listdir(tmp_path) == []


def test_threads_that_save_to_one_path(tmp_path):
    """Whoever is last wins; no file is ever a mixture."""
    nets = [small(seed=seed) for seed in range(4)]
    path, failures = tmp_path / "net", []

    def save_often(net):
        try:
            for _ in range(20):
                net.save(path)
                fastnn.load(path)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=save_often, args=(net,)) for net in nets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert os.listdir(tmp_path) == ["net"]
    assert any(same_bits(fastnn.load(path), net) for net in nets)


@pytest.mark.parametrize(
    ("name", "figures"),
    [("mine", 5), ("mine", [np.float32(1)]), ("mine", [{1, 2}]), (3, [1.0]), ("mine", (1, 2))],
)
def test_what_users_add_to_the_history_can_be_read_again_or_is_refused(name, figures, tmp_path):
    net, path = small(), tmp_path / "net.npz"
    net.history[name] = [1, None, "good"]
    if name == "mine":
        net.save(path)
        assert fastnn.load(path).history["mine"] == [1, None, "good"]
    net.history[name] = figures
    with pytest.raises(ValueError, match=f"^history: {name!r}: expected a list that JSON can hold"):
        net.save(path)


def test_what_the_last_fit_was_asked_for(way, tmp_path):
    net = small()
    assert net.last_fit is way(net, tmp_path).last_fit is None
    settings = {"batch_size": 7, "l2": (1.0, 0.0), "l1": fastnn.Proximal(2), "max_norm": [3, None]}
    settings |= {"learning_rate": fastnn.Cosine(0.25), "dropout": 0.5, "input_dropout": 0.125}
    net.fit(X, LABELS, epochs=2, optimizer=fastnn.Momentum(0.75), **settings)
    fit = way(net, tmp_path).last_fit
    assert fit == net.last_fit
    assert fit.optimizer == fastnn.Momentum(0.75)
    assert fit.penalty == ((2.0, 2.0), (1.0, 0.0), len(X))
    schedule = "Cosine(eta=0.25, end=0.0)"
    assert fit.asked == (2, 7, 0.25, schedule, True, (0.125, 0.5), (3.0, 0.0))
    net.fit(X, LABELS, epochs=1, learning_rate=lambda t: 0.5)
    asked = way(net, tmp_path).last_fit.asked
    assert (asked.schedule, asked.proximal, asked.batch_size) == ("a function", False, 10)
    net.fit(X, LABELS, epochs=1, learning_rate=0.5)
    assert way(net, tmp_path).last_fit.asked.schedule == "constant"


def test_a_file_that_does_not_have_what_fit_was_asked_for(tmp_path):
    net = fastnn.load(Path(__file__).with_name("version_0_1_network.npz"))
    assert net.last_fit.asked is None
    assert net.last_fit.penalty.n > 1
