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
from fastnn import files, storage

X, LABELS = labelled()


def through_a_file(net, folder):
    net.save(folder / "net.npz")
    return fastnn.load(folder / "net.npz")


WAYS = {
    "file": through_a_file,
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "deepcopy": lambda net, _: copy.deepcopy(net),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "float32"},
        {"dtype": "float64", "activation": "tanh", "cost": "log-likelihood"},
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


def test_a_network_and_its_copy_are_independent(way, tmp_path, net):
    before, other = everything(net), way(net, tmp_path)
    other.fit(X, LABELS, epochs=1)
    other.weights[0][...] = 0
    other.biases[0] = np.ones((4, 1))
    assert everything(net) == before
    assert not other.weights[0].any()
    np.testing.assert_array_equal(other.biases[0], np.ones((4, 1)))


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
    assert kinds == {"U", "f"}


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
    monkeypatch.setattr(storage.np, "savez", break_off(error))
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
