"""What inputs are multiplied by: part of the network wherever it goes."""

import copy
import json
import pickle

import numpy as np
import pytest
from samples import everything, labelled, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn.storage import npz

X, LABELS = labelled()
SCALE = 1 / 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_against_the_reference(dtype):
    x = X.astype(dtype)
    net = small(dtype=dtype, input_scale=SCALE)
    twin = reference(net)
    assert_close(net.feedforward(x), twin.feedforward(x))
    assert np.abs(net.feedforward(x) - small(dtype=dtype).feedforward(x)).max() > 0.01
    for got, expected in zip(
        net.gradients(x, LABELS).weights, twin.gradients(x, np.eye(3)[LABELS])[0]
    ):
        assert_close(got, expected / len(x))
    net.fit(x, LABELS, epochs=1, batch_size=5, learning_rate=0.1, l2=0.5, shuffle=False)
    twin.train(x, np.eye(3, dtype=dtype)[LABELS], np.arange(len(x)), 5, 0.1, l2=0.5)
    for got, expected in zip(net.weights, twin.weights, strict=True):
        assert_close(got, expected)


def test_reference_on_bytes():
    net = small(dtype="float32", input_scale=SCALE)
    x = np.random.default_rng(1).integers(0, 9, (8, 5), np.uint8)
    outputs = reference(net).feedforward(x)
    assert outputs.dtype == np.float32
    assert_close(net.feedforward(x), outputs)


def test_is_shown():
    net = small(input_scale=SCALE)
    assert net.input_scale == SCALE
    assert repr(net).endswith(f"dtype='float64', input_scale={SCALE!r})")
    with pytest.raises(AttributeError):
        net.input_scale = 2.0
    assert small().input_scale == 1.0


@pytest.mark.parametrize("way", ["file", "pickle", "deepcopy"])
def test_is_kept(way, tmp_path):
    net = small(input_scale=SCALE)
    net.fit(X, LABELS, epochs=1)
    if way == "file":
        net.save(tmp_path / "net.npz")
        other = fastnn.load(tmp_path / "net.npz")
    else:
        other = pickle.loads(pickle.dumps(net)) if way == "pickle" else copy.deepcopy(net)
    assert everything(other) == everything(net)
    assert other.input_scale == SCALE
    np.testing.assert_array_equal(other.predict_proba(X), net.predict_proba(X))


def without_scale(path):
    """What an older fastnn would have written."""
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays.pop("header")))
    del header["input_scale"]
    np.savez(path, header=np.array(json.dumps(header)), **arrays)


def test_older_files_have_none(tmp_path):
    path = tmp_path / "net.npz"
    net = small()
    net.fit(X, LABELS, epochs=1, callbacks=fastnn.Checkpoint(path))
    without_scale(path)
    assert fastnn.load(path).input_scale == 1.0
    resumed = small()
    resumed.fit(X, LABELS, epochs=1, callbacks=fastnn.Checkpoint(path, resume=True))
    assert same_bits(resumed, net)


def test_a_checkpoint_of_another_scale_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    net = small(input_scale=SCALE)
    net.fit(X, LABELS, epochs=2, callbacks=fastnn.Checkpoint(path))
    resumed = small(input_scale=SCALE)
    resumed.fit(X, LABELS, epochs=2, callbacks=fastnn.Checkpoint(path, resume=True))
    assert same_bits(resumed, net)
    other = small()
    before = everything(other)
    with pytest.raises(ValueError, match=r"input_scale 1.0, got 0.333"):
        other.fit(X, LABELS, epochs=2, callbacks=fastnn.Checkpoint(path, resume=True))
    assert everything(other) == before


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, 10**400])
def test_bad_numbers(value):
    with pytest.raises(ValueError, match="input_scale: expected a finite number above 0, got"):
        small(input_scale=value)


@pytest.mark.parametrize("value", ["1/255", True, None, [1.0]])
def test_no_numbers(value):
    with pytest.raises(TypeError, match="input_scale: expected a number, got"):
        small(input_scale=value)


@pytest.mark.parametrize("value", [1e-60, 1e60])
def test_numbers_beyond_the_dtype(value):
    assert small(dtype="float64", input_scale=value).input_scale == value
    with pytest.raises(ValueError, match="input_scale: expected a number that float32 can hold"):
        small(dtype="float32", input_scale=value)


def test_a_damaged_file(tmp_path):
    path = tmp_path / "net.npz"
    small().save(path)
    saved = npz.read(path)
    saved.settings["input_scale"] = 0
    npz.write(path, saved)
    with pytest.raises(ValueError, match="the file is damaged: input_scale"):
        fastnn.load(path)


def test_each_network_of_many_has_its_own():
    sparse = (X > 1).astype("float32")
    specs = [{"input_scale": scale} for scale in (1.0, 0.5, 0.5)]
    fitted = fastnn.fit_many(specs, sparse, LABELS, sizes=[5, 4, 3], seed=1, epochs=2)
    for spec, result in zip(specs, fitted, strict=True):
        expected = small(dtype="float32", **spec)
        expected.fit(sparse, LABELS, epochs=2)
        assert same_bits(result.net, expected)
    assert not same_bits(fitted[0].net, fitted[1].net)


@pytest.mark.parametrize(("scale", "cause"), [(1.0, "data"), (1 / 255, "learning rate")])
def test_inputs_that_are_too_large_are_told_from_scaled_ones(scale, cause):
    net = fastnn.Network([5, 4, 3], "relu", "quadratic", seed=1, input_scale=scale)
    x = np.random.default_rng(1).integers(0, 256, (23, 5), np.uint8)
    with pytest.raises(fastnn.DivergenceError) as caught:
        net.fit(x, np.eye(3)[LABELS] * 5, epochs=50, learning_rate=1e6, batch_size=2)
    assert caught.value.cause == cause
