"""`fastnn.export.write` and `read`: the suffix says which kind of file it is."""

import subprocess
import sys

import numpy as np
import pytest
from exported import everything, kinds, rows

import fastnn
from fastnn import export
from fastnn.book import network2
from fastnn.export.formats import FORMATS
from fastnn.model.portable import PortableNetwork


@pytest.mark.parametrize("suffix", [".onnx", ".safetensors", ".npz", ".ONNX"])
def test_there_and_back(suffix, tmp_path):
    net, path = kinds()["classes"], tmp_path / f"net{suffix}"
    assert export.write(net, path) is None
    assert everything(export.read(path)) == everything(net)
    export.write(PortableNetwork.of(net), path)
    assert everything(export.read(str(path))) == everything(net)


def test_options_are_the_functions(tmp_path):
    net = kinds()["regression"]
    export.write(net, tmp_path / "net.onnx", opset=17, classes=["a", "b"])
    assert b"a" in (tmp_path / "net.onnx").read_bytes()
    assert export.read(tmp_path / "net.onnx", output_activation="softmax").cost == "quadratic"
    for suffix, kind in FORMATS.items():
        if kind.writer:
            with pytest.raises(TypeError, match=rf"nonsense: no option of {suffix} files, which t"):
                export.write(net, tmp_path / f"no{suffix}", nonsense=1)
    with pytest.raises(TypeError, match="opset: no option of .json files, which take none"):
        export.write(net, tmp_path / "no.json", opset=13)
    with pytest.raises(TypeError, match="activation: no option of .onnx files, which take cost"):
        export.read(tmp_path / "net.onnx", activation="relu")
    assert [each.name for each in tmp_path.iterdir()] == ["net.onnx"]


@pytest.mark.parametrize("name", ["net", "net.pkl", ".onnx", "net.onnx.gz", "folder.onnx/net"])
def test_other_suffixes(name, tmp_path):
    for call in (lambda path: export.write(kinds()["classes"], path), export.read):
        with pytest.raises(ValueError, match="expected a name that ends with .onnx, .safetensors"):
            call(tmp_path / name)


def test_one_way_kinds(tmp_path):
    with pytest.raises(ValueError, match=r"net.h: expected a name that ends with \.onnx"):
        export.read(tmp_path / "net.h")
    with pytest.raises(ValueError, match=r"net.keras: expected .* which says what to write$"):
        export.write(kinds()["classes"], tmp_path / "net.keras")
    with pytest.raises(ValueError, match=r"did you mean '\.onnx'\?"):
        export.write(kinds()["classes"], tmp_path / "net.onxx")


@pytest.mark.parametrize("cost", ["cross_entropy", "quadratic"])
def test_the_books_file(cost, tmp_path):
    net, path, x = fastnn.Network([4, 5, 3], cost=cost, seed=0), tmp_path / "net.json", rows()
    export.write(net, path)
    books = network2.load(path)
    assert type(books.cost).__name__ == "type"
    assert books.cost.__name__ == {"quadratic": "QuadraticCost"}.get(cost, "CrossEntropyCost")
    expected = [books.feedforward(row[:, None])[:, 0] for row in x]
    np.testing.assert_allclose(net.feedforward(x), expected, atol=1e-6)
    other = export.read(path)
    assert (other.dtype, other.cost, other.activation) == (np.float64, cost, "sigmoid")
    for w, given in zip(other.weights, net.weights):
        np.testing.assert_array_equal(w, given)


def test_the_books_file_has_no_place_for_more(tmp_path):
    path, x = tmp_path / "net.json", rows()
    net = fastnn.Network([4, 5, 3], seed=0, input_scale=0.01)
    export.write(net, path)
    np.testing.assert_allclose(export.read(path).feedforward(x), net.feedforward(x), atol=1e-6)
    path.unlink()
    for net, message in [
        (kinds()["classes"], "expected a sigmoid network, as the book's are, got relu, softmax"),
        (kinds()["several labels"], "got tanh|multi_label"),
        (fastnn.Network([2, 2], multi_label=True), "got a multi_label one"),
        (fastnn.Network([2, 2], cost="huber", output_activation="sigmoid"), "the costs cross_ent"),
    ]:
        with pytest.raises(ValueError, match=message):
            export.write(net, path)
    assert not path.exists()
    network2.Network([2, 2]).save(path)
    path.write_text(path.read_text().replace("CrossEntropyCost", "os.system"))
    with pytest.raises(ValueError, match="net.json: cost: expected one of CrossEntropyCost, Quad"):
        export.read(path)


def test_global_random_numbers_stay(tmp_path):
    path = tmp_path / "net.json"
    export.write(fastnn.Network([2, 2], seed=0), path)
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.RandomState(3).random()
    export.read(path)
    assert np.random.random() == expected  # noqa: NPY002


def test_a_network_that_was_trained_keeps_it_in_its_own_file(tmp_path):
    net, x = kinds()["classes"], rows()
    net.fit(x, net.predict(x), epochs=2)
    export.write(net, tmp_path / "net.npz")
    assert len(export.read(tmp_path / "net.npz").history.epoch) == 2


def test_names_are_imported_at_their_first_use():
    program = (
        "import sys, fastnn.export as e\n"
        "print([n for n in ('numpy', 'numba', 'fastnn.export.onnx') if n in sys.modules])\n"
        "e.to_onnx, e.from_safetensors, e.write\n"
        "print(sorted(set(e.__all__) - set(dir(e))), 'onnx' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "[] False"]
    assert fastnn.export is export
    with pytest.raises(AttributeError, match="'fastnn.export' has no attribute 'to_tensorflow'"):
        export.to_tensorflow  # noqa: B018
