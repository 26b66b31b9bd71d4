"""What `load` refuses: files that are damaged, of others, or that lie."""

import errno
import io
import os
import pickle
import socket
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from rewriting import ARRAY_LIES, HEADER_LIES, rewrite, savez
from samples import everything, labelled, small

import fastnn

MIB = 1 << 20


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
    "version": lambda header: header.update(version=3),
    "no sizes": lambda header: header.pop("sizes"),
    "other sizes": lambda header: header.update(sizes=[5, 3, 3]),
    "more layers": lambda header: header.update(sizes=[5, 4, 3, 2]),
    "huge sizes": lambda header: header.update(sizes=[10**9, 10**9]),
    "no layers": lambda header: header.update(sizes=[]),
    "sizes as text": lambda header: header.update(sizes="543"),
    "sizes of floats": lambda header: header.update(sizes=[5.0, 4.0, 3.0]),
    "activation": lambda header: header.update(activation="eval"),
    "output": lambda header: header.update(output_activation="softmax"),
    "dtype": lambda header: header.update(dtype="object"),
    "other dtype": lambda header: header.update(dtype="float32"),
    "input scale": lambda header: header.update(input_scale=0),
    "no arrays": lambda header: header.update(arrays=[]),
    "arrays missing": lambda header: header["arrays"].append("third_weights"),
    "arrays of an optimizer missing": lambda header: header.update(arrays=["weights", "biases"]),
    **HEADER_LIES,
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES)
def test_headers_that_lie(saved, change):
    rewrite(saved, change)
    assert_refused(saved)


@pytest.mark.parametrize("change", ARRAY_LIES.values(), ids=ARRAY_LIES)
def test_arrays_that_lie(saved, change):
    rewrite(saved, change_arrays=change)
    assert_refused(saved)


def test_infinite_weights_in_a_file(saved):
    rewrite(saved, change_arrays=lambda arrays: arrays["weights_1"].__setitem__((1, 2), np.inf))
    assert "weights[1]: expected finite numbers, got inf at [1, 2]" in assert_refused(saved)


def test_a_later_versions_file_says_so(saved):
    rewrite(saved, lambda header: header.update(version=7))
    assert "format version 7, expected at most 2" in assert_refused(saved)


@pytest.mark.parametrize("before", ["", "format", "sigmoid", "PCG64"])
def test_a_header_whose_text_is_none(saved, before):
    """Characters beyond Unicode's last one, and halves of one: NumPy makes text of them."""

    def spoil(arrays, code):
        text = str(arrays["header"])
        codes = np.frombuffer(text.encode("utf-32-le"), "<u4").copy()
        codes[text.index(before)] = code
        arrays["header"] = codes.view(f"<U{len(codes)}").reshape(())

    for code in (0x110000, 0xFFFFFFFF, 0xD800):
        with np.load(saved) as archive:
            arrays = dict(archive)
        spoil(arrays, code)
        path = saved.with_name("spoilt")
        savez(path, **arrays)
        assert "utf-32" in assert_refused(path)


def test_a_name_that_comes_twice(saved):
    with np.load(saved) as archive:
        arrays = dict(archive)
    twice = str(arrays["header"]).replace('"updates"', '"updates": 3, "updates"')
    savez(saved, **{**arrays, "header": np.array(twice)})
    assert "comes twice in the header" in assert_refused(saved)
    with zipfile.ZipFile(saved, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("weights_0.npy", npy(np.zeros((4, 5))))
    assert "comes twice in the archive" in assert_refused(saved)


# Files that would take much more memory, or time, than their size.


def peak_of_refusal(path):
    tracemalloc.start()
    try:
        message = assert_refused(path)
        return message, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["header", "weights_0", "history"])
def test_a_compressed_member_gets_no_memory(saved, name):
    """It may be a thousand times as large as the file."""
    with np.load(saved) as archive:
        arrays = dict(archive)
    bomb = {
        "header": np.array(" " * 16 * MIB),
        "weights_0": np.zeros((4, 5 * MIB)),
        "history": np.zeros(MIB, arrays["history"].dtype),
    }[name]
    with open(saved, "wb") as file:
        np.savez_compressed(file, **{**arrays, name: bomb})
    del bomb
    message, peak = peak_of_refusal(saved)
    assert "expected it uncompressed" in message
    assert peak < 2 * MIB


@pytest.mark.parametrize("name", ["header", "weights_0", "history"])
def test_a_member_that_claims_more_than_it_has_gets_no_memory(saved, name):
    with np.load(saved) as archive:
        arrays = dict(archive)
        whole = {n: npy(array) for n, array in arrays.items()}
    old, claim = f"'shape': {arrays[name].shape}", "'shape': (1000000000,)"
    if name == "header":
        old, claim = arrays[name].dtype.str, "<U100000000"
    start, dictionary, rest = whole[name][:10], *whole[name][10:].split(b"\n", 1)
    dictionary = dictionary.replace(old.encode(), claim.encode()).rstrip().ljust(len(dictionary))
    with zipfile.ZipFile(saved, "w") as archive:
        for n, content in {**whole, name: start + dictionary + b"\n" + rest}.items():
            archive.writestr(f"{n}.npy", content)
    message, peak = peak_of_refusal(saved)
    assert name in message
    assert peak < 2 * MIB


def test_a_member_that_has_more_than_it_claims(saved):
    with np.load(saved) as archive:
        whole = {name: npy(archive[name]) for name in archive.files}
    with zipfile.ZipFile(saved, "w") as archive:
        for name, content in {**whole, "biases_0": whole["biases_0"] + b"more"}.items():
            archive.writestr(f"{name}.npy", content)
    assert "biases_0: expected 32 bytes, got another size" in assert_refused(saved)


def test_too_little_memory_is_no_damage(saved, monkeypatch):
    def fail(*_, **__):
        raise MemoryError("32 GiB")

    monkeypatch.setattr(np, "ndarray", fail)
    with pytest.raises(MemoryError, match="32 GiB"):
        fastnn.load(saved)


def test_a_directory_that_claims_more_than_the_file_has(saved):
    content = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        size = archive.getinfo("weights_0.npy").file_size
    entry = content.rindex(b"PK\1\2", 0, content.rindex(b"weights_0.npy"))
    assert content[entry + 20 : entry + 28] == 2 * size.to_bytes(4, "little")
    content[entry + 20 : entry + 28] = 2 * (10**9).to_bytes(4, "little")
    saved.write_bytes(content)
    assert "weights_0: expected 1000000000 bytes, more than the file has" in assert_refused(saved)


# What is no file.

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


@posix
@pytest.mark.parametrize("kind", ["a pipe", "a socket", "a device"])
def test_what_is_no_file(tmp_path, monkeypatch, kind):
    """Opening it would wait for a writer, and reading it would have no end."""
    monkeypatch.chdir(tmp_path)  # sockets' names must be short
    path = "/dev/zero" if kind == "a device" else "no file"
    with socket.socket(socket.AF_UNIX) as endpoint:
        if kind == "a pipe":
            os.mkfifo(path)
        elif kind == "a socket":
            endpoint.bind(path)
        with pytest.raises(ValueError, match=f"^{path}: expected a file, got {kind}$"):
            fastnn.load(path)
        resumed = fastnn.Checkpoint(path, resume=True)
        with pytest.raises(OSError, match=f"^Checkpoint: expected a file, {path} is none"):
            small().fit(*labelled(), callbacks=resumed)


@posix
def test_a_file_that_has_become_a_pipe(saved, monkeypatch):
    """Between the look at it and the opening; which then waits for nobody."""
    look = os.stat
    about = look(saved)
    saved.unlink()
    os.mkfifo(saved)
    with monkeypatch.context() as patch, pytest.raises(ValueError, match="got a pipe"):  # noqa: PT012
        patch.setattr(os, "stat", lambda path, **_: about)
        fastnn.load(saved)


def test_a_disk_that_fails_is_no_damage(saved, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(zipfile, "ZipFile", fail)
    with pytest.raises(OSError, match="Input/output") as caught:
        fastnn.load(saved)
    assert caught.value.filename == str(saved)


def test_sizes_without_weights_are_given_no_memory(tmp_path):
    """A few bytes that would make a network of a billion weights."""
    path = tmp_path / "net.npz"
    small().save(path)
    rewrite(path, lambda header: header.update(sizes=[30_000, 30_000], arrays=[]))
    with pytest.raises(ValueError, match="there are no weights and biases"):
        fastnn.load(path)
