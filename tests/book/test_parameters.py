"""Contract 1: constructors and attributes, the caller's to change at any time, with effect."""

import copy
import pickle
import threading

import numpy as np
import pytest
from problems import assert_same_network, labelled, net2, pair, parameters, same, seed_all, training

from fastnn.book import _base, _evaluation, network, network2
from fastnn.engine import BLOCK


@pytest.mark.parametrize("make", [network.Network, network2.Network])
def test_attributes(make):
    sizes = [4, 3, 2]
    net = make(sizes)
    assert net.num_layers == 3
    assert net.sizes is sizes
    for arrays, shapes in ((net.weights, [(3, 4), (2, 3)]), (net.biases, [(3, 1), (2, 1)])):
        assert type(arrays) is list
        assert [a.shape for a in arrays] == shapes
        assert all(a.dtype == np.float64 and a.flags.writeable for a in arrays)


def test_default_cost_is_cross_entropy():
    assert network2.Network([2, 2]).cost is network2.CrossEntropyCost


@pytest.mark.parametrize("name", ["QuadraticCost", "CrossEntropyCost"])
def test_cost_is_a_class_or_an_instance_of_it(name):
    cost = getattr(network2, name)
    data = training()
    trained = []
    for given in (cost, cost()):
        net = net2(cost=given)
        assert net.cost is given
        net.SGD(list(data), 2, 5, 0.5, verbose=False)
        trained.append(parameters(net))
    assert same(*trained)


def test_sizes_may_be_a_tuple_or_numpy_integers():
    net = network2.Network(tuple(np.array([6, 5, 3])))
    net.SGD(training(), 1, 10, 0.5, verbose=False)
    assert [w.shape for w in net.weights] == [(5, 6), (3, 5)]


# Ways in which a caller changes the parameters of ours and of the oracle.


def assign_lists(net):
    net.weights = [0.5 * w for w in net.weights]
    net.biases = tuple(-b for b in net.biases)


def assign_items(net):
    net.weights[0] = np.ones((5, 6))
    net.biases[1] = np.zeros((3, 1))


def change_in_place(net):
    net.weights[1][2, 3] += 1.5
    net.biases[0][:] = 0.25


def assign_other_layouts_and_types(net):
    net.weights = [np.asfortranarray(w) for w in net.weights]
    net.weights[1] = np.ones((6, 10), np.float32)[::2, ::2]
    net.biases[0] = np.arange(5).reshape(5, 1)


CHANGES = [assign_lists, assign_items, change_in_place, assign_other_layouts_and_types]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_between_calls_have_effect(change):
    net, oracle = pair()
    data = training()
    x, y = data[4]
    for call in range(2):
        change(net)
        oracle.w, oracle.b = list(map(np.array, net.weights)), list(map(np.array, net.biases))
        np.testing.assert_allclose(net.feedforward(x), oracle.forward(x)[1][-1], rtol=1e-13)
        np.testing.assert_allclose(
            net.total_cost(data, 0.5), oracle.mean_cost(data) + oracle.penalty(0.5, 0, 47)
        )
        assert net.accuracy(labelled(data)) == oracle.correct(labelled(data))
        for got, expected in zip(net.backprop(x, y), oracle.gradient(x, y), strict=True):
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
        seed_all(call)
        net.SGD(list(data), 1, 10, 0.5, 0.1, verbose=False)
        seed_all(call)
        oracle.epoch(list(data), 10, 0.5, 0.1)
        assert_same_network(net, oracle)


def test_training_rebinds_to_new_arrays_and_lists():
    """`best = net.weights` is a snapshot, as in the book's code."""
    for step in (
        lambda net: net.SGD(training(), 1, 10, 0.5, verbose=False),
        lambda net: net.update_mini_batch(training(4), 0.5, 0.0, 4),
    ):
        net = net2()
        best, lists, values = list(net.weights), net.weights, parameters(net)
        step(net)
        assert net.weights is not lists
        assert same(best, values[:2])
        assert not same(net.weights, best)
        assert all(
            not np.shares_memory(w, v) for w in net.weights for v in net.weights if w is not v
        )


def test_sizes_and_cost_may_be_assigned():
    sizes = (4, 2, 2, 2)
    net = net2()
    net.SGD(training(), 1, 10, 0.5, verbose=False)
    other, oracle = pair(sizes, cost="quadratic", seed=5)
    net.sizes, net.num_layers, net.cost = other.sizes, 4, network2.QuadraticCost
    net.weights, net.biases = other.weights, other.biases
    data = training(sizes=sizes)
    seed_all(2)
    net.SGD(list(data), 1, 10, 0.5, verbose=False)
    seed_all(2)
    oracle.epoch(data, 10, 0.5)
    assert_same_network(net, oracle)


@pytest.mark.parametrize("make", [network.Network, network2.Network])
@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_copies_and_pickles_are_networks_of_their_own(make, twin):
    net = make([6, 5, 3])
    net.SGD(training(), 1, 10, 0.5, verbose=False)
    before, other = parameters(net), twin(net)
    assert same(parameters(other), before)
    other.SGD(training(), 1, 10, 0.5, verbose=False)
    assert same(parameters(net), before)
    assert not same(parameters(other), before)
    assert set(vars(pickle.loads(pickle.dumps(net)))) <= {
        "num_layers",
        "sizes",
        "biases",
        "weights",
        "cost",
    }


def test_threads_may_evaluate_a_network_at_once():
    net = net2((30, 20, 10))
    data = labelled(training(500, (30, 20, 10)))
    expected, got = net.accuracy(data), []

    def work():
        got.extend(net.accuracy(data) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 80


# Changes that must not be missed between two calls on one column, which read the arrays in place.


def replace_by_equal(net):
    net.weights[1] = net.weights[1].copy()
    net.weights[1][0, 0] += 0.5


def change_a_replaced_one(net):
    """The array that was the network's no longer is."""
    old, net.biases[0] = net.biases[0], net.biases[0] + 0.25
    old[:] = 9.0


def swap_in_place(net):
    net.weights.reverse()
    net.weights.reverse()
    net.weights[0], net.weights[1] = net.weights[0] * 2, net.weights[1] * 2


def other_memory_order(net):
    net.weights[0] = np.asfortranarray(net.weights[0] + 1)


def by_out(net):
    np.multiply(net.weights[0], 3.0, out=net.weights[0])


def by_a_view(net):
    net.weights[0].reshape(-1)[3] = 0.75


def by_the_lists_item(net):
    net.weights[0] -= 0.1
    net.biases[1] += 0.1


def by_a_tuple(net):
    net.weights = tuple(0.5 * w for w in net.weights)


IN_PLACE = [
    replace_by_equal,
    change_a_replaced_one,
    swap_in_place,
    other_memory_order,
    by_out,
    by_a_view,
    by_the_lists_item,
    by_a_tuple,
]


@pytest.mark.parametrize(
    ("change", "sizes"),
    [
        *((change, (6, 5, 3)) for change in IN_PLACE),
        *((change, (1, 1, 1)) for change in IN_PLACE if change is not by_a_view),
    ],
)
def test_no_change_is_missed_between_calls_on_a_column(change, sizes):
    net, oracle = pair(sizes)
    x, y = training(4, sizes)[1]
    for _ in range(3):
        oracle.w, oracle.b = list(map(np.array, net.weights)), list(map(np.array, net.biases))
        np.testing.assert_allclose(net.feedforward(x), oracle.forward(x)[1][-1], rtol=1e-12)
        for got, expected in zip(net.backprop(x, y), oracle.gradient(x, y), strict=True):
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
        change(net)


def test_a_shape_that_changed_in_place_is_seen():
    net = net2((6, 5, 3))
    x = training()[0][0]
    net.feedforward(x)
    net.weights[0].shape = (6, 5)
    with pytest.raises(ValueError, match=r"weights\[0\]: expected shape \(5, 6\)"):
        net.feedforward(x)


COLUMNS = {
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "big-endian": lambda x: x.astype(">f8"),
    "integers": lambda x: np.rint(9 * x).astype(int),
    "bytes": lambda x: np.arange(6, dtype=np.uint8).reshape(6, 1),
    "strided": lambda x: np.repeat(x, 3, axis=0)[::3],
    "a column of a matrix": lambda x: np.hstack([x, 2 * x, x])[:, 1:2],
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(6, 1),
    "unaligned": lambda x: np.frombuffer(b"." + x.tobytes(), offset=1).reshape(6, 1),
    "list": lambda x: x.tolist(),
    "flat": lambda x: x.ravel(),
}


@pytest.mark.parametrize("form", COLUMNS)
def test_forms_of_a_column(form):
    net, oracle = pair()
    x, y = training()[1]
    x = COLUMNS[form](x)
    as_column = np.asarray(x, float).reshape(6, 1)
    np.testing.assert_allclose(net.feedforward(x), oracle.forward(as_column)[1][-1], rtol=1e-12)
    for got, expected in zip(net.backprop(x, y), oracle.gradient(as_column, y), strict=True):
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("m", [1, 10, BLOCK, BLOCK + 1, 300])
@pytest.mark.parametrize("module", [network, network2])
def test_mini_batches_of_any_length(m, module):
    """By the kernels for a few samples, and by the engine for more."""
    net, oracle = pair(module=module)
    batch, more = training(m), {} if module is network else {"lmbda": 2.0, "n": 400}
    net.update_mini_batch(batch, 0.5, **more)
    oracle.step(batch, 0.5, more.get("lmbda", 0.0), 0.0, 400)
    assert_same_network(net, oracle)


def test_a_few_samples_take_no_engine(monkeypatch):
    """Nothing is packed for them: that would take longer than the rest."""
    for name in ("engine_of", "train"):
        monkeypatch.setattr(_base, name, None)
    monkeypatch.setattr(_evaluation, "engine_of", None)
    net, data = net2(), training(BLOCK)
    net.feedforward(data[0][0])
    net.backprop(*data[0])
    net.update_mini_batch(data, 0.5, 0.1, 300)
    net.accuracy(labelled(data))
    with pytest.raises(TypeError):
        net.update_mini_batch(data * 2, 0.5, 0.1, 300)
