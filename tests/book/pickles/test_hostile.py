"""Files that want more than to be read: nothing is executed, and each is one clear error."""

import gzip
import os
import pickle
import random
import struct
import sys
import tracemalloc

import numpy as np
import pytest
import python2
from pickled import SIZES, state
from python2 import Global, Made

from fastnn.book import load_pickle, mnist_loader, network
from fastnn.book.pickles import machine, source

NET = Global("network", "Network")
BOTH = load_pickle, mnist_loader.load_data


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.pkl"


def refuse(path, stored, message="damaged file", readers=(load_pickle,)):
    """Refused with one ValueError that names the file."""
    path.write_bytes(stored)
    for load in readers:
        with pytest.raises(ValueError, match=message) as caught:
            load(path)
        assert type(caught.value) is ValueError
        assert str(caught.value).startswith(f"{path}: expected ")
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 700


class Calls:
    """Pickled as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_called(path, protocol):
    victim = path.with_name("made")
    evil = Calls(os.mkdir, str(victim))
    for content in (evil, [evil], {"sizes": evil}):
        refuse(path, pickle.dumps(content, protocol), r"it asks for (posix|nt).mkdir, which", BOTH)
    assert not victim.exists()


@pytest.mark.parametrize(
    "stored",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"(S'true'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'true'\no.",  # OBJ
        b"cos\nsystem\n)\x81.",  # NEWOBJ
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",  # STACK_GLOBAL
        b"\x80\x04\x8c\x02os\x8c\x06system\x93)}\x92.",  # NEWOBJ_EX
        b"N0cos\nsystem\n.",
    ],
)
def test_whatever_way_it_is_asked_for(path, stored):
    refuse(path, stored, r"it asks for os.system, which is not needed for that; nothing was exec")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("__builtin__", "getattr"),
        ("network", "np"),
        ("network", "sys"),
        ("network2", "load"),
        ("network2", "json.sys.modules"),
        ("fastnn.book.network", "checks"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "fromfile"),
        ("numpy.testing", "run_string"),
        ("_codecs", "decode"),
        ("copyreg", "add_extension"),
        ("copyreg", "__newobj__"),
        ("theano.sandbox.cuda.type", "CudaNdarray_unpickler"),
    ],
)
def test_names_near_those_that_are_allowed(path, module, name):
    refuse(path, f"c{module}\n{name}\n.".encode(), f"it asks for {module}.{name}, which")


def test_allowed_names_are_not_called_otherwise(path):
    refuse(path, b"cnumpy\nndarray\n((I1000\ntS'f8'\ntR.", "it calls numpy.ndarray")
    refuse(path, b"cnumpy\nndarray\n(I1000\nt\x81.", "made with arguments")
    path.write_bytes(b"cnetwork\nNetwork\n((I6\nI5\nltR.")
    with pytest.raises(ValueError, match=r"it calls network.Network, which"):
        load_pickle(path)


def test_a_name_that_is_copied_again_and_again(path):
    """Of any length, it would take time by the square."""
    module = b"X" + struct.pack("<I", 10_008) + b"a." * 5_000 + b"network2"
    refuse(path, module + b"U\7Network\x93.", "a name too long")
    refuse(path, b"c" + module[5:] + b"\nNetwork\n.", "a line too long")


def test_a_name_that_would_spoil_the_message(path):
    for name in ("a\x1b[2Jb", "e" * 900, "a\u202eb"):
        stored = pickle.dumps(name, 4)[:-1]
        path.write_bytes(b"\x80\x04\x8c\x02os" + stored.split(b"\x94")[0][2:] + b"\x93.")
        with pytest.raises(ValueError) as caught:  # noqa: PT011 which of them does not matter
            load_pickle(path)
        assert str(caught.value).isascii()
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "stored",
    [b"", b".", b"N", b"Pid\n.", b"NQ.", b"\x82\x01.", b"\x97.", b"\xff.", b"0.", b"h\x00.", b"t."],
)
def test_instructions_of_no_use(path, stored):
    refuse(path, stored)


@pytest.mark.parametrize(
    "stored",
    [
        b"X\xff\xff\xff\xff.",
        b"\x8d" + b"\xff" * 8,
        b"\x8e" + struct.pack("<Q", 1 << 40),
        b"\x96" + struct.pack("<Q", 1 << 40),
        b"B\xff\xff\xff\x7f",
        b"T\xff\xff\xff\xff",
        b"T\xff\xff\xff\x7f",
        b"\x8b\xff\xff\xff\x7f",
        b"\x8b\xff\xff\xff\xff",
        b"\x8a\xff",
        b"Nr\xff\xff\xff\xff.",
        b"Np999999999999\n.",
        b"\x95" + b"\xff" * 8 + b"N.",
        b"I" + b"9" * 5000 + b"\n.",
        b"L" + b"9" * 30 + b"L\n.",
        b"F" + b"9" * 5000 + b"\n.",
        b"I-9223372036854775809000\n.",
        b"S'\\x'\n.",
        b"S'\n.",
        b"Sab\n.",
        b"X\x01\x00\x00\x00\xff.",
    ],
)
def test_large_numbers_cost_nothing(path, stored):
    for content in (stored, gzip.compress(stored)):
        path.write_bytes(content)
        tracemalloc.start()
        try:
            refuse(path, content)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


def test_a_gzip_bomb(path, monkeypatch):
    monkeypatch.setattr(source, "_ALWAYS", 100_000)
    zeros = b"T" + struct.pack("<i", 10**7) + bytes(10**7)
    refuse(path, gzip.compress(zeros + b"."), "10000000 bytes announced, at most")
    refuse(path, gzip.compress(b"S'" + b"\\x00" * 10**6 + b"'\n."), "a line too long")
    path.write_bytes(gzip.compress(python2.dumps(Made(NET, state()), 2)))
    assert load_pickle(path).sizes == SIZES


def test_damaged_gzip(path):
    packed = gzip.compress(python2.dumps(Made(NET, state()), 2))
    changed = packed[:-20] + bytes([packed[-20] ^ 255]) + packed[-19:]
    for stored in (packed[: len(packed) // 2], packed[:5], changed, b"\x1f\x8b" + bytes(20)):
        refuse(path, stored)
    whole = gzip.decompress(packed)
    for i in range(0, len(whole), 9):  # cut before it was packed
        refuse(path, gzip.compress(whole[:i], 1))


def test_integers_are_of_64_bits(path):
    refuse(path, b"\x8a\x09" + b"\1" * 9 + b".", "an integer of 9 bytes")
    refuse(path, b"\x8b\x09\0\0\0" + b"\1" * 9 + b".", "an integer of 9 bytes")
    refuse(path, b"L9223372036854775808L\n.", "an integer of more than 64 bits")


@pytest.mark.parametrize("opening", [b"(", b"]", b"}", b"(l", b"(d", b"]2"])
def test_deep_and_endless(path, opening, monkeypatch):
    refuse(path, opening * 50_000 + b".")
    monkeypatch.setattr(machine, "_FEW_STEPS", 20_000)
    refuse(path, opening * 50_000 + b".", "instructions in")


DEEP = b")" + b"\x85" * 100_000  # one within the other
TWICE = b")" + b"2\x86" * 100  # each twice in the next


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (b"", b".", "it holds a tuple"),
        (b"}", b"Ns.", "a dict with a key that is no name"),
        (b"cnumpy.core.multiarray\n_reconstruct\n(", b"NtR.", "no class of arrays"),
        (b"cnumpy\ndtype\n(", b"NNtR.", "a dtype that is no text"),
        (b"c_codecs\nencode\n(X\1\0\0\0a", b"tR.", "otherwise than by latin1"),
        (b"ccopy_reg\n_reconstructor\n(cnetwork\nNetwork\n", b"NtR.", "a built-in class"),
    ],
)
def test_tuples_whose_hash_or_text_would_never_end(path, before, after, message):
    for nest in (DEEP, TWICE):
        refuse(path, before + nest + after, message)


def test_such_tuples_in_a_network(path):
    net = python2.dumps(Made(NET, state()), 2)
    for name in (b"sizes", b"num_layers", b"weights", b"cost"):
        path.write_bytes(net[:-2] + b"U" + bytes([len(name)]) + name + TWICE + b"sb.")
        with pytest.raises(ValueError, match="damaged file") as caught:
            load_pickle(path)
        assert len(str(caught.value)) < 300
    for nest in (DEEP, TWICE):
        path.write_bytes(net[:-2] + b"U\4more" + nest + b"sb.")
        assert load_pickle(path).sizes == SIZES


def an_array(shape=b"K\2\x85", dtype=b"'f8'", data=b"U\x10" + bytes(16), class_=b"numpy\nndarray"):
    return (
        b"cnumpy.core.multiarray\n_reconstruct\nc"
        + class_
        + b"\nK\0\x85U\1b\x87R(K\1"
        + shape
        + b"cnumpy\ndtype\nS"
        + dtype
        + b"\nK\0K\1\x87RI00\n"
        + data
        + b"tb."
    )


def test_the_array_that_the_next_ones_differ_from(path):
    refuse(path, an_array(), "it holds a ndarray|a tuple of 3, got a ndarray", BOTH)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dtype": b"'O8'", "data": b"](NNe"}, "an array of Python objects"),
        ({"dtype": b"'|O'"}, "an array of Python objects"),
        ({"dtype": b"'O'"}, "an array of Python objects"),
        ({"dtype": b"'S8'"}, "an array of dtype 'S8'"),
        ({"dtype": b"'V8'"}, "an array of dtype 'V8'"),
        ({"dtype": b"'f8,O'"}, "an array of dtype 'f8,O'"),
        ({"dtype": b"'c16'"}, "only real numbers"),
        ({"dtype": b"'(2,)f8'"}, "only real numbers"),
        ({"data": b"](NNe"}, "an array whose data are no bytes"),
        ({"shape": b"K\1\x85"}, r"an array of shape \(1,\), float64, with 16 bytes of data"),
        ({"data": b"U\x08" + bytes(8)}, r"an array of shape \(2,\), float64, with 8 bytes of data"),
        ({"shape": b"J\0\0\0\x40\x85"}, "with 16 bytes of data"),
        ({"shape": b"J\xff\xff\xff\xff\x85"}, "an array without a shape"),
        ({"shape": b"(" + b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f" * 2 + b"t"}, "16 bytes of"),
        ({"shape": b"(" + b"K\1" * 40 + b"t"}, "an array without a shape"),
        ({"shape": b"G" + bytes(8) + b"\x85"}, "an array without a shape"),
        ({"shape": b"K\2"}, "an array without a shape"),
        ({"class_": b"network\nNetwork"}, "no class of arrays|it asks for network.Network"),
    ],
)
def test_arrays_that_numpy_might_trust(path, changed, message):
    refuse(path, an_array(**changed), message)


@pytest.mark.parametrize(
    "state_",
    [
        b"(K\3S'<'\n(S'a'\ntNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t",  # of records
        b"(K\3S'x'\nNNNt",
        b"(K\3NNNNt",
        b"(K\3t",
        b"N",
        b"}",
    ],
)
def test_states_that_no_dtype_has(path, state_):
    refuse(path, b"cnumpy\ndtype\nS'f8'\nK\0K\1\x87R" + state_ + b"b.")


def test_states_for_what_has_none(path):
    for value in (b"N", b"]", b"}", b")", b"cnumpy\nndarray\n", b"cnumpy\ndtype\n"):
        refuse(path, value + b"}b.", "a state for a|damaged file")
    made = b"cnetwork\nNetwork\n)\x81"
    for state_ in (b"N", b")", b"N}\x86", b"(NU\1aNt", b"}(K\1Nu"):
        path.write_bytes(made + state_ + b"b.")
        with pytest.raises(ValueError, match="whose state is not|a key that is no name"):
            load_pickle(path)
    path.write_bytes(made + b"}U\5sizesNsb}b.")  # twice
    with pytest.raises(ValueError, match="whose state is not"):
        load_pickle(path)


def vars_of(content):
    """A network that holds these attributes, to be pickled."""
    net = network.Network.__new__(network.Network)
    vars(net).update(content)
    return net


def test_the_same_data_again_and_again(path):
    """A small file that would fill the memory: bytes, arrays and rows by reference."""
    text = b"X" + struct.pack("<I", 100_000) + b"a" * 100_000 + b"q\0U\6latin1\x86q\1"
    again = b"c_codecs\nencode\nq\2]" + b"h\2h\1Ra" * 2_000
    refuse(path, text + again + b".", "bytes of arrays from")
    buffer = b"B" + struct.pack("<I", 80_000) + bytes(80_000) + b"q\0"
    call = b"cnumpy.core.numeric\n_frombuffer\nq\1cnumpy\ndtype\nU\2f8K\0K\1\x87Rq\2]"
    again = b"h\1(h\0h\2J" + struct.pack("<i", 10_000) + b"\x85U\1CtRa"
    refuse(path, buffer + call + again * 2_000 + b".", "bytes of arrays from")
    row = an_array()[:-1] + b"q\0"
    rows = b"]q\1(" + b"h\0" * 100_000 + b"e"
    path.write_bytes(row + rows + rows + b"\x862" + b"2\x87.")
    with pytest.raises(ValueError, match="training data: x: more rows than the file has data for"):
        mnist_loader.load_data(path)
    square = np.zeros((50, 50))
    content = state() | {"sizes": [50] * 100, "num_layers": 100}
    content |= {"weights": [square] * 99, "biases": [np.zeros((50, 1)) for _ in range(99)]}
    path.write_bytes(pickle.dumps(vars_of(content), 4))
    with pytest.raises(ValueError, match="weights: more arrays than the file has data for"):
        load_pickle(path)


def test_no_regular_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_pickle(tmp_path / "none.pkl")
    with pytest.raises(OSError, match="irectory|denied"):
        load_pickle(tmp_path)
    if sys.platform == "win32":
        return
    os.mkfifo(tmp_path / "pipe.pkl")
    for name in (tmp_path / "pipe.pkl", "/dev/zero"):
        for load in BOTH:
            with pytest.raises(OSError, match="expected a regular file, got a pipe or a device"):
                load(name)


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_every_cut_and_many_changes(path, protocol):
    """A damaged file is refused, or it holds a network whose parameters fit."""
    net = network.Network([3, 2, 1])
    stored = pickle.dumps(net, protocol)
    if protocol == 2:
        stored = python2.dumps(Made(NET, dict(vars(net))), 2)
    path.write_bytes(stored)
    assert load_pickle(path).sizes == [3, 2, 1]
    rng = random.Random(protocol)
    damaged = [stored[:i] for i in range(0, len(stored), 7)]
    for _ in range(400):
        changed = bytearray(stored)
        for _ in range(rng.choice((1, 2, 5))):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        damaged.append(bytes(changed))
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            loaded = load_pickle(path)
        except ValueError:
            refused += 1
        else:
            assert [w.shape for w in loaded.weights] == [(2, 3), (1, 2)]
            assert all(np.isfinite(w).all() for w in (*loaded.weights, *loaded.biases))
    assert refused > len(damaged) // 2
