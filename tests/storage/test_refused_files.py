"""What `load` refuses: files that are damaged, of others, or that lie."""

import io
import json
import pickle

import numpy as np
import pytest
from samples import everything

import fastnn


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
