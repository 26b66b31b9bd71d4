"""net.weights and net.biases: reading and writing, in place and as a whole."""

import copy

import numpy as np
import pytest
from samples import labelled, reference, same_bits, small
from tolerance import assert_close

import fastnn


@pytest.fixture
def net():
    return small()


def test_shapes_are_the_books(net):
    assert [w.shape for w in net.weights] == [(4, 5), (3, 4)]
    assert [b.shape for b in net.biases] == [(4, 1), (3, 1)]
    assert len(net.weights) == len(list(net.biases)) == 2
    assert net.weights[-1].shape == (3, 4)
    assert [w.shape for w in net.weights[:1]] == [(4, 5)]


def outputs_follow_the_arrays(net):
    x, _ = labelled()
    assert_close(net.feedforward(x), reference(net).feedforward(x))


WRITES = {
    "in place": lambda a, v: np.copyto(a[0], v),
    "slice": lambda a, v: a[0].__setitem__(..., v),
    "item": lambda a, v: a.__setitem__(0, v),
    "negative item": lambda a, v: a.__setitem__(-2, v),
    "list": lambda a, v: a.__setitem__(0, v.tolist()),
    "item of NumPy's integer": lambda a, v: a.__setitem__(np.int64(0), v),
    "slice of layers": lambda a, v: a.__setitem__(slice(0, 1), [v]),
    "all layers": lambda a, v: a.__setitem__(slice(None), [v, a[1]]),
    "transposed": lambda a, v: a.__setitem__(0, np.asfortranarray(v)),
}


@pytest.mark.parametrize("name", ["weights", "biases"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_has_an_effect(net, write, name):
    x, _ = labelled()
    arrays = getattr(net, name)
    before, held, other = net.feedforward(x), arrays[0], arrays[1].copy()
    values = np.random.default_rng(3).standard_normal(held.shape)
    write(arrays, values)
    np.testing.assert_array_equal(arrays[0], values)
    np.testing.assert_array_equal(arrays[1], other)
    assert held is arrays[0]  # an array that the caller holds is still the network's
    assert np.abs(net.feedforward(x) - before).max() > 1e-3
    outputs_follow_the_arrays(net)


def test_operators_in_place(net):
    first = net.weights[0].copy()
    net.weights[0] *= 2
    np.testing.assert_array_equal(net.weights[0], 2 * first)
    net.biases[1] += 1
    net.weights[1][2, 3] = 7
    assert net.weights[1][2, 3] == 7
    outputs_follow_the_arrays(net)


def test_assigning_all_layers_copies(net):
    other = small(seed=2)
    net.weights, net.biases = other.weights, (b for b in other.biases)
    assert same_bits(net, other)
    net.weights[0][...] = 0
    assert other.weights[0].any()
    source = np.ones((4, 5))
    net.weights[0] = source
    net.weights[0] *= 3
    assert (source == 1).all()


def test_assigning_the_network_its_own_layers_in_another_order():
    net = fastnn.Network([3, 3, 3], seed=0)
    one, two = (w.copy() for w in net.weights)
    net.weights = [net.weights[1], net.weights[0]]
    np.testing.assert_array_equal(net.weights[0], two)
    np.testing.assert_array_equal(net.weights[1], one)
    net.weights[0] = net.weights[0].T
    np.testing.assert_array_equal(net.weights[0], two.T)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, ">f8"])
def test_other_dtypes_are_converted(net, dtype):
    values = np.arange(20).reshape(4, 5).astype(dtype)
    net.weights[0] = values
    assert net.weights[0].dtype == np.float64
    np.testing.assert_array_equal(net.weights[0], values)


def test_padding_between_the_arrays_is_not_the_callers(net):
    """Writing all that can be reached leaves what the kernels rely on: zeros in between."""
    total = net._engine.parameters.size
    for array in (*net.weights, *net.biases):
        array[...] = 1
    reachable = sum(array.size for array in (*net.weights, *net.biases))
    assert net._engine.parameters.sum() == reachable < total
    outputs_follow_the_arrays(net)


def test_fit_changes_the_arrays_that_the_caller_holds(net):
    x, labels = labelled()
    held, before = net.weights[0], net.weights[0].copy()
    net.fit(x, labels, epochs=1)
    assert held is net.weights[0]
    assert not np.array_equal(held, before)


def test_a_change_between_epochs_counts(net):
    """The callback resets all weights; training goes on from there."""
    x, labels = labelled()
    start, scratch = net.weights, [w.copy() for w in net.weights]

    def reset(_, epoch):
        net.weights = scratch
        net.biases = [np.zeros((4, 1)), np.zeros((3, 1))]

    net.fit(x, labels, epochs=2, callbacks=reset)
    assert all((w == s).all() for w, s in zip(start, scratch, strict=True))
    assert not np.concatenate(list(net.biases)).any()


BAD = {
    "shape": ([np.zeros((5, 4)), np.zeros((3, 4))], ValueError, r"\[0\]: expected shape"),
    "second shape": ([np.zeros((4, 5)), np.zeros((4, 3))], ValueError, r"\[1\].*\(4, 3\)"),
    "flat": ([np.zeros(20), np.zeros((3, 4))], ValueError, r"expected shape \(4, 5\)"),
    "one number": ([1.0, 2.0], ValueError, r"expected shape \(4, 5\), got \(\)"),
    "too few": ([np.zeros((4, 5))], ValueError, "expected 2 arrays, got 1"),
    "too many": ([np.zeros((4, 5)), np.zeros((3, 4)), 1], ValueError, "expected 2 arrays, got 3"),
    "NaN": (
        [np.zeros((4, 5)), np.full((3, 4), np.nan)],
        ValueError,
        r"\[1\]: expected finite numbers, got nan at \[0, 0\] \(12 such",
    ),
    "inf": ([np.full((4, 5), np.inf), np.zeros((3, 4))], ValueError, "got inf"),
    "text": ([[["a"] * 5] * 4, np.zeros((3, 4))], TypeError, "expected real numbers"),
    "complex": ([np.zeros((4, 5), complex), np.zeros((3, 4))], TypeError, "complex128"),
    "ragged": ([[[1, 2], [3]], np.zeros((3, 4))], ValueError, "expected an array of numbers"),
    "no list": (5, TypeError, "expected a list of arrays, got int 5"),
    "None": (None, TypeError, "expected a list of arrays, got NoneType"),
}


@pytest.mark.parametrize(("values", "error", "message"), BAD.values(), ids=BAD)
def test_bad_values_change_nothing(net, values, error, message):
    untouched = copy.deepcopy(net)
    with pytest.raises(error, match=rf"^weights.*{message}"):
        net.weights = values
    with pytest.raises(error, match=rf"^weights.*{message}"):
        net.weights[:] = values
    assert same_bits(net, untouched)


def test_bad_items_change_nothing(net):
    untouched = copy.deepcopy(net)
    with pytest.raises(ValueError, match=r"^biases\[1\]: expected shape \(3, 1\), got \(3,\)"):
        net.biases[1] = np.zeros(3)
    with pytest.raises(ValueError, match=r"^biases\[1\]: expected finite numbers"):
        net.biases[-1] = [[0.0], [np.nan], [0.0]]
    with pytest.raises(IndexError):
        net.biases[2] = np.zeros((3, 1))
    with pytest.raises(AttributeError):
        del net.biases[0]
    assert same_bits(net, untouched)


def test_too_large_for_float32():
    net = small(dtype="float32")
    with pytest.raises(ValueError, match=r"weights\[0\].*float32 wide enough"):
        net.weights[0] = np.full((4, 5), 1e39)


def test_repr_shows_the_arrays(net):
    assert repr(net.biases) == f"[{net.biases[0]!r}, {net.biases[1]!r}]"
