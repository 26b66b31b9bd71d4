"""`fastnn export` and `fastnn import`."""

import re

import numpy as np
import pytest
from exported import everything, kinds

import fastnn
from fastnn.export import from_onnx, from_safetensors, to_safetensors
from fastnn.export.onnx import read_onnx


@pytest.fixture
def model(tmp_path):
    """A saved network's path."""
    path = tmp_path / "net.npz"
    kinds()["classes"].save(path)
    return path


def lines(done):
    assert (done.returncode, done.stderr) == (0, "")
    return [re.split(" {3,}", line) for line in done.stdout.splitlines()]


def test_there_and_back(command, model, tmp_path):
    for suffix, kind in ((".onnx", "ONNX model"), (".safetensors", "safetensors file")):
        file, back = tmp_path / f"out{suffix}", tmp_path / "back.npz"
        told = lines(command("export", model, file))
        size = f"{file.stat().st_size:,} bytes"
        assert told[0] == [str(file), f"{kind}, {size}"]
        assert told[1] == ["layers", "4-6-3, relu and softmax"]
        assert told[2] == ["parameters", "51, float32"]
        assert told[3] == ["cost", "log_likelihood"]
        assert told[4] == ["input scale", "0.333333333"]
        again = lines(command("import", file, "--save", back))
        assert again[:5] == told
        assert again[5] == [str(back), f"fastnn network, {back.stat().st_size:,} bytes"]
        assert everything(fastnn.load(back)) == everything(fastnn.load(model))


def test_options_of_onnx(command, model, tmp_path):
    file = tmp_path / "out.onnx"
    options = ["--opset", 17, "--ir-version", 8, "--dtype", "float64", "--classes", "a", "b", "c"]
    told = lines(command("export", model, file, *options))
    assert told[-1] == ["classes", "a, b, c"]
    assert read_onnx(file).classes == ("a", "b", "c")
    assert from_onnx(file).dtype == np.float64
    assert file.read_bytes()[:2] == b"\x08\x08"  # ir_version
    assert b"B\x04\n\x00\x10\x11" in file.read_bytes()  # opset


def test_the_books_file(command, tmp_path):
    fastnn.Network([3, 4, 2], seed=0).save(tmp_path / "net.npz")
    told = lines(command("export", tmp_path / "net.npz", tmp_path / "net.json"))
    assert told[0][1].startswith("the book's JSON, ")
    told = lines(command("import", tmp_path / "net.json", "--save", tmp_path / "back.npz"))
    assert told[2] == ["parameters", "26, float64"]


def test_files_of_others(command, refused, tmp_path):
    file, back = tmp_path / "net.safetensors", tmp_path / "back.npz"
    to_safetensors(fastnn.Network([3, 4, 5, 2], seed=0), file)
    content = file.read_bytes().replace(b"fastnn_", b"others_")
    file.write_bytes(content)
    message = refused("import", file, "--save", back)
    assert message == f"{file}: activation: expected the layers', as the file does not say it"
    asked = ["--activation", "relu", "--output-activation", "identity", "--cost", "huber"]
    assert lines(command("import", file, "--save", back, *asked))[1][1].endswith(
        "relu and identity"
    )
    assert fastnn.load(back).cost == "huber"
    command("import", file, "--save", back, "--activation", "relu", "tanh", *asked[2:])
    assert fastnn.load(back).activation == ["relu", "tanh"]
    assert from_safetensors(file, activation="elu", output_activation="elu").sizes == [3, 4, 5, 2]


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        ("out.onnx", ["--prefix", "a"], "--prefix: expected none for .onnx files, which take --cl"),
        ("out.onnx", ["--int8"], "--int8: expected none for .onnx files"),
        ("out.h", ["--opset", 13], "--opset: expected none for .h files, which take --classes, --"),
        ("out.safetensors", ["--ir-version", 7], "which take --classes"),
        ("out.json", ["--classes", "a"], "for .json files, which take no options"),
        ("out.pt", [], "out.pt: expected a name that ends with .onnx, .safetensors, .h, .html"),
        ("out.keras", [], "out.keras: expected a name that ends with"),
    ],
)
def test_options_that_do_not_belong_to_the_suffix(file, options, message, refused, model, tmp_path):
    assert message in refused("export", model, tmp_path / file, *options, code=2)
    assert not (tmp_path / file).exists()


def test_what_goes_wrong(refused, model, tmp_path):
    file = tmp_path / "out.onnx"
    assert refused("export", model, file, "--opset", 3) == "opset: expected at least 9, got 3"
    message = refused("export", model, file, "--classes", "a")
    assert message == "classes: expected 3 names, got 1"
    assert "expected an existing folder" in refused("export", model, tmp_path / "no" / "a.onnx")
    assert "No such file" in refused("export", tmp_path / "none.npz", file)
    assert "sigmoid network" in refused("export", model, tmp_path / "out.json")
    assert [each.name for each in tmp_path.iterdir()] == ["net.npz"]
    file.write_bytes(b"no model")
    back = tmp_path / "back.npz"
    assert f"{file}: expected an ONNX model, got" in refused("import", file, "--save", back)
    assert "No such file" in refused("import", tmp_path / "none.onnx", "--save", back)
    assert "--save" in refused("import", file, code=2)
    message = refused("import", file, "--save", back, "--activation", "relu", code=2)
    assert message.startswith(
        "--activation: expected none for .onnx files, which take --cost, --out"
    )
    assert "ends with" in refused("import", tmp_path / "a.h", "--save", back, code=2)
    assert not back.exists()


def test_what_was_asked_is_answered_at_once(process):
    done = process("export", "--help")
    assert done.returncode == 0
    for suffix in (".onnx", ".safetensors", ".h", ".html", ".json"):
        assert suffix in done.stdout
