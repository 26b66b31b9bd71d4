"""The book's data file: what programs that open it themselves get, and what is read back."""

import gzip
import os
import pickle
import pickletools
import random
from collections import defaultdict

import numpy as np
import pytest
import python2
from python2 import Global, Made

from fastnn.book import mnist_loader
from fastnn.book.pickles import source

ROWS = 60  # of each set


@pytest.fixture
def small(monkeypatch):
    """The data cut to their first rows, and what is written to a few at a time."""
    raw = mnist_loader._raw
    monkeypatch.setattr(mnist_loader, "_raw", lambda: [(x[:ROWS], y[:ROWS]) for x, y in raw()])
    monkeypatch.setattr(mnist_loader, "_STEP", 13)
    return mnist_loader.load_data()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mnist.pkl.gz"


def assert_same_data(got, expected):
    assert type(got) is tuple
    for (x, y), (expected_x, expected_y) in zip(got, expected, strict=True):
        for array, other in ((x, expected_x), (y, expected_y)):
            assert array.dtype == other.dtype
            assert array.shape == other.shape
            assert (array == other).all()
            assert array.flags.writeable
            assert array.flags.c_contiguous


@pytest.mark.parametrize("encoding", ["latin1", "bytes", "ASCII", "utf-8"])
def test_any_program_can_read_it(small, path, encoding):
    mnist_loader.write_pickle(path)
    with gzip.open(path, "rb") as file:
        assert_same_data(pickle.load(file, encoding=encoding), small)
    assert_same_data(mnist_loader.load_data(path), small)


def test_python2_knows_all_that_is_in_it(small, path):
    """Its instructions and names; only what is text in both Pythons, or ASCII."""
    mnist_loader.write_pickle(path)
    names = set()
    for instruction, argument, _ in pickletools.genops(gzip.decompress(path.read_bytes())):
        assert instruction.proto <= 2
        if instruction.name == "GLOBAL":
            names.add(argument)
        elif "BINSTRING" in instruction.name:
            assert argument.isascii()
    assert names == {
        "numpy.core.multiarray _reconstruct",
        "numpy ndarray",
        "numpy dtype",
        "_codecs encode",
    }


def test_the_same_bytes_each_time_and_no_gzip_without_its_name(small, path, tmp_path):
    mnist_loader.write_pickle(path)
    first = path.read_bytes()
    other = tmp_path / "other.pkl.gz"
    mnist_loader.write_pickle(str(other))
    assert other.read_bytes() == first
    assert first[3:8] == bytes(5)  # of the header: no name, no time
    plain = tmp_path / "mnist.pkl"
    mnist_loader.write_pickle(plain)
    assert plain.read_bytes() == gzip.decompress(first)
    assert_same_data(mnist_loader.load_data(plain), small)


def test_pairs_of_a_file_are_those_of_the_package(small, path):
    mnist_loader.write_pickle(path)
    for got, expected in zip(
        mnist_loader.load_data_wrapper(path), mnist_loader.load_data_wrapper(), strict=True
    ):
        assert len(got) == len(expected) == ROWS
        for (x, y), (expected_x, expected_y) in zip(got, expected, strict=True):
            assert (x == expected_x).all()
            assert (y == expected_y).all()
            assert type(y) is type(expected_y)
            assert x.shape == (784, 1)


def expanded(data):
    """As the book's expand_mnist.py does it: a list of rows and a list of digits."""
    (images, digits), validation, test = data
    pairs = []
    for x, y in zip(images, digits, strict=True):
        pairs.append((x, y))
        for step, axis, edge in ((1, 0, 0), (-1, 0, 27), (1, 1, 0), (-1, 1, 27)):
            moved = np.roll(x.reshape(28, 28), step, axis)
            moved[(slice(None),) * axis + (edge,)] = 0
            pairs.append((moved.reshape(784), y))
    random.shuffle(pairs)
    return [list(column) for column in zip(*pairs, strict=True)], validation, test


def test_expand_makes_the_books_rows_in_the_books_order(small, path):
    random.seed(4)
    mnist_loader.expand(path)
    state = random.getstate()
    random.seed(4)
    (rows, digits), validation, test = expanded(small)
    assert random.getstate() == state
    expected = (np.array(rows), np.array(digits)), validation, test
    assert expected[0][0].shape == (5 * ROWS, 784)
    assert_same_data(mnist_loader.load_data(path), expected)
    with gzip.open(path, "rb") as file:
        assert_same_data(pickle.load(file, encoding="latin1"), expected)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5, "Python 2, 0", "Python 2, 2"])
def test_lists_as_the_books_expand_writes_them(small, path, protocol):
    random.seed(4)
    (rows, digits), *others = expanded(tuple((x[:7], y[:7]) for x, y in small))
    content = ([rows[:20], digits[:20]], *others)
    if isinstance(protocol, int):
        stored = pickle.dumps(content, protocol)
    else:
        stored = python2.dumps(content, int(protocol[-1]))
        assert (pickle.loads(stored, encoding="latin1")[0][0][19] == rows[19]).all()
    path.write_bytes(gzip.compress(stored))
    expected = (np.array(rows[:20]), np.array(digits[:20])), *others
    assert_same_data(mnist_loader.load_data(path), expected)


def test_numbers_of_other_kinds(path):
    x, y = np.arange(12.0).reshape(3, 4), np.array([2, 0, 1], np.uint8)
    for stored in (x.astype(">f8"), np.asfortranarray(x), list(x)):
        path.write_bytes(pickle.dumps([(stored, list(map(int, y))), (x, y), [x, y]]))
        data = mnist_loader.load_data(path)
        assert_same_data(data, ((np.ascontiguousarray(x), y.astype(np.int64)),) * 3)


def test_a_file_is_whole_or_not_there(small, path, monkeypatch):
    def fails(images):
        raise KeyboardInterrupt

    path.write_bytes(b"old")
    monkeypatch.setattr(mnist_loader, "_floats", fails)
    random.seed(1)
    for write in (mnist_loader.write_pickle, mnist_loader.expand):
        with pytest.raises(KeyboardInterrupt):
            write(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_a_place_that_cannot_be_written_is_named_before_anything_is_drawn(tmp_path):
    random.seed(1)
    state = random.getstate()
    for write in (mnist_loader.write_pickle, mnist_loader.expand):
        with pytest.raises(OSError, match="path: expected an existing folder"):
            write(tmp_path / "nowhere" / "mnist.pkl.gz")
        with pytest.raises(OSError, match="path: expected a file's name"):
            write(tmp_path)
    assert random.getstate() == state


X, Y = np.zeros((3, 4)), np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([X, Y], "expected a tuple of 3, got a list"),
        (((X, Y), (X, Y), X), "expected a tuple of 2, got a ndarray"),
        (((X, Y), (X, Y), (X, Y[:2])), r"test data: expected x \(n, inputs\) and y \(n,\)"),
        (((X[0], Y), (X, Y), (X, Y)), r"training data: expected x \(n, inputs\) and y \(n,\)"),
        (((X, Y - 1), (X, Y), (X, Y)), "training data: y: expected whole numbers from 0"),
        (((X, Y), (X, Y / 2), (X, Y)), "validation data: y: expected whole numbers from 0"),
        (((X + np.nan, Y), (X, Y), (X, Y)), "training data: x: expected finite numbers, got nan"),
        ((([X[0], X[0, 1:]], [0, 1]), (X, Y), (X, Y)), "same shape"),
        ((([X[0], 1], [0, 1]), (X, Y), (X, Y)), "training data: x: expected an array, or a list"),
        (((X, [0, 1.5, 2]), (X, Y), (X, Y)), "training data: y: expected an array, or a list"),
        (((X, [True, False, True]), (X, Y), (X, Y)), "training data: y: expected an array, or"),
        ((([], []), (X, Y), (X, Y)), "training data: x: expected an array, or a list"),
    ],
)
def test_other_contents(path, content, message):
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=f"mnist.pkl.gz: expected data as in .*{message}"):
        mnist_loader.load_data(path)


def test_a_network_is_no_data(path):
    path.write_bytes(python2.dumps(Made(Global("network", "Network"), {"sizes": [2, 1]}), 2))
    with pytest.raises(ValueError, match=r"it asks for network.Network, which"):
        mnist_loader.load_data(path)


def test_digits_have_unit_vectors_of_ten(path):
    path.write_bytes(pickle.dumps(((X, Y + 8), (X, Y), (X, Y))))
    with pytest.raises(ValueError, match="training data: y: expected digits from 0 to 9, got 10"):
        mnist_loader.load_data_wrapper(path)


def test_a_long_string_comes_in_steps(small, path, monkeypatch):
    monkeypatch.setattr(source, "_STEP", 1000)
    mnist_loader.write_pickle(path)
    assert_same_data(mnist_loader.load_data(path), small)


def test_average_darkness(small):
    """The book's baseline goes through load_data's arrays as through lists."""
    (images, digits), _, (test_images, test_digits) = small
    darkness, count = defaultdict(float), defaultdict(int)
    for image, digit in zip(images, digits, strict=True):
        count[digit] += 1
        darkness[digit] += sum(image)
    average = {digit: darkness[digit] / n for digit, n in count.items()}
    guesses = [
        min(average, key=lambda digit: abs(average[digit] - sum(image))) for image in test_images
    ]
    correct = sum(int(a == b) for a, b in zip(guesses, test_digits, strict=True))
    assert 5 < correct < 40  # of 60: far above and far below what a network gets
    assert set(average) == set(range(10))
