"""Data sets of one's own: folders of IDX files and .npz files, for train, evaluate and predict."""

import gzip
import json
import struct

import numpy as np
import pytest

import fastnn
from fastnn.cli import datasets
from fastnn.cli.errors import CommandError
from fastnn.datasets import load_mnist

SMALL = ("--epochs", "3", "--hidden", "20", "--batch-size", "20", "--quiet")


@pytest.fixture(scope="module")
def images():
    mnist = load_mnist(raw=True)
    return mnist.train_images[:600], mnist.train_labels[:600], mnist.test_images[:100], (
        mnist.test_labels[:100]
    )  # fmt: skip


def write_idx(path, array, *, packed):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    content = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if packed else content)


def write_folder(folder, arrays, prefix="", test="t10k", *, packed=True):
    folder.mkdir(exist_ok=True)
    end = ".gz" if packed else ""
    for array, name in zip(
        arrays,
        ("train-images-idx3", "train-labels-idx1", f"{test}-images-idx3", f"{test}-labels-idx1"),
        strict=False,
    ):
        write_idx(folder / f"{prefix}{name}-ubyte{end}", array, packed=packed)
    return folder


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_as_fashion_mnist_comes(images, packed, command, tmp_path):
    folder = write_folder(tmp_path / "fashion", images, packed=packed)
    done = command("train", folder, *SMALL[:-1], "--save", tmp_path / "net.npz", "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures["settings"]["sizes"] == [784, 20, 10]
    assert figures["settings"]["rows"] == 600
    assert figures["command"] == f"fastnn train {folder}"
    assert figures["test"]["rows"] == 100
    assert figures["test"]["accuracy"] > 0.6
    net = fastnn.load(tmp_path / "net.npz")
    assert net.input_scale == pytest.approx(1 / 255)  # bytes stay bytes
    assert net.evaluate(images[2], images[3]).accuracy == figures["test"]["accuracy"]

    said = command("evaluate", tmp_path / "net.npz", "--data", folder, "--json")
    assert json.loads(said.stdout)["accuracy"] == figures["test"]["accuracy"]
    said = command("predict", tmp_path / "net.npz", folder, "--json")
    labels = [one["label"] for one in json.loads(said.stdout)]
    assert labels == net.predict(images[2]).tolist()


def test_the_lines_name_the_data(images, command, tmp_path):
    folder = write_folder(tmp_path / "fashion", images)
    done = command("train", folder, *SMALL[:-1], "--rows", 500)
    assert done.stdout.startswith("fashion, 500 images; network 784-20-10, ")
    assert "images per second" in done.stdout


def test_parts_of_a_folder_as_emnist_comes(images, command, refused, tmp_path):
    folder = write_folder(tmp_path / "emnist", images, "emnist-letters-", "test")
    write_folder(folder, images, "emnist-digits-", "test")
    line = refused("train", folder, *SMALL)
    for part in ("emnist-digits", "emnist-letters"):
        assert f"{folder}/{part}" in line
    done = command("train", folder / "emnist-letters", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert "test accuracy" in done.stdout


def test_labels_that_do_not_begin_at_0_have_an_output_each(images, tmp_path):
    x, y, *rest = images
    folder = write_folder(tmp_path / "letters", (x, y + 17, rest[0], rest[1] + 17))
    assert datasets.read(str(folder)).kind.outputs == 27


@pytest.mark.parametrize("names", [("x", "y", "x_test", "y_test"), ("x_train", "y_train")])
def test_an_npz_file_of_a_table(names, command, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((900, 6))
    y = (x[:, 0] > x[:, 1]).astype(int) + (x[:, 2] > 1)
    content = dict(zip(names, (x[:700], y[:700], x[700:], y[700:]), strict=False))
    np.savez(tmp_path / "table.npz", **content)
    done = command("train", tmp_path / "table.npz", *SMALL[:-1], "--json", "-")
    figures = json.loads(done.stdout)
    assert figures["settings"]["sizes"] == [6, 20, 3]
    rows = (700, 200) if len(names) == 4 else (630, 70)
    assert (figures["settings"]["rows"], figures["test"]["rows"]) == rows
    assert figures["test"]["accuracy"] > 0.7


def test_rows_that_are_kept_are_the_seeds(tmp_path):
    np.savez(tmp_path / "table.npz", x=np.arange(100.0).reshape(50, 2), y=np.arange(50) % 3)
    path = str(tmp_path / "table.npz")
    one, again, other = datasets.read(path, 1), datasets.read(path, 1), datasets.read(path, 2)
    assert np.array_equal(one.x_test, again.x_test)
    assert not np.array_equal(one.x_test, other.x_test)
    assert len(np.unique(np.concatenate([one.x, one.x_test]), axis=0)) == 50


def test_targets_that_are_numbers(command, tmp_path):
    x = np.random.default_rng(0).standard_normal((300, 4))
    np.savez(tmp_path / "table.npz", x=x, y=np.sin(x[:, :2]))
    done = command("train", tmp_path / "table.npz", *SMALL[:-1], "--save", tmp_path / "net.npz")
    assert (done.returncode, done.stderr) == (0, "")
    assert "accuracy" not in done.stdout
    assert "test cost" in done.stdout
    net = fastnn.load(tmp_path / "net.npz")
    assert (net.sizes, net.cost, net.output_activation) == ([4, 20, 2], "quadratic", "identity")
    said = command("evaluate", tmp_path / "net.npz", "--data", tmp_path / "table.npz")
    assert "accuracy" not in said.stdout


WRONG = {
    "x and y alike": ({"x": np.ones((5, 2)), "y": np.ones(4, int)}, "y: expected 5 of them"),
    "names": ({"a": np.ones(3)}, "expected arrays x and y, .*; got a$"),
    "half a test": ({"x": np.ones((9, 2)), "y": np.ones(9), "x_test": np.ones((2, 2))}, "x_test"),
    "texts": ({"x": np.array([["a"]]), "y": np.ones(1, int)}, "x: expected numbers, got <U1"),
    "one axis": ({"x": np.ones(5), "y": np.ones(5, int)}, "x: expected rows of numbers"),
    "labels below 0": ({"x": np.ones((20, 2)), "y": -np.ones(20, int)}, "expected labels from 0"),
    "several labels": ({"x": np.ones((9, 2)), "y": np.ones((9, 2), int)}, "y: expected integer"),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_are_no_data_set(case, tmp_path):
    content, message = WRONG[case]
    np.savez(tmp_path / "table.npz", **content)
    with pytest.raises(CommandError, match=message):
        datasets.read(str(tmp_path / "table.npz"))


def test_damaged_and_missing_files(images, refused, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 nothing")
    assert "expected a whole .npz file" in refused("train", tmp_path / "bad.npz")
    np.savez(tmp_path / "objects.npz", x=np.array([[{}]], object), y=np.ones(1, int))
    assert "expected a whole .npz file" in refused("train", tmp_path / "objects.npz")
    assert "No such file" in refused("train", tmp_path / "none.npz")
    assert "No such file" in refused("train", tmp_path / "none" / "here")
    assert refused("train", "cifar").startswith("cifar: expected mnist, an .npz file, or a folder")
    (tmp_path / "empty").mkdir()
    line = refused("train", tmp_path / "empty")
    assert "expected mnist, an .npz file, or a folder with IDX files" in line
    folder = write_folder(tmp_path / "half", images[:2])
    (folder / "t10k-images-idx3-ubyte").write_bytes(b"")
    assert "expected mnist, an .npz file" in refused("train", folder)
