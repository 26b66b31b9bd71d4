"""Odd arguments, ours against the book's program: the same result, with a warning where it errs.

What differs on purpose is in the tables at the end: an error instead of a matrix that broadcasting
made of a flat array, or instead of an error that comes after an epoch.
"""

import copy
import random
import warnings

import numpy as np
import pytest
from problems import labelled, random_state, seed_all, training

from bench.book import as_written
from bench.book.as_written import AsWritten
from fastnn.book import MistakeWarning, _base, _evaluation, network, network2

COSTS = {"quadratic": network2.QuadraticCost, "cross-entropy": network2.CrossEntropyCost}
TWINS = {"quadratic": as_written.Quadratic, "cross-entropy": as_written.CrossEntropy}


@pytest.fixture(autouse=True)
def quiet_numpy():
    """The book's program overflows aloud; ours need not."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the matrix subclass", PendingDeprecationWarning)
        yield


@pytest.fixture(params=["few", "many"], autouse=True)
def rows(request, monkeypatch):
    """By the kernels for a few samples, and by those for many."""
    if request.param == "many":
        monkeypatch.setattr(_base, "BLOCK", 0)
        monkeypatch.setattr(_evaluation, "BLOCK", 0)


def both(sizes=(6, 5, 3), cost="cross-entropy"):
    seed_all(1)
    ours = network2.Network(list(sizes), cost=COSTS[cost])
    twin = AsWritten(list(sizes), TWINS[cost])
    twin.weights, twin.biases = copy.deepcopy((ours.weights, ours.biases))
    return ours, twin


def outcome(call):
    """(result, error's type, kinds of mistakes warned of)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result, error = call(), None
        except Exception as raised:
            result, error = None, type(raised)
    mistakes = [str(w.message) for w in caught if w.category is MistakeWarning]
    for w in caught:
        if w.category is MistakeWarning:
            assert w.filename == __file__  # at the user's line
    return result, error, mistakes


def assert_same(got, expected, rtol=1e-9):
    if isinstance(expected, (list, tuple)):
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            assert_same(a, b, rtol)
        return
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(
        np.asarray(got, float), np.asarray(expected, float), rtol=rtol, atol=1e-12
    )


def spoiled(data, index, value, of="x"):
    data = [(x.copy(), y if np.isscalar(y) else y.copy()) for x, y in data]
    data[index][0 if of == "x" else 1][1] = value
    return data


def relabelled(*labels):
    data = labelled(training(20))
    return [(x, labels[i % len(labels)]) for i, (x, _) in enumerate(data)]


def set_weight(value):
    def change(net):
        net.weights[0][2, 3] = value

    return change


def set_bias(value):
    def change(net):
        net.biases[1][1] = value

    return change


def nested_lists(net):
    net.weights = [w.tolist() for w in net.weights]


def matrices(net):
    net.weights = [np.asmatrix(w) for w in net.weights]


def scalar_biases(net):
    net.biases = [0.5, np.array([[0.25]])]


def append_layer(net):
    net.weights.append(np.linspace(-1, 1, 12).reshape(4, 3))
    net.biases.append(np.ones((4, 1)))
    net.sizes.append(4)


def append_and_count_layer(net):
    append_layer(net)
    net.num_layers += 1


def take_layer_away(net):
    net.weights.pop()
    net.biases.pop()


def two_layers_of_num_layers(net):
    net.num_layers = 2


def other_sizes(net):
    net.sizes = [6, 4, 3]


def transposed_memory(net):
    net.weights = [np.asfortranarray(w) for w in net.weights]


def float32(net):
    net.weights = [w.astype(np.float32) for w in net.weights]


def whole_numbers(net):
    net.weights = [np.rint(3 * w).astype(int) for w in net.weights]


def unchanged(net):
    pass


# How to change a network; the words of the warning that calls which give no NaN shall give.
CHANGES = {
    unchanged: None,
    set_weight(np.nan): "weights[0]",
    set_weight(np.inf): None,
    set_weight(1e300): None,
    set_bias(np.nan): "biases[1]",
    set_bias(-np.inf): None,
    nested_lists: None,
    matrices: None,
    scalar_biases: None,
    append_layer: None,
    append_and_count_layer: None,
    take_layer_away: "sizes",
    two_layers_of_num_layers: None,
    other_sizes: "sizes",
    transposed_memory: None,
    float32: None,
    whole_numbers: None,
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__qualname__.split(".")[0])
@pytest.mark.parametrize("bad", [None, np.nan, np.inf], ids=str)
def test_outputs_and_accuracy(change, bad):
    ours, twin = both()
    change(ours), change(twin)
    data = training(20)
    if bad is not None:
        data = spoiled(data, 7, bad)
    for x, _ in data[5:9]:
        got, error, _ = outcome(lambda x=x: ours.feedforward(x))
        assert error is None
        assert_same(got, np.asarray(twin.feedforward(x)), 1e-6 if change is float32 else 1e-9)
    if change in (append_layer, append_and_count_layer, take_layer_away):
        outputs = len(ours.biases[-1])
        data = [(x, np.eye(outputs)[:, [i % outputs]]) for i, (x, _) in enumerate(data)]
    count, error, _ = outcome(lambda: ours.accuracy(labelled(data)))
    assert (count, error) == (twin.accuracy(labelled(data)), None)
    count, error, _ = outcome(lambda: ours.accuracy(data, convert=True))
    assert (count, error) == (twin.accuracy(data, convert=True), None)
    for lmbda in (0.0, 2.0) if change is not matrices else ():  # there the book's cost fails
        cost, error, _ = outcome(lambda lmbda=lmbda: ours.total_cost(data, lmbda))
        assert error is None
        assert_same(cost, twin.total_cost(data, lmbda), 1e-6)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__qualname__.split(".")[0])
def test_what_is_surely_a_mistake_is_said_once(change):
    ours, _ = both()
    change(ours)
    x, word = training()[0][0], CHANGES[change]
    _, _, first = outcome(lambda: ours.feedforward(x))
    _, _, second = outcome(lambda: ours.feedforward(x))
    said = [message for message in first if word and word in message]
    assert len(said) == len(first) == (word is not None)
    assert second == []


SKIPPED = (nested_lists, matrices, scalar_biases)  # the book's own backprop fails on these


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(
    "change", [c for c in CHANGES if c not in SKIPPED], ids=lambda c: c.__qualname__.split(".")[0]
)
@pytest.mark.parametrize("bad", [None, np.nan, np.inf], ids=str)
def test_gradients_and_updates(change, cost, bad):
    if change in (append_layer, append_and_count_layer, take_layer_away):
        outputs = 5 if change is take_layer_away else 4
    else:
        outputs = 3
    data = [(x, np.eye(outputs)[:, [i % outputs]]) for i, (x, _) in enumerate(training(8))]
    if bad is not None:
        data = spoiled(data, 2, bad, "y")
    rtol = 1e-5 if change is float32 else 1e-9
    ours, twin = both(cost=cost)
    change(ours), change(twin)
    if change is take_layer_away:  # three layers by num_layers, with which the book's fails
        ours.num_layers = twin.num_layers = 2
    got, error, _ = outcome(lambda: ours.backprop(*data[2]))
    assert error is None
    assert_same(got, twin.backprop(*data[2]), rtol)
    for numbers in ((0.5, 0.3, 47), (-0.5, -2.0, 47), (np.inf, 0.0, 47), (0.5, 1.0, -3)):
        _, error, _ = outcome(lambda numbers=numbers: ours.update_mini_batch(data, *numbers))
        twin.update_mini_batch(data, *numbers)
        assert error is None
        assert_same([ours.weights, ours.biases], [twin.weights, twin.biases], rtol)


def test_matrices_nested_lists_and_scalar_biases_are_trained_as_arrays():
    """Where the book's own fails."""
    for change in SKIPPED:
        ours, plain = both()[0], both()[0]
        change(ours), change(plain)
        plain.weights = [np.array(w) for w in plain.weights]
        plain.biases = [
            np.full((len(w), 1), np.mean(b)) if np.size(b) == 1 else b
            for w, b in zip(plain.weights, plain.biases, strict=True)
        ]
        for net in (ours, plain):
            net.update_mini_batch(training(8), 0.5, 0.3, 47)
        assert_same([ours.weights, ours.biases], [plain.weights, plain.biases])


LABELS = {
    "outside": ((0, 3, 1), "got 3"),
    "negative": ((2, -1), "got -1"),
    "no integer": ((1, 1.5), "got 1.5"),
    "NaN": ((np.nan,), "got nan"),
    "text": (("1", 0), "got '1'"),
    "None": ((None, 1), "got None"),
    "float": ((1.0, 2.0), None),
    "array": ((np.array([1]), np.array([2])), None),
    "bool": ((True, False), None),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_that_are_no_outputs(kind):
    labels, words = LABELS[kind]
    ours, twin = both()
    chapter1 = network.Network([6, 5, 3])
    chapter1.weights, chapter1.biases = ours.weights, ours.biases
    data = relabelled(*labels)
    expected = sum(np.argmax(twin.feedforward(x)) == y for x, y in data)
    for call in (lambda: ours.accuracy(data), lambda: chapter1.evaluate(data)):
        count, error, mistakes = outcome(call)
        assert (count, error) == (expected, None)
        assert len(mistakes) == (words is not None)
        assert not words or words in mistakes[0]


@pytest.mark.parametrize("cost", COSTS)
def test_one_output(cost):
    ours, twin = both((6, 5, 1), cost)
    data = relabelled(0, 1)
    count, error, mistakes = outcome(lambda: ours.accuracy(data))
    assert (count, error) == (twin.accuracy(data), None) == (10, None)
    assert len(mistakes) == 1
    assert "one output" in mistakes[0]
    columns = [(x, np.array([[y]])) for x, y in data]
    assert ours.accuracy(columns, convert=True) == twin.accuracy(columns, convert=True) == 20
    assert_same(ours.total_cost(columns, 0.5), twin.total_cost(columns, 0.5))
    value, error, mistakes = outcome(lambda: ours.total_cost(data, 0.5, convert=True))
    assert error is None
    assert_same(value, twin.total_cost(data, 0.5, convert=True))
    assert len(mistakes) == 1
    assert "ten rows of vectorized_result" in mistakes[0]


def test_one_output_in_sgd():
    data, lists = relabelled(0, 1), []
    for net in both((6, 5, 1)):
        samples = [(x, np.array([[float(y)]])) for x, y in data]
        seed_all(4)
        if isinstance(net, AsWritten):
            figures = []
            net.SGD(
                samples,
                2,
                5,
                0.5,
                0.1,
                lambda net, figures=figures, samples=samples: figures.append(
                    (
                        net.total_cost(data, 0.1, convert=True),
                        net.accuracy(data),
                        net.total_cost(samples, 0.1),
                        net.accuracy(samples, convert=True),
                    )
                ),
            )
            lists.append(np.transpose(figures))
        else:
            result, error, mistakes = outcome(
                lambda net=net, samples=samples: net.SGD(
                    samples, 2, 5, 0.5, 0.1, data, True, True, True, True, verbose=False
                )
            )
            assert error is None
            assert len(mistakes) == 2
            lists.append(np.array(result, float))
    assert_same(lists[0], lists[1])


def test_the_cure_for_one_outputs_cost(monkeypatch):
    for module in (network2, as_written):
        monkeypatch.setattr(module, "vectorized_result", lambda y: np.array([[y]]))
    ours, twin = both((6, 5, 1))
    value, error, mistakes = outcome(lambda: ours.total_cost(relabelled(0, 1), 0.5, convert=True))
    assert (error, mistakes) == (None, [])
    assert_same(value, twin.total_cost(relabelled(0, 1), 0.5, convert=True))


def test_ten_outputs_and_a_negative_label():
    ours, twin = both((6, 5, 10))
    data = relabelled(-1, 4)
    value, error, mistakes = outcome(lambda: ours.total_cost(data, 0.5, convert=True))
    assert error is None
    assert_same(value, twin.total_cost(data, 0.5, convert=True))
    assert len(mistakes) == 1
    assert "got -1, which vectorized_result counts from the last" in mistakes[0]


@pytest.mark.parametrize(
    "j", [3, -1, -10, np.int64(4), np.array(3), np.array([3]), np.array([[3]])]
)
def test_vectorized_result(j):
    value, error, mistakes = outcome(lambda: network2.vectorized_result(j))
    assert error is None
    assert (value == as_written.vectorized_result(j)).all()
    assert len(mistakes) == int(np.all(j < 0))


def test_data_that_a_filter_emptied(capsys):
    ours, twin = both()
    chapter1 = network.Network([6, 5, 3])
    for call in (
        lambda: chapter1.evaluate([]),
        lambda: chapter1.evaluate(()),
        lambda: ours.accuracy([]),
        lambda: ours.accuracy([], convert=True),
    ):
        count, error, _ = outcome(call)
        assert (count, error) == (0, None)
    for call in (
        lambda net: net.total_cost([], 0.0),
        lambda net: net.total_cost([], 1.0, convert=True),
        lambda net: net.update_mini_batch([], 0.5, 0.0, 3),
        lambda net: net.update_mini_batch(training(4), 0.5, 0.0, 0),
    ):
        for net in (ours, twin):
            assert outcome(lambda net=net, call=call: call(net))[:2] == (None, ZeroDivisionError)
    before = copy.deepcopy((ours.weights, ours.biases))
    result, error, mistakes = outcome(
        lambda: ours.SGD([], 2, 10, 0.5, monitor_training_accuracy=True)
    )
    assert (result, error) == (([], [], [], [0, 0]), None)
    assert any("training_data: expected tuples (x, y), got none" in m for m in mistakes)
    assert "Accuracy on training data: 0 / 0" in capsys.readouterr().out
    chapter1.SGD([], 1, 10, 0.5)
    assert capsys.readouterr().out == "Epoch 0 complete\n"
    assert_same([ours.weights, ours.biases], list(before))


NUMBERS = {
    "no epochs": {"epochs": 0},
    "epochs below 0": {"epochs": -2},
    "mini-batch below 0": {"mini_batch_size": -3},
    "mini-batch of all and more": {"mini_batch_size": 1000},
    "eta below 0": {"eta": -0.5},
    "eta NaN": {"eta": np.nan},
    "eta infinite": {"eta": np.inf},
    "eta in an array": {"eta": np.array([0.5])},
    "lmbda below 0": {"lmbda": -3.0},
    "lmbda NaN": {"lmbda": np.nan},
    "lmbda far too large": {"lmbda": 1e160},
}
ODD = [name for name in NUMBERS if not any(w in name for w in ("no epochs", "all", "array", "far"))]


@pytest.mark.filterwarnings("ignore::fastnn.RegularizationWarning")
@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("cost", COSTS)
def test_numbers_of_sgd(name, cost):
    settings = {"epochs": 2, "mini_batch_size": 10, "eta": 0.5, "lmbda": 0.1, **NUMBERS[name]}
    nets, states = both(cost=cost), []
    for net in nets:
        data = training()
        seed_all(5)
        more = {} if isinstance(net, AsWritten) else {"verbose": False}
        _, error, mistakes = outcome(
            lambda net=net, data=data, more=more: net.SGD(data, **settings, **more)
        )
        assert error is None
        states.append((random_state(), [float(x[0, 0]) for x, _ in data]))
        if net is nets[0]:
            kind = next(iter(NUMBERS[name]))
            assert sum(m.startswith(f"{kind}: expected") for m in mistakes) == (name in ODD)
    assert states[0] == states[1]
    assert_same([nets[0].weights, nets[0].biases], [nets[1].weights, nets[1].biases])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("of", ["x", "y"])
def test_samples_that_are_not_finite(value, of):
    nets = both()
    for net in nets:
        data = spoiled(training(), 31, value, of)
        seed_all(5)
        more = {} if isinstance(net, AsWritten) else {"verbose": False}
        _, error, mistakes = outcome(
            lambda net=net, data=data, more=more: net.SGD(data, 2, 10, 0.5, 0.1, **more)
        )
        assert error is None
        if net is nets[0]:
            assert any(m.startswith("training_data[31]: NaN or infinity") for m in mistakes)
    assert_same([nets[0].weights, nets[0].biases], [nets[1].weights, nets[1].biases])


@pytest.mark.filterwarnings("ignore::fastnn.RegularizationWarning")
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("sparse", [False, True])
def test_weights_that_overflow_in_training(cost, sparse):
    """1 - eta lmbda / n = -9: they grow ninefold with each update, and become NaN in the last."""
    nets, figures = both((12, 5, 3), cost), []
    for net in nets:
        random.seed(3)
        rng = np.random.default_rng(0)
        data = [
            (rng.random((12, 1)) * (rng.random((12, 1)) < 0.2 if sparse else 1), y)
            for _, y in training(100)
        ]
        for x, _ in data:
            x[5] = 0.0  # in no row there is anything to be learnt from it
        tests = labelled(training(30, (12, 5, 3)))
        if isinstance(net, AsWritten):
            rows = []
            net.SGD(
                data,
                4,
                1,
                10,
                100.0,
                lambda net, rows=rows, tests=tests: rows.append(net.accuracy(tests)),
            )
            figures.append(rows)
        else:
            result, error, mistakes = outcome(
                lambda net=net, data=data, tests=tests: net.SGD(
                    data, 4, 1, 10, 100.0, tests, monitor_evaluation_accuracy=True, verbose=False
                )
            )
            assert error is None
            assert sum("outputs are NaN" in m for m in mistakes) == 1
            figures.append(result[1])
    zeros = sum(y == 0 for _, y in labelled(training(30, (12, 5, 3))))
    assert figures[0] == figures[1]
    assert figures[0][-1] == zeros
    for got, expected in zip(
        [*nets[0].weights, *nets[0].biases], [*nets[1].weights, *nets[1].biases], strict=True
    ):
        assert np.isnan(expected).all()
        assert np.isnan(got).all()


def test_an_infinite_weight_of_inputs_that_are_0():
    """Infinity times 0 is NaN; kernels that leave out zeros would not notice."""
    ours, twin = both((6, 140, 3))
    data = [(x * (np.arange(6)[:, np.newaxis] == 1), y) for x, y in training(20)]
    for net in (ours, twin):
        net.weights[0][7, 4] = np.inf
    assert outcome(lambda: ours.accuracy(labelled(data)))[0] == twin.accuracy(labelled(data)) == 7
    assert np.isnan(outcome(lambda: ours.total_cost(data, 0.0))[0])


def test_a_norm_whose_square_overflows():
    ours, twin = both()
    for net in (ours, twin):
        net.weights[0][0, 0] = 1e200
    assert ours.total_cost(training(), 1.0) == twin.total_cost(training(), 1.0) == np.inf


# What the book's program makes something of by broadcasting, or finds out after an epoch: for us
# it is an error before anything changes, that says what was expected.
DIFFERENT = {
    "row for a column": (lambda net: net.feedforward(np.ones((1, 6))), ValueError, r"\(6, 1\)"),
    "number for a column": (lambda net: net.feedforward(3.0), ValueError, r"\(6, 1\)"),
    "label for a target": (
        lambda net: net.update_mini_batch(relabelled(1), 0.5, 0.0, 20),
        ValueError,
        "unit vectors",
    ),
    "target for a label": (lambda net: net.accuracy(training()), ValueError, "convert=True"),
    "label beyond the outputs for a cost": (
        lambda net: net.total_cost(relabelled(3), 0.0, convert=True),
        ValueError,
        "from 0 to 2",
    ),
    "no evaluation data": (
        lambda net: net.SGD(training(), 1, 10, 0.5, 0.0, [], True),
        ValueError,
        "got none",
    ),
    "mini-batches of 0": (lambda net: net.SGD(training(), 1, 0, 0.5), ValueError, "at least 1"),
    "epochs of no whole number": (lambda net: net.SGD(training(), 2.0, 1, 1), TypeError, "whole"),
    "flat bias": (
        lambda net: setattr(net, "biases", [b.ravel() for b in net.biases]),
        ValueError,
        r"net.biases\[0\].reshape\(-1, 1\)",
    ),
    "transposed weights": (
        lambda net: setattr(net, "weights", [w.T for w in net.weights]),
        ValueError,
        r"net.weights\[0\].T",
    ),
    "a layer without biases": (
        lambda net: net.weights.append(np.ones((2, 3))),
        ValueError,
        "biases: expected 3",
    ),
    "too many layers by num_layers": (
        lambda net: setattr(net, "num_layers", 4),
        ValueError,
        "net.num_layers = 3",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_on_purpose(name):
    call, kind, message = DIFFERENT[name]
    net, _ = both()
    with pytest.raises(kind, match=message):  # noqa: PT012 the first, or what stands on it
        call(net)
        net.backprop(*training()[0])


def test_a_stale_sizes_is_not_saved(tmp_path):
    net, _ = both()
    append_layer(net)
    net.sizes = [6, 5, 3]
    with pytest.warns(MistakeWarning, match=r"net.sizes = \[6, 5, 3, 4\]"):
        net.feedforward(training()[0][0])
    with pytest.raises(ValueError, match=r"sizes: expected .*net.sizes = \[6, 5, 3, 4\]"):
        net.save(tmp_path / "net.json")
    assert not list(tmp_path.iterdir())
