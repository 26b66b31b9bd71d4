"""load_mnist against an independent reading of its files, known figures, and damaged copies."""

import gzip
import hashlib
import shutil
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import fastnn.datasets
from fastnn.datasets import MNIST, DatasetError, _mnist, load_mnist, read_idx

FOLDER = Path(fastnn.datasets.__path__[0]) / "mnist"
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def raw():
    return load_mnist(raw=True)


@pytest.fixture(scope="module")
def packed():
    """The four files as gzip files, name -> bytes; packed here where the package has them not."""
    return {
        name: path.read_bytes()
        if (path := FOLDER / f"{name}.gz").exists()
        else gzip.compress((FOLDER / name).read_bytes(), compresslevel=1)
        for name in NAMES.values()
    }


@pytest.fixture(scope="module")
def content(packed):
    """Each file's unpacked bytes, by Python's gzip."""
    return {field: gzip.decompress(packed[name]) for field, name in NAMES.items()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in place of the package's."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    monkeypatch.setattr(_mnist, "_FOLDER", folder)
    yield folder
    # pytest keeps the folders of three runs, which would be a gigabyte.
    shutil.rmtree(folder)


@pytest.fixture
def copy(folder, packed):
    """The packed files to damage, from which load_mnist then reads."""
    for name, stored in packed.items():
        (folder / f"{name}.gz").write_bytes(stored)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory, content):
    """A folder of the unpacked files, not to be written to."""
    folder = tmp_path_factory.mktemp("plain")
    for field, name in NAMES.items():
        (folder / name).write_bytes(content[field])
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def plain_copy(folder, plain):
    """The unpacked files, links to replace, from which load_mnist then reads."""
    for name in NAMES.values():
        (folder / name).symlink_to(plain / name)
    return folder


def replace(path, content):
    """Put a file where a link is."""
    path.unlink()
    path.write_bytes(content)


def refusal(path):
    """Return the message about `path` with which load_mnist refuses the copy, without the path."""
    with pytest.raises(DatasetError) as caught:
        load_mnist(raw=True)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


# What is loaded.


def test_fields_and_unpacking(mnist):
    assert isinstance(mnist, MNIST)
    assert mnist._fields == tuple(NAMES)
    x, y, xt, yt = mnist
    assert x is mnist.train_images
    assert y is mnist.train_labels
    assert xt is mnist.test_images
    assert yt is mnist.test_labels


def test_shapes_and_types(mnist, raw):
    assert [a.shape for a in mnist] == [(60000, 784), (60000,), (10000, 784), (10000,)]
    assert [a.dtype.name for a in mnist] == ["float32", "int64", "float32", "int64"]
    assert [a.shape for a in raw] == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    assert [a.dtype.name for a in raw] == ["uint8"] * 4
    for array in (*mnist, *raw):
        assert array.flags.c_contiguous
        assert array.flags.writeable


def test_raw_is_the_files_bytes(raw, content):
    for field, name in NAMES.items():
        header = 16 if "images" in name else 8
        assert getattr(raw, field).tobytes() == content[field][header:], name


def test_read_idx_reads_the_same(raw, copy):
    for field, name in NAMES.items():
        array = read_idx(copy / f"{name}.gz")
        assert array.dtype == np.uint8
        assert np.array_equal(array, getattr(raw, field)), name


def test_floats_are_the_bytes_over_255(mnist, raw):
    expected = np.array([byte / 255 for byte in range(256)], np.float32)
    for images, pixels in ((mnist.train_images, raw.train_images), (mnist[2], raw[2])):
        assert np.array_equal(images, expected[pixels].reshape(-1, 784))
    assert np.array_equal(mnist.train_labels, raw.train_labels)
    assert np.array_equal(mnist.test_labels, raw.test_labels)


def test_each_byte_gives_the_nearest_float(mnist, raw):
    # The first thousand images have every byte.
    pixels, first = np.unique(raw.train_images[:1000], return_index=True)
    assert pixels.tolist() == list(range(256))
    for byte, value in enumerate(mnist.train_images.ravel()[first]):
        error = abs(Fraction(float(value)) - Fraction(byte, 255))
        assert error <= Fraction(float(np.spacing(value))) / 2
    assert mnist.train_images.min() == 0.0
    assert mnist.train_images.max() == 1.0


# What is known of MNIST.


def test_first_labels(mnist):
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_labels_of_each_digit(mnist):
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.train_labels).tolist() == train
    assert np.bincount(mnist.test_labels).tolist() == test


def test_pixel_sums(raw, content):
    assert raw.train_images.sum(dtype=np.int64) == sum(content["train_images"][16:])
    assert raw.test_images.sum(dtype=np.int64) == sum(content["test_images"][16:])


def test_mean_and_deviation_that_everybody_normalizes_with(mnist):
    assert mnist.train_images.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_images.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


def test_a_row_is_an_image_row_by_row(mnist, raw):
    # The first image is a 5: it begins in row 5 with its top stroke, in the right half.
    image = mnist.train_images[0].reshape(28, 28)
    assert not image[:5].any()
    assert image[5].nonzero()[0].tolist() == list(range(12, 24))
    assert np.array_equal(image > 0, raw.train_images[0] > 0)


# What comes with it.


def test_readme_and_licence_come_with_the_files(content):
    readme = (FOLDER / "README.md").read_text("utf-8")
    licence = (FOLDER / "LICENSE").read_text("utf-8")
    for field, name in NAMES.items():
        assert f"{hashlib.sha256(content[field]).hexdigest()}  {name}\n" in readme
        assert f"{name}.gz" in licence
    for text in (readme, licence):
        for needed in ("CC-BY-SA-3.0", "Yann LeCun", "Corinna Cortes", "Burges", "NIST"):
            assert needed in text
    assert "https://creativecommons.org/licenses/by-sa/3.0/" in licence
    assert "Creative Commons Legal Code\n\nAttribution-ShareAlike 3.0 Unported\n" in licence


def test_the_package_exports_four_names():
    assert sorted(fastnn.datasets.__all__) == ["DatasetError", "MNIST", "load_mnist", "read_idx"]


# What is refused.


@pytest.mark.parametrize("kind", ["copy", "plain_copy"])
def test_the_copy_loads_until_it_is_damaged(kind, mnist, raw, request):
    request.getfixturevalue(kind)
    for mine, theirs in zip((*load_mnist(), *load_mnist(raw=True)), (*mnist, *raw), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("name", NAMES.values())
def test_missing_file(copy, name):
    path = copy / f"{name}.gz"
    path.unlink()
    assert refusal(path) == "expected a file of the package fastnn, found none"


@pytest.mark.parametrize("name", NAMES.values())
def test_flipped_byte(copy, name):
    path = copy / f"{name}.gz"
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 0xFF
    path.write_bytes(stored)
    assert refusal(path).startswith("damaged, expected ")


def assert_refused(path, content, changed, raw):
    """Loading says what the file's content ought to be, and what it is."""
    with pytest.raises(DatasetError) as caught:
        load_mnist(raw=raw)
    expected, found = (hashlib.sha256(each).hexdigest() for each in (content, changed))
    assert str(caught.value) == (
        f"{path}: damaged, expected content of SHA-256 {expected}, found {found}"
    )


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("field", NAMES)
def test_changed_content_in_a_sound_gzip_file(copy, content, field, raw):
    path = copy / f"{NAMES[field]}.gz"
    changed = bytearray(content[field])
    changed[-1] ^= 1
    path.write_bytes(gzip.compress(changed, compresslevel=1))
    assert_refused(path, content[field], changed, raw)


def test_changed_header(copy, content):
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(b"\1" + content["test_labels"][1:]))
    assert refusal(path).startswith("damaged, expected content of SHA-256 ff7bcfd4")


@pytest.mark.parametrize("size", [0, 1, 100, -9, -1])
def test_cut_short(copy, size):
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:size])
    assert refusal(path) == "damaged, expected one gzip stream, found it cut short"


@pytest.mark.parametrize("more", [b"\0", b"junk", gzip.compress(b"junk", mtime=0)])
def test_something_appended(copy, more):
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes() + more)
    assert refusal(path) == "damaged, expected one gzip stream, found more after it"


@pytest.mark.parametrize("extra", [b"\0", b"\0" * 100_000])
def test_too_much_inside(copy, content, extra):
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(content["test_labels"] + extra))
    assert refusal(path) == "damaged, expected 10000 data bytes, found more"


def test_not_compressed(copy, content):
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(content["test_labels"])
    assert refusal(path).startswith("damaged, expected gzip data, found Error")


# Unpacked files, which a build makes.


def test_unpacked_files_are_what_is_loaded(copy, content, raw):
    paths = _mnist.unpack(copy)
    assert [path.read_bytes() for path in paths] == [content[field] for field in NAMES]
    for packed in copy.glob("*.gz"):
        packed.unlink()
    for mine, theirs in zip(load_mnist(raw=True), raw, strict=True):
        assert np.array_equal(mine, theirs)


def test_unpacking_takes_packed_files_and_leaves_nothing_that_is_damaged(copy, tmp_path):
    (copy / "train-images-idx3-ubyte").write_bytes(b"left by a build that was killed")
    path = copy / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1])
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(DatasetError, match="expected one gzip stream, found it cut short"):
        _mnist.unpack(target)
    names = sorted(path.name for path in target.iterdir())
    assert names == sorted(set(NAMES.values()) - {"t10k-labels-idx1-ubyte"})
    shutil.rmtree(target)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("field", NAMES)
def test_changed_unpacked_file(plain_copy, content, field, raw):
    path = plain_copy / NAMES[field]
    changed = bytearray(content[field])
    changed[len(changed) // 2] ^= 1
    replace(path, changed)
    assert_refused(path, content[field], changed, raw)


@pytest.mark.parametrize("size", [0, 1, 8, 100, -1])
def test_unpacked_file_cut_short(plain_copy, size):
    path = plain_copy / "t10k-labels-idx1-ubyte"
    replace(path, path.read_bytes()[:size])
    assert refusal(path).startswith("damaged, expected content of SHA-256 ff7bcfd4")


def test_unpacked_file_too_long(plain_copy):
    path = plain_copy / "t10k-images-idx3-ubyte"
    replace(path, path.read_bytes() + b"\0")
    assert refusal(path) == "damaged, expected 7840000 data bytes, found more"


@pytest.mark.parametrize("kind", ["copy", "plain_copy"])
def test_a_package_in_a_zip_file_has_them_too(kind, tmp_path, raw, request):
    package, files = Path(fastnn.__file__).parent, request.getfixturevalue(kind)
    archive = tmp_path / "fastnn.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in package.rglob("*.py"):
            packed.write(path, path.relative_to(package.parent))
        for path in files.iterdir():
            packed.write(path, f"fastnn/datasets/mnist/{path.name}")
    program = (
        f"import sys\nsys.path.insert(0, {str(archive)!r})\nimport fastnn.datasets\n"
        "print(fastnn.__file__, *(a.sum(dtype=int) for a in fastnn.datasets.load_mnist(raw=True)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    archive.unlink()
    name, *sums = done.stdout.split()
    assert name.startswith(str(archive))
    assert sums == [str(a.sum(dtype=int)) for a in raw]
