"""Training data that are mostly zeros: compressed as they are read, never a matrix of all."""

import tracemalloc

import numpy as np
import pytest
from oracle import unit
from problems import assert_same_network, labelled, net2, pair, parameters, same, seed_all
from ways import Fixed

from fastnn.book import MistakeWarning, _samples, network
from fastnn.engine import inputs, strategy
from fastnn.engine.strategy import DENSE, SCALED, SORTED

SIZES = (40, 7, 3)


def sparse_training(n=60, dtype=np.float32, inputs=SIZES[0], density=0.15):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n, inputs, 1)) * (rng.random((n, inputs, 1)) < density)
    x[5:8] = 0
    return [(x[i].astype(dtype), unit(i % 3, 3)) for i in range(n)]


@pytest.fixture(params=[1, 250, 1 << 18])
def step(request, monkeypatch):
    """Numbers a piece: a row at a time, some rows with a rest, all rows."""
    monkeypatch.setattr(_samples, "_STEP", request.param)


def packed_by(monkeypatch, compressing):
    if not compressing:
        monkeypatch.setattr(_samples, "_compress", lambda *_: None)


def runs(monkeypatch, call, make=net2):
    """What `call` returns and the parameters after it: rows compressed as read, and afterwards."""
    results = []
    for compressing in (True, False):
        with monkeypatch.context() as patch:
            packed_by(patch, compressing)
            net = make(SIZES)
            seed_all(4)
            results.append((call(net), parameters(net)))
    return results


DATA = {
    "float32": lambda: sparse_training(),
    "float64": lambda: sparse_training(dtype=np.float64),
    "mixed": lambda: sparse_training(40) + sparse_training(20, np.float64),
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("way", [DENSE, SCALED, SORTED])
def test_same_bits_as_from_the_whole_matrix(data, way, step, monkeypatch):
    """By every way of layer 1, with figures of the training data too."""
    monkeypatch.setattr(strategy, "usual", Fixed(way))
    l1, all_samples = (0.5 if way == SORTED else 0.0), DATA[data]()

    def call(net):
        samples = list(all_samples)
        return net.SGD(
            samples,
            2,
            10,
            0.5,
            0.1,
            labelled(samples),
            True,
            True,
            True,
            True,
            l1=l1,
            verbose=False,
        )

    (figures, got), (expected_figures, expected) = runs(monkeypatch, call)
    assert figures == expected_figures
    assert len(figures[2]) == 2
    assert same(got, expected)


def test_the_books_trajectory(step):
    for module in (network, None):
        ours, oracle = pair(SIZES, module) if module else pair(SIZES)
        data, oracle_list = sparse_training(), sparse_training()
        seed_all(4)
        ours.SGD(data, 2, 10, 0.5, verbose=False)
        seed_all(4)
        for _ in range(2):
            oracle.epoch(oracle_list, 10, 0.5)
        assert_same_network(ours, oracle)


def test_values_that_only_float64_holds(step):
    data = [(x * (1 + 2.0**-40), y) for x, y in sparse_training(dtype=np.float64)]
    packed = _samples.pack_list(data, SIZES, "training_data", "")
    rows = np.array([x.ravel() for x, _ in packed.tuples])
    np.testing.assert_array_equal(
        packed.x.nonzeros.values[: np.count_nonzero(rows)], rows[rows != 0]
    )
    np.testing.assert_array_equal(packed.x.x, rows)
    assert packed.x.x.dtype == np.float64


@pytest.mark.parametrize("index", [0, 1, 37, 59])
def test_errors_name_the_callers_index(index, step):
    data = sparse_training()[::-1]  # in memory the other way round
    data[index] = data[index][0][1:], data[index][1]
    message = rf"^training_data\[{index}\]: x: .*\(40, 1\), got shape \(39, 1\)"
    with pytest.raises(ValueError, match=message):
        net2(SIZES).SGD(data, 1, 10, 0.5)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
@pytest.mark.parametrize("index", [0, 37, 59])
def test_what_is_not_finite_is_found_at_the_callers_index(value, index, step):
    """Every weight becomes NaN, also those of inputs that are 0 in every row."""
    data = sparse_training()[::-1]
    for x, _ in data:
        x[11] = 0
    data[index] = np.where(np.arange(40)[:, np.newaxis] == 3, value, data[index][0]), data[index][1]
    net = net2(SIZES)
    with pytest.warns(MistakeWarning, match=rf"training_data\[{index}\]: NaN or infinity"):
        net.SGD(data, 2, 10, 0.5, verbose=False)
    if np.isnan(value):
        assert all(np.isnan(w).all() for w in net.weights)


@pytest.mark.parametrize("layers", [(784, 12, 3), (784, 3)])
def test_no_matrix_of_all_rows(layers, monkeypatch):
    monkeypatch.setattr(_samples, "_STEP", 1 << 15)
    data = sparse_training(4_000, inputs=784)
    net2(layers).SGD(data[:20], 1, 10, 0.5, verbose=False)  # loads the kernels
    tracemalloc.start()
    net2(layers).SGD(data, 1, 10, 0.5, verbose=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    matrix, nonzeros = 4_000 * 784 * 4, sum(np.count_nonzero(x) for x, _ in data) * 10
    # Besides: a piece, its non-zeros, room for those of one more, and lists of 4,000
    assert peak < 1.15 * nonzeros + 25 * _samples._STEP + 4_000 * 300 < 0.6 * matrix


@pytest.mark.parametrize("way", ["dense from the start", "dense after zeros"])
def test_dense_rows_are_packed_as_they_are(way, monkeypatch):
    monkeypatch.setattr(_samples, "_STEP", 200)
    monkeypatch.setattr(inputs.Inputs, "_compress", None)  # not to be called
    data = sparse_training(density=1.0 if way == "dense from the start" else 0.15)
    data[8:] = [(x + 1, y) for x, y in data[8:]]
    packed = _samples.pack_list(data, SIZES, "training_data", "")
    assert packed.x._one_by_one is None
    np.testing.assert_array_equal(packed.x.x, [x.ravel() for x, _ in packed.tuples])
    assert packed.x.x.dtype == np.float32
    net2(SIZES).SGD(data, 1, 10, 0.5, verbose=False)
