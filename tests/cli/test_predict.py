"""`fastnn predict` and `fastnn evaluate`: what was saved serves."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest

import fastnn
from fastnn.datasets import load_mnist


def write_idx(path, array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())
    return path


@pytest.fixture(scope="session")
def digits():
    """The first test images, (20, 28, 28) bytes, and their labels."""
    mnist = load_mnist(raw=True)
    return mnist.test_images[:20], mnist.test_labels[:20]


@pytest.fixture(scope="session")
def expected(trained, digits):
    """Label and probability of each, from the API."""
    net = fastnn.load(trained)
    rows = digits[0].reshape(20, 784) / np.float32(255)
    labels = net.predict(rows)
    return labels.tolist(), net.predict_proba(rows).max(axis=1).tolist()


def test_arrays_and_idx_files(process, command, trained, digits, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images, _ = digits
    files = {
        "one.npy": images[0],
        "flat.npy": images[0].reshape(784),
        "rows.npy": images[:3].reshape(3, 784),
        "floats.npy": images[:2] / 255,
        "single.npy": (images[:2] / 255).astype(np.float32).reshape(2, 784),
        "fortran.npy": np.asfortranarray(images[:3]),
    }
    for name, array in files.items():
        np.save(tmp_path / name, array)
    write_idx(tmp_path / "images.idx", images)
    labels, probabilities = expected
    names, rows = [], []
    for name, array in [*files.items(), ("images.idx", images)]:
        count = 1 if array.size == 784 else len(array)
        rows += range(count)
        names += [name] if count == 1 else [f"{name}[{i}]" for i in range(count)]

    files = [*files, "images.idx"]
    done = process("predict", trained, *files)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines == [
        [name, str(labels[row]), f"{probabilities[row]:.2%}"]
        for name, row in zip(names, rows, strict=True)
    ]
    assert len({len(line) for line in done.stdout.splitlines()}) == 1  # aligned

    done = command("predict", trained, *files, "--json")
    found = json.loads(done.stdout)
    assert [one["label"] for one in found] == [labels[row] for row in rows]
    for one, row in zip(found, rows, strict=True):
        assert one["probability"] == pytest.approx(probabilities[row], abs=1e-6)
        assert one["probability"] == max(one["outputs"])
    assert found[0]["file"] == "one.npy"
    assert found[0]["row"] is None
    assert found[2]["row"] == 0


def test_pictures(command, trained, digits, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image = pytest.importorskip("PIL.Image")
    names = []
    for i, digit in enumerate(digits[0][:5]):
        as_mnist = image.fromarray(digit)
        as_mnist.save(tmp_path / f"mnist{i}.png")
        # Dark ink on a sheet of paper, large, off its centre.
        sheet = image.new("L", (300, 400), 240)
        ink = as_mnist.resize((196, 196), image.Resampling.BICUBIC)
        sheet.paste(image.eval(ink, lambda value: 240 - value * 220 // 255), (90, 15))
        sheet.save(tmp_path / f"paper{i}.jpg")
        # Ink on nothing.
        clear = image.new("RGBA", ink.size, (0, 0, 0, 0))
        clear.paste((20, 20, 90, 255), (0, 0), ink)
        clear.save(tmp_path / f"clear{i}.png")
        names += [f"mnist{i}.png", f"paper{i}.jpg", f"clear{i}.png"]
    done = command("predict", trained, "--json", *names)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    labels, probabilities = expected
    assert [one["label"] for one in found] == [label for label in labels[:5] for _ in range(3)]
    for one, probability in zip(found[::3], probabilities, strict=False):
        assert one["probability"] == pytest.approx(probability, abs=1e-6)


def test_a_picture_becomes_as_mnist_has_it(digits):
    image = pytest.importorskip("PIL.Image")
    from fastnn.cli.pictures import prepare

    def enlarged(digit):
        return np.asarray(image.fromarray(digit).resize((224, 224), image.Resampling.BICUBIC))

    for digit in digits[0]:
        assert np.array_equal(prepare(digit), digit)
        again = prepare(255 - enlarged(digit))
        assert again.shape == (28, 28)
        assert again.dtype == np.uint8
        assert again.max() == 255
        rows, columns = np.nonzero(again > 60)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
        centre = np.average(np.indices((28, 28)), axis=(1, 2), weights=[again, again])
        assert centre == pytest.approx([14, 14], abs=0.7)
        similarity = np.corrcoef(again.ravel(), digit.ravel())[0, 1]
        assert similarity > 0.8  # rounding may move it by a pixel


def test_odd_pictures(tmp_path):
    pytest.importorskip("PIL")
    from fastnn.cli.pictures import prepare

    for shape in [(1, 40), (40, 1), (3, 500), (28, 28), (400, 30)]:
        line = np.full(shape, 250, np.uint8)
        line[shape[0] // 2, shape[1] // 2] = 0
        assert prepare(line).shape == (28, 28)
    for value in (0, 128, 255):
        with pytest.raises(ValueError, match="found none"):
            prepare(np.full((50, 50), value, np.uint8))


def test_bad_files(refused, trained, digits, tmp_path):
    pytest.importorskip("PIL")
    np.save(tmp_path / "shape.npy", np.zeros((3, 5)))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "whole.npy", np.zeros((2, 784), np.int64))
    np.save(tmp_path / "nan.npy", np.full((2, 784), np.nan))
    np.save(tmp_path / "none.npy", np.zeros((0, 784)))
    good = write_idx(tmp_path / "good.idx", digits[0]).read_bytes()
    (tmp_path / "short.idx").write_bytes(good[:-1])
    np.save(tmp_path / "good.npy", digits[0])
    (tmp_path / "short.npy").write_bytes((tmp_path / "good.npy").read_bytes()[:-1])
    (tmp_path / "text.txt").write_text("seven")
    (tmp_path / "empty").touch()
    messages = {
        "shape.npy": "expected rows of 784 numbers, as the network's input, or pictures of "
        "28 x 28; got an array of 3 x 5",
        "objects.npy": "expected a whole .npy file: Object arrays cannot be loaded",
        "whole.npy": "expected floats or bytes (uint8), got int64",
        "nan.npy": "x: expected finite numbers",
        "none.npy": "expected at least one row",
        "short.idx": "truncated",
        "short.npy": "expected a whole .npy file",
        "text.txt": "expected a picture, a .npy or an IDX file",
        "empty": "expected a picture, a .npy or an IDX file",
        "missing.png": "No such file or directory",
    }
    for name, message in messages.items():
        line = refused("predict", trained, tmp_path / "good.npy", tmp_path / name)
        assert line.startswith(f"{tmp_path / name}: {message}")


def test_floats_that_look_like_bytes_are_taken_with_a_warning(command, trained, digits, tmp_path):
    np.save(tmp_path / "floats.npy", digits[0].astype(np.float32))
    done = command("predict", trained, tmp_path / "floats.npy")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 20
    assert done.stderr.startswith("fastnn: warning: ")
    assert "255" in done.stderr


def test_without_pillow(environment, trained, tmp_path):
    (tmp_path / "digit.png").write_bytes(b"\x89PNG")
    code = "import sys; sys.modules['PIL'] = None; from fastnn.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "predict", trained, tmp_path / "digit.png"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert (done.returncode, done.stdout) == (1, "")
    message = "reading pictures needs Pillow: pip install 'fastnn[image]'"
    assert done.stderr == f"fastnn: error: {message}\n"


def test_networks_of_another_kind(refused, command, digits, tmp_path):
    np.save(tmp_path / "digit.npy", digits[0][0])
    np.save(tmp_path / "square.npy", np.eye(2))
    small, regression = tmp_path / "small.npz", tmp_path / "regression.npz"
    fastnn.Network([4, 3, 1], seed=0).save(small)
    fastnn.Network([784, 2], "tanh", "quadratic").save(regression)
    line = refused("predict", small, tmp_path / "digit.npy")
    assert "expected rows of 4 numbers, as the network's input, or pictures of 2 x 2" in line
    assert "expected a network that classifies" in refused(
        "predict", regression, tmp_path / "digit.npy"
    )
    fastnn.Network([784, 2], multi_label=True).save(regression)
    assert "expected a network that names one class a row, this one is multi_label" in refused(
        "predict", regression, tmp_path / "digit.npy"
    )
    np.save(tmp_path / "labels.npy", np.array([1]))
    data = "--data", tmp_path / "digit.npy", tmp_path / "labels.npy"
    assert "y: expected rows of 0 and 1" in refused("evaluate", regression, *data)
    assert "--data IMAGES LABELS" in refused("evaluate", small)
    done = command("predict", small, tmp_path / "square.npy", "--json")
    (found,) = json.loads(done.stdout)
    (output,) = found["outputs"]
    assert found["label"] == (output > 0.5)
    assert found["probability"] == max(output, 1 - output)


@pytest.mark.parametrize("name", ["predict", "evaluate"])
def test_bad_models(refused, trained, digits, tmp_path, name):
    np.save(tmp_path / "digit.npy", digits[0][0])
    (tmp_path / "damaged.npz").write_bytes(trained.read_bytes()[:5000])
    np.savez(tmp_path / "foreign.npz", a=1)
    files = [tmp_path / "digit.npy"] if name == "predict" else []
    for model in ("damaged.npz", "foreign.npz", "missing.npz", "digit.npy", "."):
        line = refused(name, tmp_path / model, *files)
        assert line.startswith(str(tmp_path / model))


def test_evaluate_on_mnist(command, trained):
    net, mnist = fastnn.load(trained), load_mnist()
    test = net.evaluate(mnist.test_images, mnist.test_labels)
    done = command("evaluate", trained)
    assert (done.returncode, done.stderr) == (0, "")
    values = dict(line.strip().split("   ", 1) for line in done.stdout.splitlines())
    values = {name: value.strip() for name, value in values.items()}
    assert values["network"].startswith("784-192-10, softmax, log_likelihood")
    assert values["cost"] == f"{test.cost:.5f}"
    assert values["data cost"] == f"{test.data_cost:.5f}"
    assert values["penalty"] == f"{test.penalty:.5f}"
    assert test.penalty > 0
    assert values["accuracy"] == f"{test.accuracy:.2%} ({round(1e4 * test.accuracy):,} of 10,000)"
    zeros = np.mean(net.weights[1] == 0)
    assert values["weights 2"] == (
        f"norm {np.linalg.norm(net.weights[1]):.4g}, largest {np.abs(net.weights[1]).max():.4g}, "
        f"{zeros:.2%} are 0"
    )

    figures = json.loads(command("evaluate", trained, "--json").stdout)
    assert figures["accuracy"] == test.accuracy
    assert figures["rows"] == 10_000
    assert figures["cost"] == pytest.approx(test.cost)
    assert figures["cost"] == figures["data_cost"] + figures["penalty"]
    assert figures["weight_norms"] == list(test.weight_norms)
    assert figures["zero_shares"] == list(test.zero_shares)
    assert figures["largest_weights"] == list(test.largest_weights)


def test_evaluate_on_files(command, refused, trained, digits, expected, tmp_path):
    images = write_idx(tmp_path / "images.idx", digits[0])
    labels = write_idx(tmp_path / "labels.idx", digits[1])
    np.save(tmp_path / "labels.npy", digits[1].astype(np.int64))
    for name in ("labels.idx", "labels.npy"):
        done = command("evaluate", trained, "--json", "--data", images, tmp_path / name)
        figures = json.loads(done.stdout)
        assert figures["rows"] == 20
        assert figures["correct"] == (np.array(expected[0]) == digits[1]).sum()

    few = write_idx(tmp_path / "few.idx", digits[1][:5])
    wrong = write_idx(tmp_path / "wrong.idx", digits[1] + 50)
    assert "for each of the 20 rows" in refused("evaluate", trained, "--data", images, few)
    assert "labels from 0 to 9" in refused("evaluate", trained, "--data", images, wrong)
    assert "expected rows of 784" in refused("evaluate", trained, "--data", labels, images)
    line = refused("evaluate", trained, "--data", images, labels, labels, code=2)
    assert "--data: expected one or two files, got 3" in line
    assert "expected mnist, an .npz file, or a folder" in refused(
        "evaluate", trained, "--data", images
    )


def test_network_that_scales_bytes_itself(command, trained, digits, tmp_path):
    """It says of pictures what the one says that is given their bytes divided by 255."""
    plain = fastnn.load(trained)
    net = fastnn.Network(
        plain.sizes,
        plain.activation,
        plain.cost,
        output_activation=plain.output_activation,
        input_scale=1 / 255,
    )
    net.weights, net.biases = plain.weights, plain.biases
    model = tmp_path / "scales.npz"
    net.save(model)
    np.save(tmp_path / "images.npy", digits[0])
    np.save(tmp_path / "labels.npy", digits[1])
    for data in ([], ["--data", tmp_path / "images.npy", tmp_path / "labels.npy"]):
        one, other = (
            json.loads(command("evaluate", file, *data, "--json").stdout)
            for file in (trained, model)
        )
        assert other["correct"] == one["correct"]
        assert other["data_cost"] == pytest.approx(one["data_cost"], rel=1e-5)
    one, other = (
        json.loads(command("predict", file, tmp_path / "images.npy", "--json").stdout)
        for file in (trained, model)
    )
    for a, b in zip(one, other, strict=True):
        assert a["outputs"] == pytest.approx(b["outputs"], abs=1e-5)
