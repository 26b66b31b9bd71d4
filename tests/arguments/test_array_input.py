"""What comes instead of an array of numbers: it works, or its error says the way out."""

import datetime
import sys
import warnings
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small

import fastnn
from fastnn.arguments import checks
from fastnn.arguments.array_input import real_array

pytestmark = pytest.mark.filterwarnings("error")

X, LABELS = labelled()
MASKED = np.ma.masked_greater(X, 1.0)
HIDDEN = int(np.count_nonzero(X > 1))
ENTRIES = f"got a masked array with {HIDDEN} of 115 entries masked"
COLUMN = np.ma.masked_array(np.ones(23), LABELS == 0)


class Frame:
    """As much of a table with named columns as is looked at."""

    def __init__(self, columns):
        self.columns = list(columns)
        self._array = np.array(list(zip(*columns.values())), object)

    def __array__(self, dtype=None, copy=None):
        return self._array

    def fillna(self, value):
        raise AssertionError("only named in a message")


def refused(net, call, message):
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert everything(net) == before


# --- masked arrays ---

TAKES = {
    "fit x": lambda net: net.fit(MASKED, LABELS),
    "fit y": lambda net: net.fit(X, np.ma.masked_equal(LABELS, 2)),
    "fit sample_weight": lambda net: net.fit(X, LABELS, sample_weight=COLUMN),
    "fit class_weight": lambda net: net.fit(X, LABELS, class_weight={1: np.ma.masked}),
    "fit validation x": lambda net: net.fit(X, LABELS, validation_data=(MASKED, LABELS)),
    "fit validation y": lambda net: net.fit(X, LABELS, validation_data=(X, COLUMN.astype(int))),
    "fit l2": lambda net: net.fit(X, LABELS, l2=np.ma.masked_array([1.0, 2.0], [False, True])),
    "fit l1": lambda net: net.fit(X, LABELS, l1=[0.1, np.ma.masked]),
    "fit max_norm": lambda net: net.fit(X, LABELS, max_norm=[1.0, np.ma.masked]),
    "fit dropout": lambda net: net.fit(X, LABELS, dropout=[np.ma.masked]),
    "fit learning_rate": lambda net: net.fit(X, LABELS, learning_rate=np.ma.masked),
    "evaluate x": lambda net: net.evaluate(MASKED, LABELS),
    "evaluate sample_weight": lambda net: net.evaluate(X, LABELS, sample_weight=COLUMN),
    "feedforward": lambda net: net.feedforward(MASKED),
    "predict": lambda net: net.predict(MASKED),
    "predict_proba": lambda net: net.predict_proba(MASKED),
    "predictor": lambda net: net.predictor()(MASKED[np.argmax(X.max(axis=1))]),
    "gradients": lambda net: net.gradients(MASKED, LABELS),
    "check_gradients": lambda net: net.check_gradients(MASKED, LABELS),
    "compile": lambda net: net.compile(MASKED, LABELS),
    "weights": lambda net: setattr(net, "weights", [np.ma.masked_less(w, 0) for w in net.weights]),
    "a layer's biases": lambda net: net.biases.__setitem__(0, np.ma.masked_less(np.eye(4, 1), 1)),
    "initializer": lambda net: small(
        initializer=([np.ma.masked_less(w, 0) for w in net.weights], list(net.biases))
    ),
    "explain_regularization": lambda net: fastnn.explain_regularization(
        0.5, l1=1.0, n=23, m=10, weights=[np.ma.masked_less(w, 0) for w in net.weights]
    ),
    "fit_many x": lambda net: fastnn.fit_many([{"sizes": [5, 4, 3]}], MASKED, LABELS),
    "fit_many y": lambda net: fastnn.fit_many(
        [{"sizes": [5, 4, 3]}], X, np.ma.masked_equal(LABELS, 2)
    ),
    "rows in a list": lambda net: net.predict(list(MASKED)),
    "rows in lists": lambda net: net.predict([list(row) for row in MASKED]),
    "a masked label": lambda net: net.fit(X, [*LABELS[1:].tolist(), np.ma.masked]),
    "in an array of objects": lambda net: net.fit(X, np.array([*LABELS[1:], np.ma.masked], object)),
}


@pytest.mark.parametrize("call", TAKES.values(), ids=TAKES)
def test_masked_entries_are_refused_wherever_arrays_come_in(call):
    net = small()
    refused(net, lambda: call(net), "expected an array without masked entries, got a masked ")


def test_the_message_counts_and_says_what_to_do():
    message = rf"^x: expected .*, {ENTRIES}; fill them with x\.filled\(value\), or leave those rows"
    refused(small(), lambda: small().predict(MASKED), message)
    message = r"got a masked array with 1 of 2 entries masked at \[1\]; .* x\[1\]\.filled"
    pair = [np.ma.masked_array([1.0, 2.0]), np.ma.masked_array([1.0, 2.0], [False, True])]
    refused(small(), lambda: real_array("x", pair), message)


def test_masked_arrays_deep_in_lists():
    """Also where the first list has none."""
    whole, masked = np.ma.masked_array([1.0, 2.0]), np.ma.masked_array([1.0, 2.0], [False, True])
    with pytest.raises(ValueError, match=r"1 of 2 entries masked at \[1\]\[0\]"):
        real_array("x", [[whole.data, whole.data], [masked, whole]])
    with pytest.raises(ValueError, match=r"a masked entry at \[1\]\[1\]"):
        real_array("x", [[1, 2], [3, np.ma.masked_array(4, True)]])
    assert real_array("x", [[whole, whole]]).tolist() == [[[1, 2], [1, 2]]]


@pytest.mark.parametrize("values", [[1.0, np.ma.masked], [[0], [1], [np.ma.masked]]])
def test_a_masked_number_is_told_from_nan(values):
    """NumPy makes NaN of it, with a warning that may be silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="^x: expected an array without masked entries, got a"):
            real_array("x", values)
    assert np.isnan(real_array("x", [1.0, np.nan])[1])


def test_where_nobody_has_imported_masked_arrays(monkeypatch):
    monkeypatch.delitem(sys.modules, "numpy.ma")
    assert real_array("x", [[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match=r"^x: expected an array of numbers, got rows of"):
        real_array("x", [[1, 2], [3]])


def test_a_mask_that_masks_nothing_is_fine():
    plain, whole = small(), small()
    plain.fit(X, LABELS, epochs=1, sample_weight=np.ones(23), l2=[0.1, 0.2])
    whole.fit(
        np.ma.masked_array(X, False),
        np.ma.masked_array(LABELS),
        epochs=1,
        sample_weight=np.ma.masked_array(np.ones(23), False),
        l2=np.ma.masked_array([0.1, 0.2]),
    )
    assert same_bits(plain, whole)
    row = np.ma.masked_array(X[0], False)
    assert (plain.predictor()(row) == plain.predictor()(X[0])).all()


# --- what works ---


def as_frame(x):
    return Frame({f"column {i}": x[:, i].tolist() for i in range(5)})


ROUND = np.round(X * 4)  # whole numbers, which all of these hold
SAME = {
    "objects": ROUND.astype(object),
    "Decimal": [[Decimal(int(v)) for v in row] for row in ROUND],
    "Fraction": [[Fraction(int(v)) for v in row] for row in ROUND],
    "lists": ROUND.tolist(),
    "rows of arrays": list(ROUND),
    "a deque": deque(ROUND.tolist()),
    "a frame": as_frame(ROUND),
    "integers in objects": ROUND.astype(int).astype(object),
    "another byte order": ROUND.astype(">f8"),
}


@pytest.mark.parametrize("x", SAME.values(), ids=SAME)
def test_numbers_in_any_wrapping_are_those_numbers(x):
    plain, net = small(), small()
    plain.fit(ROUND, LABELS, epochs=1)
    net.fit(x, LABELS, epochs=1)
    assert same_bits(plain, net)


def test_columns_of_several_kinds():
    columns = {"a": X[:, 0], "b": X[:, 1] > 0, "c": LABELS, "d": X[:, 2], "e": X[:, 3] > 1}
    plain, net = small(), small()
    plain.fit(np.column_stack(list(columns.values())), LABELS, epochs=1)
    frame = Frame({name: values.tolist() for name, values in columns.items()})
    net.fit(frame, Frame({"label": LABELS.tolist()})._array.ravel(), epochs=1)
    assert same_bits(plain, net)


@pytest.mark.parametrize(
    ("objects", "dtype"),
    [
        ([1, 2], "int64"),
        ([True, False], "bool"),
        ([True, 2], "int64"),
        ([1, 2.5], "float64"),
        ([np.float32(1), np.bool_(1)], "float32"),
        ([Decimal("0.5"), 1], "float64"),
        ([2**70, 1], "float64"),
    ],
)
def test_the_dtype_of_objects_is_that_of_their_numbers(objects, dtype):
    array = real_array("x", np.array(objects, object))
    assert array.dtype == dtype
    assert array.tolist() == [float(each) for each in objects]


def test_no_rows_of_objects_keep_their_shape():
    assert real_array("x", np.empty((0, 5), object)).shape == (0, 5)


def test_objects_in_all_workers_of_fit_many():
    """Data go to other processes as plain numbers."""
    spec = {"sizes": [5, 4, 3], "seed": 1, "epochs": 1, "dtype": "float64"}
    (fitted,) = fastnn.fit_many([spec], X.astype(object), LABELS.astype(object))
    plain = small()
    plain.fit(X, LABELS, epochs=1, n_threads=1)
    assert same_bits(fitted.net, plain)


def test_arrays_that_fit_many_shares_hold_numbers():
    from fastnn.sweeps.fit_many import _arrays
    from fastnn.sweeps.specs import split

    keywords = [split("specs[0]", {"sizes": [5, 4, 3]})]
    arrays = _arrays(keywords, X.astype(object), LABELS.astype(object), None)
    assert {array.dtype.kind for array in arrays.values()} == {"f", "i"}


# --- what doesn't, and the way out ---


class Sparse:
    nnz = 3

    def toarray(self):
        return X


class Tensor:
    """One that belongs to a graph, or to another device."""

    dtype = "torch.float32"

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.\nAnd more")

    def detach(self):
        return self

    numpy = detach


def with_one(value, index=(4, 2)):
    objects = X.astype(object)
    objects[index] = value
    return objects


NAMES = np.array(["cat", "dog", "owl"])[LABELS]
UNIQUE = r"; classes, y = np.unique\(y, return_inverse=True\) makes integer labels"
BAD_X = {
    "None": (None, r"real numbers, got None \(NoneType\)$"),
    "a generator": ((row for row in X), r"got a generator; .*only once: np.array\(list\(x\)\)"),
    "zip": (zip(X), "got a zip; "),
    "map": (map(list, X), "got a map; "),
    "a dict's values": ({1: X}.values(), r"got a dict_values; np.array\(list\(x\)\) is an array"),
    "a dict's keys": ({1: X}.keys(), r"got a dict_keys; np.array\(list\(x\)\) is an array"),
    "a dict": ({"a": [1]}, r"got a dict; .*np.array\(list\(x.values\(\)\)\)"),
    "a set": ({1.0}, "got a set; a set has no order"),
    "a sparse matrix": (Sparse(), r"got a Sparse; x.toarray\(\) is an array"),
    "a tensor": (Tensor(), r"got a Tensor that NumPy can't read \(Can't .* grad.\); x.detach"),
    "a path": ("train.csv", "real numbers, got the text 'train.csv'; "),
    "any object": (object(), "an array of numbers, got an object$"),
    "a text": (with_one("red"), r"got the text 'red' at \[4, 2\]; .*a column of 0 and 1 for each"),
    "numbers as text": (X.astype(str), r"got the text '.*' at \[0, 0\]; .*np.asarray\(x, float\)"),
    "bytes": (X.astype("S"), r"got the text b'.*; .* np.asarray\(x, float\)"),
    "text among text": (np.array([["1", "2"], ["3", "red"]]), r"got the text 'red' at \[1, 1\]"),
    "None within": (with_one(None), r"got None at \[4, 2\]; where values are missing, fill them"),
    "a complex": (with_one(1j), r"got a complex at \[4, 2\]; "),
    "complex": (X + 0j, r"got dtype complex128; x.real, x.imag and abs\(x\) are"),
    "dates": (X.astype("M8[s]"), r"got dtype datetime64\[s\]; seconds are \(x - start\) / np"),
    "durations": (X.astype("m8[s]"), r"got dtype timedelta64\[s\]; seconds are x / np.timedelta64"),
    "a date": (with_one(datetime.date(2020, 1, 1)), r"got a date at \[4, 2\]; seconds are \(x - "),
    "a duration": (with_one(datetime.timedelta(1)), r"got a timedelta at .*; seconds are x / np"),
    "NumPy's duration": (with_one(np.timedelta64(1, "s")), r"got a timedelta64 at \[4, 2\]; "),
    "a list within": (with_one([1]), r"got a list at \[4, 2\]; np.stack\(x\) makes one array"),
    "an array within": (with_one(np.ones(2)), r"got a ndarray at \[4, 2\]; np.stack\(x\)"),
    "another object": (with_one(object()), r"got an object at \[4, 2\]; x.astype\(float\) are"),
    "a structure": (np.zeros(3, "f8,i8"), r"structured_to_unstructured\(x\) is an array of them"),
    "too large": ([[10**400]], "numbers that float64 can hold, got larger ones"),
}
BAD_COLUMNS = {
    "a text column": (
        ["red"] * 3,
        r"got the text 'red' in column 'town'; leave it out, or make .*"
        r"pandas.get_dummies\(x\)",
    ),
    "missing values": ([1, None, 2], r"got None in column 'town'; .*x.fillna\(value\), or leave"),
    "times": ([datetime.datetime(2020, 1, 1)] * 3, r"got a datetime in column 'town'; seconds are"),
}
BAD_Y = {
    "names": (NAMES, f"got the text '{NAMES[0]}' at .0.{UNIQUE}, and classes.labels. names again$"),
    "names in a list": (NAMES.tolist(), UNIQUE),
    "names as bytes": (NAMES.astype("S"), UNIQUE),
    "names as objects": (NAMES.astype(object), UNIQUE),
    "numbers as text": (LABELS.astype(str), r"got the text '\d' at \[0\]; .*np.asarray\(y, int\)$"),
    "floats as text": ((X[:, 0]).astype(str), r"np.asarray\(y, float\)$"),
    "None": (None, r"got None \(NoneType\)"),
    "a set": (set(LABELS.tolist()), "got a set; "),
}


@pytest.mark.parametrize(("x", "message"), BAD_X.values(), ids=BAD_X)
def test_bad_x(x, message):
    net = small()
    refused(net, lambda: net.fit(x, LABELS), f"^x: expected .*{message}")


@pytest.mark.parametrize(("column", "message"), BAD_COLUMNS.values(), ids=BAD_COLUMNS)
def test_a_bad_column_is_named(column, message):
    net, frame = small(), Frame({"a": [1.0, 2.0, 3.0], "town": column})
    refused(net, lambda: net.predict(frame), f"^x: expected real numbers, {message}")


@pytest.mark.parametrize(("y", "message"), BAD_Y.values(), ids=BAD_Y)
def test_bad_y(y, message):
    net = small()
    refused(net, lambda: net.fit(X, y), f"^y: expected .*{message}")
    refused(net, lambda: net.fit(X, LABELS, validation_data=(X, y)), "^validation y: expected .*y")


def test_the_way_out_of_names_leads_out():
    classes, y = np.unique(NAMES, return_inverse=True)
    net = small()
    net.fit(X, y, epochs=1)
    assert set(classes[net.predict(X)]) <= {"cat", "dog", "owl"}


@pytest.mark.parametrize("weights", [["1"] * 23, [None] * 23, (1.0 for _ in range(23)), {1.0}])
def test_bad_sample_weights(weights):
    net = small()
    refused(net, lambda: net.fit(X, LABELS, sample_weight=weights), "^sample_weight: expected ")


# --- real ones of other libraries ---


def test_frames_of_pandas():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(ROUND, columns=list("uvwxy"))
    plain = small()
    plain.fit(ROUND, LABELS, epochs=1)
    nullable = frame.astype({"u": "Int64", "v": "Float64"})
    for x in (frame, frame.convert_dtypes(), nullable, frame.astype(object)):
        for y in (
            pd.Series(LABELS),
            pd.Series(LABELS, dtype="Int64"),
            pd.Series(LABELS).astype("category"),
        ):
            net = small()
            net.fit(x, y, epochs=1)
            assert same_bits(plain, net)
    nullable.loc[3, "u"] = pd.NA
    refused(plain, lambda: plain.predict(nullable), r"got (<NA>|nan) (in column 'u'|at \[3, 0\])")
    town = frame.assign(y=["x"] * 23)
    refused(plain, lambda: plain.predict(town), "got the text 'x' in column 'y'; .*get_dummies")
    when = frame.assign(y=pd.date_range("2020-01-01", periods=23))
    refused(plain, lambda: plain.predict(when), "got a Timestamp in column 'y'; seconds are")
    for names in (pd.Series(NAMES), pd.Series(NAMES).astype("category")):
        refused(plain, lambda names=names: plain.fit(X, names), f"^y: .*{UNIQUE}")


def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    net = small()
    x = torch.tensor(X, requires_grad=True)
    refused(net, lambda: net.predict(x), r"; x.detach\(\).cpu\(\).numpy\(\) is an array")
    half = torch.tensor(X).to(torch.bfloat16)
    refused(net, lambda: net.predict(half), r"; x.detach\(\).cpu\(\).float\(\).numpy\(\) is an")
    way_out = x.detach().cpu().numpy()
    assert (net.predict(torch.tensor(X)) == net.predict(way_out)).all()


def test_sparse_matrices_of_scipy():
    sparse = pytest.importorskip("scipy.sparse")
    net = small()
    for kind in (sparse.csr_matrix, sparse.coo_array):
        assert np.array_equal(net.predict(kind(X)), net.predict(X))
        y = kind(np.eye(3)[LABELS])
        refused(net, lambda y=y: net.fit(X, y), r"; y.toarray\(\) is an array")


# --- single numbers ---


def test_a_number_in_an_array_of_one():
    plain, net = small(), small()
    plain.fit(X, LABELS, epochs=2, batch_size=7, learning_rate=0.1, l2=0.5)
    net.fit(
        X,
        LABELS,
        epochs=np.array(2),
        batch_size=np.array([7]),
        learning_rate=np.array([0.1]),
        l2=np.array(0.5),
    )
    assert same_bits(plain, net)


@pytest.mark.parametrize("value", [np.array([1, 2]), np.array(True), np.array("1"), np.array([])])
def test_what_is_no_number_in_an_array(value):
    for check in (checks.number, checks.count):
        with pytest.raises(TypeError, match=r"^l2: expected a (whole )?number, got array"):
            check("l2", value)


def test_names_of_numpys_text():
    net = fastnn.Network([5, 4, 3], np.str_("relu"), np.str_("log_likelihood"))
    assert (type(net.activation), type(net.cost)) == (str, str)


@pytest.mark.parametrize(
    "value", [np.zeros((30, 30)), list(range(10**6)), "x" * 10**6, {i: i for i in range(10**5)}]
)
def test_what_came_is_told_on_a_short_line(value):
    for check in (checks.number, checks.count, checks.callback, checks.flag):
        with pytest.raises(TypeError) as caught:
            check("argument", value)
        assert len(str(caught.value)) < 250
        assert "\n" not in str(caught.value)
