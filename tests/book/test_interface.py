"""Contract 3: names, arguments, order, defaults, returned types and printed lines."""

import inspect
import warnings

import numpy as np
import pytest
from oracle import sigma, sigma_prime
from problems import labelled, net2, pair, parameters, same, seed_all, training

import fastnn.book
from fastnn.book import mnist_loader, network, network2

EMPTY = inspect.Parameter.empty

# The book's arguments in the book's order: name, default.
SIGNATURES = {
    (network.Network, "__init__"): ["sizes"],
    (network.Network, "feedforward"): ["a"],
    (network.Network, "SGD"): [
        "training_data",
        "epochs",
        "mini_batch_size",
        "eta",
        ("test_data", None),
    ],
    (network.Network, "update_mini_batch"): ["mini_batch", "eta"],
    (network.Network, "backprop"): ["x", "y"],
    (network.Network, "evaluate"): ["test_data"],
    (network.Network, "cost_derivative"): ["output_activations", "y"],
    (network2.Network, "__init__"): ["sizes", ("cost", network2.CrossEntropyCost)],
    (network2.Network, "default_weight_initializer"): [],
    (network2.Network, "large_weight_initializer"): [],
    (network2.Network, "feedforward"): ["a"],
    (network2.Network, "SGD"): [
        "training_data",
        "epochs",
        "mini_batch_size",
        "eta",
        ("lmbda", 0.0),
        ("evaluation_data", None),
        ("monitor_evaluation_cost", False),
        ("monitor_evaluation_accuracy", False),
        ("monitor_training_cost", False),
        ("monitor_training_accuracy", False),
    ],
    (network2.Network, "update_mini_batch"): ["mini_batch", "eta", "lmbda", "n"],
    (network2.Network, "backprop"): ["x", "y"],
    (network2.Network, "accuracy"): ["data", ("convert", False)],
    (network2.Network, "total_cost"): ["data", "lmbda", ("convert", False)],
    (network2.Network, "save"): ["filename"],
}
FUNCTIONS = {
    (network, "sigmoid"): ["z"],
    (network, "sigmoid_prime"): ["z"],
    (network2, "sigmoid"): ["z"],
    (network2, "sigmoid_prime"): ["z"],
    (network2, "load"): ["filename"],
    (network2.QuadraticCost, "fn"): ["a", "y"],
    (network2.QuadraticCost, "delta"): ["z", "a", "y"],
    (network2.CrossEntropyCost, "fn"): ["a", "y"],
    (network2.CrossEntropyCost, "delta"): ["z", "a", "y"],
    (mnist_loader, "load_data"): [("path", None)],  # the book's has it written in
    (mnist_loader, "load_data_wrapper"): [("path", None)],
}
# Our additions: keyword-only, each with a default.
ADDITIONS = {"l1": 0.0, "early_stopping_n": 0, "verbose": True, "costs": ()}


@pytest.mark.parametrize(("where", "expected"), [*SIGNATURES.items(), *FUNCTIONS.items()])
def test_signatures(where, expected):
    owner, name = where
    given = list(inspect.signature(getattr(owner, name)).parameters.values())
    given = given[1:] if where in SIGNATURES else given  # self
    book = [p for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
    got = [p.name if p.default is EMPTY else (p.name, p.default) for p in book]
    assert got == expected
    for p in given:
        if p not in book:
            assert p.kind is p.KEYWORD_ONLY
            assert p.default == ADDITIONS[p.name]


def test_public_names():
    for module in (fastnn.book, network, network2, mnist_loader):
        for name in module.__all__:
            assert inspect.getdoc(getattr(module, name)), name


def test_network_prints_the_books_lines(capsys):
    ours, oracle = pair(module=network)
    data, oracle_list = training(), training()
    tests = labelled(training(20, seed=3))
    seed_all(3)
    assert ours.SGD(data, 2, 10, 3.0) is None
    assert ours.SGD(data, 2, 10, 3.0, tests) is None
    assert ours.SGD(data, 1, 10, 3.0, test_data=[]) is None
    seed_all(3)
    lines = ["Epoch 0 complete", "Epoch 1 complete"]
    for _ in range(2):
        oracle.epoch(oracle_list, 10, 3.0)
    for j in range(2):
        oracle.epoch(oracle_list, 10, 3.0)
        lines.append(f"Epoch {j}: {oracle.correct(tests)} / 20")
    assert capsys.readouterr().out.splitlines() == [*lines, "Epoch 0 complete"]


def test_network2_prints_and_returns_what_the_book_does(capsys):
    ours, oracle = pair()
    data, oracle_list = training(), training()
    evaluation = training(20, seed=3)
    seed_all(3)
    lists = ours.SGD(data, 3, 10, 0.5, 2.0, labelled(evaluation), True, True, True, True)
    assert all(type(numbers) is list for numbers in lists)
    assert type(lists) is tuple
    assert [{type(number) for number in numbers} for numbers in lists] == [
        {float},
        {int},
        {float},
        {int},
    ]
    seed_all(3)
    expected = []
    for _ in range(3):
        oracle.epoch(oracle_list, 10, 0.5, 2.0)
        expected.append(
            (
                oracle.mean_cost(evaluation) + oracle.penalty(2.0, 0.0, 20),
                oracle.correct(labelled(evaluation)),
                oracle.mean_cost(oracle_list) + oracle.penalty(2.0, 0.0, 47),
                oracle.correct(labelled(oracle_list)),
            )
        )
    np.testing.assert_allclose(np.transpose(lists), expected, rtol=1e-9)
    lines = []
    for j, (ec, ea, tc, ta) in enumerate(zip(*lists, strict=True)):
        lines += [
            f"Epoch {j} training complete",
            f"Cost on training data: {tc}",
            f"Accuracy on training data: {ta} / 47",
            f"Cost on evaluation data: {ec}",
            f"Accuracy on evaluation data: {ea} / 20",
            "",
        ]
    assert capsys.readouterr().out.splitlines() == lines


def test_lists_of_what_is_not_monitored_are_empty(capsys):
    net, data = net2(), training()
    assert net.SGD(data, 2, 10, 0.5) == ([], [], [], [])
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 0 training complete",
        "",
        "Epoch 1 training complete",
        "",
    ]
    lists = net.SGD(data, 2, 10, 0.5, 0.0, labelled(data), monitor_evaluation_accuracy=True)
    assert [len(numbers) for numbers in lists] == [0, 2, 0, 0]
    lists = net.SGD(data, 2, 10, 0.5, 0.0, None, monitor_training_cost=True)
    assert [len(numbers) for numbers in lists] == [0, 0, 2, 0]


def test_verbose_false_prints_nothing(capsys):
    data = training()
    net2().SGD(data, 2, 10, 0.5, 1.0, labelled(data), True, True, True, True, verbose=False)
    network.Network([6, 5, 3]).SGD(data, 2, 10, 0.5, labelled(data), verbose=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("module", [network, network2])
class TestFeedforward:
    def test_one_column(self, module):
        ours, oracle = pair(module=module)
        x = training()[0][0]
        a = ours.feedforward(x)
        assert a.shape == (3, 1)
        assert a.dtype == np.float64
        np.testing.assert_allclose(a, oracle.forward(x)[1][-1], rtol=1e-13)

    def test_a_matrix_of_columns(self, module):
        ours, oracle = pair(module=module)
        x = np.hstack([x for x, _ in training()])
        a = ours.feedforward(x)
        assert a.shape == (3, 47)
        np.testing.assert_allclose(a, oracle.forward(x)[1][-1], rtol=1e-13)

    def test_a_flat_input_is_a_column(self, module):
        """With the book's code, b (3, 1) broadcasts a flat z (3,) to (3, 3)."""
        ours, _ = pair(module=module)
        x = training()[0][0]
        for flat in (x.ravel(), x.ravel().tolist()):
            a = ours.feedforward(flat)
            assert a.shape == (3, 1)
            assert (a == ours.feedforward(x)).all()


@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy"])
def test_backprop_of_network2(cost):
    ours, oracle = pair((6, 5, 4, 3), cost=cost)
    check_backprop(ours, oracle)


def test_backprop_of_network():
    check_backprop(*pair((6, 5, 4, 3), network))


def check_backprop(ours, oracle):
    before = parameters(ours)
    x, y = training()[1]
    result = ours.backprop(x, y)
    assert type(result) is tuple
    assert [type(nabla) for nabla in result] == [list, list]
    for got, expected in zip(result, oracle.gradient(x, y), strict=True):
        for a, b in zip(got, expected, strict=True):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
    flat = ours.backprop(x.ravel(), y.ravel())
    assert all(same(a, b) for a, b in zip(flat, result, strict=True))
    assert same(parameters(ours), before)


def test_evaluate_accuracy_and_cost_derivative():
    data = training(90, seed=6)
    ours, oracle = pair(module=network)
    count = ours.evaluate(labelled(data))
    assert type(count) is int
    assert count == oracle.correct(labelled(data))
    net, oracle = pair()
    for count in (net.accuracy(labelled(data)), net.accuracy(data, convert=True)):
        assert type(count) is int
        assert count == oracle.correct(labelled(data))
    a, y = np.array([[0.25], [0.5]]), np.array([[1.0], [0.0]])
    assert ours.cost_derivative(a, y).tolist() == [[-0.75], [0.5]]
    assert ours.cost_derivative(a, y.ravel()).tolist() == [[-0.75], [0.5]]


def test_cost_classes():
    z = np.array([[0.3], [-1.2], [2.0]])
    a, y = sigma(z), np.array([[0.0], [1.0], [0.3]])
    quadratic, entropy = network2.QuadraticCost, network2.CrossEntropyCost
    np.testing.assert_allclose(quadratic.fn(a, y), 0.5 * ((a - y) ** 2).sum())
    np.testing.assert_allclose(quadratic.delta(z, a, y), (a - y) * sigma_prime(z))
    np.testing.assert_allclose(entropy.fn(a, y), -(y * np.log(a) + (1 - y) * np.log1p(-a)).sum())
    np.testing.assert_allclose(entropy.delta(z, a, y), a - y)
    for fn in (quadratic.fn, entropy.fn, quadratic().fn):
        assert isinstance(fn(a, y), np.floating)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saturated = np.array([[1.0], [0.0]])
        assert entropy.fn(saturated, saturated) == 0
        assert entropy.fn(saturated, 1 - saturated) > 1e308


def test_a_saturated_networks_cost_is_exact():
    """From a = 1 - 1e-20, rounded to 1, the book's formula gets 1.8e308; it is 46 here."""
    net, oracle = pair((1, 1))
    for these in (net, oracle):
        these.w, these.b = [np.array([[50.0]])], [np.array([[-4.0]])]
    net.weights, net.biases = net.w, net.b
    data = [(np.array([[1.0]]), np.array([[0.0]]))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert net.total_cost(data, 0.0) == pytest.approx(46.0, rel=1e-12)
    assert oracle.mean_cost(data) == pytest.approx(46.0, rel=1e-12)


@pytest.mark.parametrize("module", [network, network2])
def test_sigmoid(module):
    z = np.linspace(-30, 30, 41).reshape(41, 1)
    np.testing.assert_allclose(module.sigmoid(z), sigma(z), rtol=1e-14)
    np.testing.assert_allclose(module.sigmoid_prime(z), sigma_prime(z), rtol=1e-14)
    assert module.sigmoid(0.0) == 0.5
    assert isinstance(module.sigmoid(1), np.floating)
    assert module.sigmoid(z.astype(np.float32)).dtype == np.float32
    with np.errstate(all="raise"):
        extreme = np.array([-np.inf, -1e308, -1e3, 1e3, 1e308, np.inf])
        for dtype in (np.float64, np.float32):
            clipped = np.clip(extreme, -3e38, 3e38).astype(dtype)
            np.testing.assert_allclose(module.sigmoid(clipped), [0, 0, 0, 1, 1, 1], atol=1e-37)
            assert (module.sigmoid_prime(clipped) < 1e-37).all()
        assert np.isnan(module.sigmoid(np.nan))


def test_vectorized_result():
    for module in (network2, mnist_loader):
        e = module.vectorized_result(7)
        assert e.shape == (10, 1)
        assert e.dtype == np.float64
        assert e[7] == e.sum() == 1
        assert module.vectorized_result(np.int64(2), 3).tolist() == [[0], [0], [1]]
        for j in (-11, 10):
            with pytest.raises(ValueError, match=rf"j: expected .*got {j}"):
                module.vectorized_result(j)
