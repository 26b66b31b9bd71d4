"""Whatever array x comes as, the same numbers give the same bits, and stay as they are."""

import warnings

import numpy as np
import pytest
from samples import labelled, one_hot, same_bits, small

from fastnn.data import rows
from fastnn.training import loop


def byte_swapped(a):
    return a.astype(a.dtype.newbyteorder())


def unaligned(a):
    raw = np.empty(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    raw[...] = a
    assert not raw.flags.aligned
    return raw


def strided(a):
    wide = np.full((2 * a.shape[0], 3 * a.shape[1]), np.nan, a.dtype)
    wide[::2, 1::3] = a
    return wide[::2, 1::3]


def read_only(a):
    copy = a.copy()
    copy.flags.writeable = False
    return copy


def broadcast_back(a):
    return np.broadcast_to(a, (2, *a.shape))[1]


FORMS = {
    "read-only": read_only,
    "Fortran": np.asfortranarray,
    "strided": strided,
    "reversed": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "byte-swapped": byte_swapped,
    "unaligned": unaligned,
    "read-only view": broadcast_back,
    "float64": lambda a: a.astype(np.float64),
    "longdouble": lambda a: a.astype(np.longdouble),
    "lists": lambda a: a.tolist(),
    "tuple of arrays": tuple,
    "matrix": lambda a: np.matrix(a) if a.ndim == 2 else a,
}


@pytest.fixture(params=FORMS.values(), ids=FORMS)
def form(request):
    return request.param


def results(x, y, dtype):
    net = small(dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(x, y, epochs=2, batch_size=4, validation_data=(x, y))
        return net, [
            net.feedforward(x),
            net.predict(x),
            net.predict_proba(x),
            *net.gradients(x, y).weights,
            np.array(net.evaluate(x, y)[:3]),
            np.array(net.history.validation_data_cost),
        ]


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_forms_of_x_and_y(form, dtype):
    x, labels = labelled(dtype="float32")
    y = (0.8 * one_hot(labels) + 0.1).astype("float32")
    xs, ys = form(x), form(y)
    kept = np.array(xs).tobytes(), np.array(ys).tobytes()
    expected_net, expected = results(x, y, dtype)
    net, got = results(xs, ys, dtype)
    assert same_bits(net, expected_net)
    for g, e in zip(got, expected, strict=True):
        np.testing.assert_array_equal(g, e)
    assert (np.array(xs).tobytes(), np.array(ys).tobytes()) == kept


@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "uint16", "bool", "float16"])
def test_numbers_that_are_no_floats(kind):
    x = (np.abs(labelled()[0]) * 1.5).astype(kind)
    _, labels = labelled()
    expected_net, _ = results(x.astype("float32"), labels, "float32")
    net, _ = results(x, labels, "float32")
    assert same_bits(net, expected_net)


def test_memory_map(tmp_path):
    x, labels = labelled(dtype="float32")
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    expected_net, _ = results(x, labels, "float32")
    net, _ = results(mapped, labels, "float32")
    assert same_bits(net, expected_net)


def test_results_are_the_callers():
    """What is returned is writable, C-contiguous and no view of x or of the network."""
    x, _ = labelled()
    net = small()
    one, two = net.feedforward(x), net.feedforward(x)
    one[...] = -1
    assert one.flags.c_contiguous
    assert two.min() >= 0


def test_matching_arrays_are_used_without_a_copy(monkeypatch):
    """And others are copied once for a fit, not for each epoch or piece of one."""
    trained_on, measured_on = [], []

    class Trainer(loop.Trainer):
        def __init__(self, engine, x, *others, **more):
            trained_on.append(x)
            super().__init__(engine, x, *others, **more)

    class Spy(rows.Data):
        def __new__(cls, x, *others):
            measured_on.append(x)
            return super().__new__(cls, x, *others)

    monkeypatch.setattr(loop, "Trainer", Trainer)
    x, labels = labelled(20, dtype="float32")
    small(dtype="float32").fit(x, labels, epochs=3)
    assert len(trained_on) == 1
    assert np.shares_memory(trained_on[0], x)

    trained_on.clear()
    monkeypatch.setattr(rows, "Data", Spy)
    fortran = np.asfortranarray(x)
    small(dtype="float32").fit(fortran, labels, epochs=3, validation_data=(fortran, labels))
    assert len(trained_on) == 1
    assert len(measured_on) == 2
    assert all(array.flags.c_contiguous for array in trained_on + measured_on)
