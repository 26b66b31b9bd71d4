"""save and load, pickle and copy: nothing is lost, and nothing foreign is let in."""

import copy
import errno
import io
import json
import os
import pickle
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small, without_seconds

import fastnn
from fastnn import files, storage

X, LABELS = labelled()


def trained(optimizer="momentum", **options):
    net = small(**options)
    net.fit(
        X, LABELS, epochs=2, batch_size=4, learning_rate=0.1, l1=0.1, l2=1.0, optimizer=optimizer,
        validation_data=(X, LABELS),
    )  # fmt: skip
    return net


@pytest.fixture(scope="module")
def net():
    return trained()


@pytest.fixture
def saved(net, tmp_path):
    net.save(tmp_path / "net.npz")
    return tmp_path / "net.npz"


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
    net = trained(**options)
    other = way(net, tmp_path)
    assert everything(other) == everything(net)
    assert repr(other) == repr(net)
    assert type(other.history) is fastnn.History
    assert other.evaluate(X, LABELS) == net.evaluate(X, LABELS)  # with the penalty


@pytest.mark.parametrize(
    "optimizer", ["sgd", "momentum", "adam", fastnn.Momentum(0.5), fastnn.Adam(beta1=0.8)], ids=str
)
def test_training_goes_on_with_the_same_bits(way, tmp_path, optimizer):
    net = trained(optimizer)
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


# Files that are refused.


def assert_refused(path):
    with pytest.raises(ValueError, match="damaged") as caught:
        fastnn.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        fastnn.load(tmp_path / "nowhere")


def test_folder_instead_of_a_file(tmp_path):
    with pytest.raises(OSError, match=str(tmp_path)):
        fastnn.load(tmp_path)


@pytest.mark.parametrize("part", [0.0, 0.01, 0.1, 0.5, 0.9, 0.99, -1])
def test_truncated_files(saved, part):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(part * len(content)) if part >= 0 else -1])
    assert_refused(saved)


def test_a_flipped_byte_is_noticed_or_harmless(saved, net):
    """zip checks its content; a few bytes of it, such as dates, don't matter."""
    content, expected, noticed = saved.read_bytes(), everything(net), 0
    places = range(0, len(content), 23)
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        saved.write_bytes(damaged)
        try:
            other = fastnn.load(saved)
        except ValueError:
            noticed += 1
        else:
            assert everything(other) == expected
    assert noticed > 0.7 * len(places)


class Evil:
    """Unpickling it is noticed."""

    unpickled = False

    def __reduce__(self):
        return setattr, (Evil, "unpickled", True)


FOREIGN = {
    "text": lambda path: path.write_text("weights: 1 2 3\n" * 100),
    "pickle": lambda path: path.write_bytes(pickle.dumps(Evil())),
    "npz of others": lambda path: savez(path, a=np.zeros(3)),
    "npz with an object": lambda path: savez(path, header=np.array([Evil()], dtype=object)),
    "npz with another header": lambda path: savez(path, header=np.array('{"format": "x"}')),
    "npz with a list as header": lambda path: savez(path, header=np.array("[1, 2]")),
    "npz with a number as header": lambda path: savez(path, header=np.zeros(3)),
    "npz with deep JSON": lambda path: savez(path, header=np.array("[" * 100_000)),
    "npy": lambda path: path.write_bytes(npy(np.zeros(3))),
    "npy with an object": lambda path: path.write_bytes(npy(np.array([Evil()], dtype=object))),
    "npy that claims to be huge": lambda path: path.write_bytes(
        npy(np.zeros(3)).replace(b"(3,), }" + 15 * b" ", b"(3" + 14 * b"0" + b",), } ")
    ),
}


def savez(path, **arrays):
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize("write", FOREIGN.values(), ids=FOREIGN)
def test_foreign_files(tmp_path, write):
    path = tmp_path / "some file"
    write(path)
    assert_refused(path)
    assert not Evil.unpickled


LIES = {
    "version": lambda header: header.update(version=2),
    "no sizes": lambda header: header.pop("sizes"),
    "other sizes": lambda header: header.update(sizes=[5, 3, 3]),
    "more layers": lambda header: header.update(sizes=[5, 4, 3, 2]),
    "huge sizes": lambda header: header.update(sizes=[10**9, 10**9]),
    "no layers": lambda header: header.update(sizes=[]),
    "sizes as text": lambda header: header.update(sizes="543"),
    "activation": lambda header: header.update(activation="eval"),
    "output": lambda header: header.update(output_activation="softmax"),
    "dtype": lambda header: header.update(dtype="object"),
    "n": lambda header: header["regularization"].update(n=0),
    "l2": lambda header: header["regularization"].update(l2="5"),
    "no regularization": lambda header: header.update(regularization=None),
    "history": lambda header: header["history"].pop("seconds"),
    "history's lengths": lambda header: header["history"]["seconds"].append(1.0),
    "history's kind": lambda header: header.update(history=[]),
    "no arrays": lambda header: header.update(arrays=[]),
    "arrays missing": lambda header: header["arrays"].append("third_weights"),
    "arrays of an optimizer missing": lambda header: header.update(arrays=["weights", "biases"]),
    "optimizer": lambda header: header.update(optimizer="eval"),
    "other optimizer": lambda header: header.update(optimizer="adam", hyperparameters={}),
    "arrays of no use": lambda header: header.update(optimizer="sgd", hyperparameters={}),
    "hyperparameters": lambda header: header["hyperparameters"].update(mu=2.0),
    "unknown hyperparameters": lambda header: header["hyperparameters"].update(nu=0.5),
    "updates": lambda header: header.update(updates=-1),
    "no random state": lambda header: header.update(random_state={}),
    "random state": lambda header: header["random_state"].update(bit_generator="MT19937"),
    "random state's size": lambda header: header["random_state"]["state"].update(state=2**200),
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES)
def test_headers_that_lie(saved, change):
    with np.load(saved) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays["header"]))
    change(header)
    savez(saved, **{**arrays, "header": np.array(json.dumps(header))})
    assert_refused(saved)


def test_infinite_weights_in_a_file(saved):
    with np.load(saved) as archive:
        arrays = dict(archive)
    arrays["weights_1"][1, 2] = np.inf
    savez(saved, **arrays)
    assert "weights[1]: expected finite numbers, got inf" in assert_refused(saved)


def test_a_later_versions_file_says_so(saved):
    with np.load(saved) as archive:
        arrays = dict(archive)
    arrays["header"] = np.array(str(arrays["header"]).replace('"version": 1', '"version": 7'))
    savez(saved, **arrays)
    assert "format version 7" in assert_refused(saved)
