"""Networks that the book's modules pickled: every protocol, Python 2 and 3, what they hold."""

import gzip
import pickle
import subprocess
import sys
import types

import numpy as np
import pytest
import python2
from pickled import SIZES, arrays, state
from problems import net2, parameters, random_state, same, seed_all, training
from python2 import Global, Made

import fastnn.book
from fastnn.book import load_pickle, network, network2


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.pkl"


@pytest.fixture
def books(monkeypatch):
    """Modules named as the book's, with classes that only hold what is put into them."""
    made = {}
    monkeypatch.setitem(sys.modules, "src", types.ModuleType("src"))
    for module in ("network", "network2", "src.network2"):
        made[module] = types.ModuleType(module)
        for name in ("Network", "QuadraticCost", "CrossEntropyCost"):
            setattr(made[module], name, type(name, (), {"__module__": module}))
        monkeypatch.setitem(sys.modules, module, made[module])
    return made


def pickled(module, attributes):
    net = module.Network()
    vars(net).update(attributes)
    return net


def assert_loaded(net, kind):
    weights, biases = arrays()
    assert type(net) is kind
    assert net.sizes == SIZES
    assert type(net.sizes) is list
    assert net.num_layers == 3
    assert type(net.weights) is type(net.biases) is list
    assert same(parameters(net), [*weights, *biases])
    for array in (*net.weights, *net.biases):
        assert array.dtype == np.float64
        assert array.flags.writeable
        assert array.flags.c_contiguous


@pytest.mark.parametrize("protocol", range(6))
def test_python3(path, books, protocol):
    path.write_bytes(pickle.dumps(pickled(books["network"], state()), protocol))
    assert_loaded(load_pickle(path), network.Network)
    for cost in ("QuadraticCost", "CrossEntropyCost"):
        kind = getattr(books["network2"], cost)
        for stored in (kind, kind()):
            net = pickled(books["network2"], state(cost=stored))
            path.write_bytes(pickle.dumps(net, protocol))
            loaded = load_pickle(path)
            assert_loaded(loaded, network2.Network)
            ours = getattr(network2, cost)
            assert loaded.cost is ours if stored is kind else type(loaded.cost) is ours


@pytest.mark.parametrize("protocol", range(3))
@pytest.mark.parametrize("old", [True, False])
def test_python2(path, books, protocol, old):
    cost = Global("network2", "QuadraticCost")
    for module, more, kind in (
        ("network", {}, network.Network),
        ("network2", {"cost": cost}, network2.Network),
        ("network2", {"cost": Made(cost, old=old)}, network2.Network),
    ):
        stored = python2.dumps(Made(Global(module, "Network"), state(**more), old), protocol)
        theirs = pickle.loads(stored, encoding="latin1")  # it is a pickle, to Python's own eyes
        assert same([*theirs.weights, *theirs.biases], sum(arrays(), []))
        path.write_bytes(stored)
        assert_loaded(load_pickle(path), kind)


def test_classes_that_stood_elsewhere(path, books):
    """In the program itself, in a package, or in fastnn: what has a cost is a network2."""
    for module in ("__main__", "chapters.network"):
        path.write_bytes(python2.dumps(Made(Global(module, "Network"), state()), 2))
        assert_loaded(load_pickle(path), network.Network)
        cost = Global(module, "CrossEntropyCost")
        path.write_bytes(python2.dumps(Made(Global(module, "Network"), state(cost=cost)), 2))
        assert_loaded(load_pickle(path), network2.Network)
    cost = books["src.network2"].CrossEntropyCost
    path.write_bytes(pickle.dumps(pickled(books["src.network2"], state(cost=cost))))
    assert_loaded(load_pickle(path), network2.Network)
    path.write_bytes(pickle.dumps(net2()))
    assert same(parameters(load_pickle(path)), parameters(net2()))


def test_gzip(path, books):
    stored = pickle.dumps(pickled(books["network"], state()))
    path.write_bytes(gzip.compress(stored))
    assert_loaded(load_pickle(path), network.Network)
    assert_loaded(load_pickle(str(path)), network.Network)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_arrays_of_any_kind(path, books, protocol):
    """Byte order, Fortran's order, axes in no order at all, other numbers, np.matrix."""
    weights, biases = arrays()
    whole = [np.arange(30).reshape(5, 6), np.arange(15, dtype=np.uint8).reshape(3, 5)]
    for stored in (
        [np.asfortranarray(w) for w in weights],
        [w.astype(">f8") for w in weights],
        [w.T.copy().T for w in weights],
        [w.view(np.matrix) for w in weights],
        [w.astype(np.float32) for w in weights],
        whole,
        tuple(weights),
    ):
        net = pickled(books["network"], state() | {"weights": stored})
        path.write_bytes(pickle.dumps(net, protocol))
        loaded = load_pickle(path).weights
        assert same(loaded, [np.asarray(w, np.float64) for w in stored])
        assert {type(w) for w in loaded} == {np.ndarray}
    cube = np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2)
    path.write_bytes(pickle.dumps(pickled(books["network"], state(cube=cube)), protocol))
    assert (load_pickle(path).cube == cube).all()
    for stored in ([np.asfortranarray(w) for w in weights], [w.astype(">f8") for w in weights]):
        net = Made(Global("network", "Network"), state() | {"weights": stored})
        path.write_bytes(python2.dumps(net, min(protocol, 2)))
        assert same(load_pickle(path).weights, weights)


def test_what_else_was_stored_in_the_network(path, books):
    more = {
        "eta": 0.5,
        "note": "best so far",
        "costs": [0.5, (1, None, True)],
        "done": np.int64(7),
        "velocity": [np.ones(3)],
        "options": {"m": 10},
        "many": -(2**40),
        "_mine": b"bytes",
    }
    more["costs"].append(more["costs"])  # a list that holds itself
    for protocol in range(6):
        path.write_bytes(pickle.dumps(pickled(books["network"], state(**more)), protocol))
        net = load_pickle(path)
        assert_loaded(net, network.Network)
        assert (net.eta, net.note, net.options, net.done) == (0.5, "best so far", {"m": 10}, 7)
        assert net.costs[:2] == [0.5, (1, None, True)]
        assert net.costs[2] is net.costs
        assert (net.many, net._mine, net.velocity[0].tolist()) == (-(2**40), b"bytes", [1, 1, 1])


class MyCost(network2.CrossEntropyCost):
    epsilon = 0.5


def test_a_cost_of_the_users_own_is_given(path, books):
    net = pickled(books["network2"], state(cost=MyCost))
    path.write_bytes(pickle.dumps(net))
    with pytest.raises(ValueError, match=r"net.pkl: .* refused: it asks for \S*MyCost, which"):
        load_pickle(path)
    assert load_pickle(path, costs=[MyCost]).cost is MyCost
    net.cost = MyCost()
    net.cost.epsilon = 0.25
    path.write_bytes(pickle.dumps(net))
    loaded = load_pickle(path, costs=[MyCost])
    assert type(loaded.cost) is MyCost
    assert loaded.cost.epsilon == 0.25


def test_a_loaded_network_trains_as_one_that_was_not_pickled(path, books):
    net = net2()
    vars_ = {name: getattr(net, name) for name in ("num_layers", "sizes", "weights", "biases")}
    cost = books["network2"].CrossEntropyCost
    path.write_bytes(pickle.dumps(pickled(books["network2"], {**vars_, "cost": cost})))
    before = random_state()
    loaded = load_pickle(path)
    assert random_state() == before
    for n in (net, loaded):
        seed_all(3)
        n.SGD(training(), 2, 10, 0.5, 0.1, verbose=False)
    assert same(parameters(net), parameters(loaded))
    x = training()[0][0]
    assert (loaded.feedforward(x) == net.feedforward(x)).all()


WRONG = {
    "it lacks weights": lambda s: s.pop("weights"),
    "it lacks sizes": lambda s: s.pop("sizes"),
    "num_layers: expected 3 as in sizes": lambda s: s.update(num_layers=4),
    r"sizes\[1\]: expected at least 1, got -5": lambda s: s.update(sizes=[6, -5, 3]),
    "sizes: expected a list of whole numbers": lambda s: s.update(sizes=[6.0, 5.0, 3.0]),
    "weights: expected 2 arrays by sizes, got 1": lambda s: s["weights"].pop(),
    r"weights\[0\]: expected shape \(5, 6\) by sizes, got \(6, 5\)": (
        lambda s: s["weights"].insert(0, s["weights"].pop(0).T.copy())
    ),
    r"biases\[1\]: expected shape \(3, 1\) by sizes, got \(3,\)": (
        lambda s: s["biases"].append(s["biases"].pop()[:, 0])
    ),
    r"biases\[0\]: expected an array, got a float": lambda s: s["biases"].__setitem__(0, 1.5),
    "weights: expected a list of arrays, got a dict": lambda s: s.update(weights={}),
    r"weights\[1\]: expected finite numbers, got nan": (
        lambda s: s["weights"][1].__setitem__((0, 0), np.nan)
    ),
    "an attribute that hides one of the class, 'feedforward'": lambda s: s.update(feedforward=1),
    "an attribute that hides one of the class, '_fastnn_engine'": (
        lambda s: s.update(_fastnn_engine=1)
    ),
    "an attribute that hides one of the class, '__dict__'": lambda s: s.update(__dict__={}),
    "the attribute 'other' is more than numbers and text": (
        lambda s: s.update(other=[{"a": (Made(Global("network", "Network")),)}])
    ),
    "cost: expected one of QuadraticCost, CrossEntropyCost": lambda s: s.update(cost=b"quadratic"),
}


@pytest.mark.parametrize("message", WRONG)
def test_parameters_that_do_not_fit(path, message):
    content = state()
    WRONG[message](content)
    path.write_bytes(python2.dumps(Made(Global("network", "Network"), content), 2))
    with pytest.raises(ValueError, match=f"net.pkl: expected a pickled network.*{message}"):
        load_pickle(path)


def test_network2_has_a_cost(path):
    path.write_bytes(python2.dumps(Made(Global("network2", "Network"), state()), 2))
    with pytest.raises(ValueError, match="it lacks cost"):
        load_pickle(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ([Made(Global("network", "Network"), state())], "a list"),
        ({"weights": []}, "a dict"),
        (arrays()[0][0], "a ndarray"),
        (Global("network", "Network"), "the class network.Network itself"),
        (Made(Global("network2", "QuadraticCost")), "a network2.QuadraticCost"),
        (Made(Global("network", "Network")), "it lacks num_layers"),
    ],
)
def test_only_a_network(path, content, what):
    path.write_bytes(python2.dumps(content, 2))
    with pytest.raises(ValueError, match=f"got another or a damaged file .*{what}"):
        load_pickle(path)


def test_it_is_imported_at_its_first_use():
    program = (
        "import sys, fastnn.book\n"
        "print('fastnn.book.pickles.networks' in sys.modules, 'numba' in sys.modules)\n"
        "from fastnn.book import mnist_loader\nprint('numba' in sys.modules)\n"
        "from fastnn.book import *\nprint(load_pickle.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["False False", "False", "fastnn.book.pickles.networks"]
    assert not hasattr(fastnn.book, "load_pickel")
