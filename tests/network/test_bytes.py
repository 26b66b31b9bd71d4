"""Rows of bytes: the results of the same rows as floats, to the bit, without their memory."""

import tracemalloc

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import same_bits, without_seconds
from ways import Fixed

import fastnn
from fastnn.engine import strategy
from fastnn.engine.strategy import DENSE as ALL_INPUTS
from fastnn.engine.strategy import SCALED, SORTED

ROWS, INPUTS = 61, 37  # no multiple of a register's lanes, nor of a mini-batch
RNG = np.random.default_rng(7)
DENSE = RNG.integers(1, 256, (ROWS, INPUTS), np.uint8)
SPARSE = (DENSE * (RNG.random(DENSE.shape) < 0.2)).astype(np.uint8)
LABELS = RNG.permutation(np.arange(ROWS) % 3)

# How layer 1 takes the rows, and a fit that takes them so.
WAYS = {ALL_INPUTS: {"l2": 1.0}, SCALED: {"l2": 1.0}, SORTED: {"optimizer": "adam"}}


def network(dtype="float32", hidden=5, **options):
    options = {"input_scale": 1 / 255, "seed": 1, **options}
    return fastnn.Network([INPUTS, hidden, 3], dtype=dtype, **options)


def results(net, x, **settings):
    """The bits of all that a network says of rows, before and after it has learned them."""
    net.fit(x, LABELS, epochs=2, learning_rate=0.1, validation_data=(x, LABELS), **settings)
    predict_one, rows = net.predictor(), x.reshape(len(x), -1)
    return [
        array.tobytes()
        for array in (
            *net.weights,
            *net.biases,
            *net.gradients(x, LABELS).weights,
            net.feedforward(x),
            net.feedforward(x[3:4]),
            predict_one(rows[3]),
            net.predict(x),
            net.predict_proba(x),
            np.array(net.evaluate(x, LABELS)[:3]),
            np.array(net.history.validation_data_cost),
        )
    ]


@pytest.fixture(params=WAYS)
def settings(request, monkeypatch):
    """Keywords of a fit, which trains in this way."""
    monkeypatch.setattr(strategy, "usual", Fixed(request.param))
    return WAYS[request.param]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("x", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_same_bits_as_floats(x, dtype, settings):
    got = results(network(dtype), x, **settings)
    assert got == results(network(dtype), x.astype("float32"), **settings)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scale_is_a_product_in_the_networks_dtype(dtype, settings):
    scaled = SPARSE.astype(dtype) * np.dtype(dtype).type(1 / 255)
    expected = results(network(dtype, input_scale=1.0), scaled, **settings)
    assert results(network(dtype), SPARSE, **settings) == expected
    assert results(network(dtype), SPARSE.astype(dtype), **settings) == expected


@pytest.mark.parametrize("x", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_a_layer_that_is_evaluated_by_non_zeros(x):
    wide = {"hidden": 150}  # as many neurons as are worth it
    got = results(network(**wide), x)
    assert got == results(network(**wide), x.astype("float32"))


def test_labels_as_bytes():
    one, other = network(), network()
    one.fit(SPARSE, LABELS.astype(np.uint8))
    other.fit(SPARSE, LABELS)
    assert same_bits(one, other)


def test_split_and_weighted():
    one, other = network(), network()
    for net, x in ((one, SPARSE), (other, SPARSE.astype("float32"))):
        net.fit(x, LABELS, validation_split=0.2, class_weight="balanced", input_dropout=0.1)
    assert same_bits(one, other)
    assert without_seconds(one.history) == without_seconds(other.history)


def test_gradients_agree_with_differences():
    for dtype in ("float32", "float64"):
        check = network(dtype).check_gradients(DENSE[:10], LABELS[:10])
        assert check.ok, str(check)
        assert all(layer.backprop for layer in check.layers)


@pytest.mark.parametrize("form", ["Fortran", "strided", "read-only"])
def test_forms(form):
    x = SPARSE.copy()
    if form == "Fortran":
        x = np.asfortranarray(x)
    elif form == "strided":
        x = np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3]
    else:
        x.flags.writeable = False
    assert results(network(), x) == results(network(), SPARSE)


def test_rows_of_several_axes():
    """Pictures are rows as well, of bytes or floats."""
    for dtype in ("uint8", "float32", "float64"):
        x = SPARSE[:, :36].astype(dtype)
        net, other = (fastnn.Network([36, 5, 3], seed=1, input_scale=1 / 255) for _ in "12")
        assert results(net, x.reshape(-1, 6, 6)) == results(other, x)
        np.testing.assert_array_equal(net.predict(x.reshape(-1, 2, 3, 6)), net.predict(x))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((36, 61), r"x: expected shape \(rows, 36\), got \(36, 61\)$"),
        ((61, 6, 5), r"x: expected shape \(rows, 36\), got \(61, 6, 5\)$"),
        ((6, 6), r"got \(6, 6\); one row is x.reshape\(1, -1\)$"),
        ((0, 6, 6), r"x: expected at least one row"),
    ],
)
def test_pictures_of_another_size(shape, message):
    net = fastnn.Network([36, 5, 3])
    with pytest.raises(ValueError, match=message):
        net.feedforward(np.zeros(shape, np.uint8))


@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="interpreted kernels make arrays")
@pytest.mark.parametrize("density", [0.02, 1.0])
def test_no_large_array_is_made(density, settings):
    """Neither floats nor a mask of all inputs: nothing as large as the bytes themselves."""
    x = RNG.integers(1, 256, (20_000, 800), np.uint8)
    x[RNG.random(x.shape) >= density] = 0
    if density == 1.0 and settings is not WAYS[ALL_INPUTS]:
        pytest.skip("whose non-zeros are all inputs")
    labels = np.arange(len(x)) % 3
    net = fastnn.Network([800, 4, 3], input_scale=1 / 255, seed=1)

    def run():
        net.fit(x, labels, epochs=1, batch_size=50, validation_data=(x, labels), **settings)
        net.evaluate(x, labels)
        net.predict(x.reshape(-1, 20, 40))
        net.gradients(x, labels)

    run()  # which compiles
    tracemalloc.start()
    try:
        run()
        assert tracemalloc.get_traced_memory()[1] < x.nbytes
    finally:
        tracemalloc.stop()
