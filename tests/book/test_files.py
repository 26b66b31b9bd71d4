"""Contract 7: the book's files load and the other way round; a file chooses no code."""

import json
import os
import random

import numpy as np
import pytest
from problems import net2, parameters, random_state, same, seed_all, training

from fastnn.book import network2


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.json"


def book_save(net, path):
    """The file that the book's save writes."""
    content = {
        "sizes": net.sizes,
        "weights": [w.tolist() for w in net.weights],
        "biases": [b.tolist() for b in net.biases],
        "cost": str(net.cost.__name__),
    }
    with open(path, "w") as file:
        json.dump(content, file)


@pytest.mark.parametrize("cost", [network2.CrossEntropyCost, network2.QuadraticCost])
def test_the_books_file_loads(path, cost):
    net = net2(cost=cost)
    net.SGD(training(), 1, 10, 0.5, verbose=False)
    book_save(net, path)
    loaded = network2.load(str(path))
    assert type(loaded) is network2.Network
    assert loaded.cost is cost
    assert loaded.sizes == [6, 5, 3]
    assert loaded.num_layers == 3
    assert same(parameters(loaded), parameters(net))
    assert type(loaded.weights) is type(loaded.biases) is list
    x = training()[0][0]
    assert (loaded.feedforward(x) == net.feedforward(x)).all()


def test_save_writes_the_books_file(path):
    net = net2()
    net.SGD(training(), 1, 10, 0.5, verbose=False)
    assert net.save(path) is None
    ours = path.read_bytes()
    book_save(net, path)
    assert json.loads(ours) == json.loads(path.read_bytes())
    assert list(json.loads(ours)) == ["sizes", "weights", "biases", "cost"]


def test_save_takes_what_json_would_not(path):
    net = net2(cost=network2.QuadraticCost())
    net.sizes = np.array(net.sizes)
    net.save(str(path))
    assert network2.load(path).sizes == [6, 5, 3]
    assert network2.load(path).cost is network2.QuadraticCost


def test_a_loaded_network_trains_on(path):
    net = net2()
    net.save(path)
    loaded = network2.load(path)
    for n in (net, loaded):
        seed_all(3)
        n.SGD(training(), 2, 10, 0.5, 0.1, verbose=False)
    assert same(parameters(net), parameters(loaded))


def test_load_draws_what_network_draws(path):
    """As in the book's code, whose load makes a random network first."""
    net2().save(path)
    seed_all(1)
    network2.load(path)
    state = random_state()
    seed_all(1)
    network2.Network([6, 5, 3])
    assert random_state() == state


class MyCost(network2.CrossEntropyCost):
    pass


def test_a_cost_of_the_users_own_is_given_to_load(path):
    net2(cost=MyCost).save(path)
    with pytest.raises(ValueError, match=r"net.json: cost: expected one of QuadraticCost, CrossE"):
        network2.load(path)
    assert network2.load(path, costs=[MyCost]).cost is MyCost


@pytest.mark.parametrize(
    "name", ["Network", "np", "load", "os", "__builtins__", "crossentropycost"]
)
def test_the_file_names_no_code(path, name):
    net2().save(path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "cost": name}))
    with pytest.raises(ValueError, match=f"net.json: cost: expected one of .*got '{name}'"):
        network2.load(path)


def test_saving_is_atomic(path, monkeypatch):
    net = net2()
    net.save(path)
    before = path.read_bytes()
    net.weights[0] += 1

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        net.save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_network_that_diverged_is_not_saved(path, value):
    net = net2()
    net.biases[0][2] = value
    with pytest.raises(ValueError, match=r"biases\[0\]: expected finite"):
        net.save(path)
    assert not path.exists()


def other(**changes):
    def change(content):
        return json.dumps({**content, **changes})

    return change


def cut(content):
    return json.dumps(content)[:-200]


DAMAGED = {
    "cut short": cut,
    "empty": lambda _: "",
    "no JSON": lambda _: "PK\x03\x04",
    "a list": lambda content: json.dumps([content]),
    "deep": lambda _: "[" * 100_000,
    "no sizes": lambda content: json.dumps({k: v for k, v in content.items() if k != "sizes"}),
    "sizes a number": other(sizes=3),
    "sizes of floats": other(sizes=[6.0, 5.0, 3.0]),
    "sizes negative": other(sizes=[6, -5, 3]),
    "one size": other(sizes=[6]),
    "other sizes": other(sizes=[6, 4, 3]),
    "huge sizes": other(sizes=[10**12, 10**12, 10**12]),
    "weights missing": other(weights=[]),
    "weights of text": other(weights=[[["1"] * 6] * 5, [["1"] * 5] * 3]),
    "weights ragged": other(weights=[[[1.0] * 6] * 4 + [[1.0]], [[1.0] * 5] * 3]),
    "weights null": other(weights=[None, None]),
    "biases flat": other(biases=[[1.0] * 5, [1.0] * 3]),
    "NaN": other(biases=[[[float("nan")]] * 5, [[1.0]] * 3]),
    "infinity": other(biases=[[[1e999]] * 5, [[1.0]] * 3]),
    "big integers": other(biases=[[[10**400]] * 5, [[1.0]] * 3]),
    "NaN in weights": other(weights=[[[float("nan")] * 6] * 5, [[1.0] * 5] * 3]),
    "big numbers": lambda content: json.dumps(content).replace("[[", "[[" + 9000 * "1", 1),
    "deep weights": lambda content: json.dumps(content).replace("[[", "[" * 500, 1),
    "sizes twice": lambda content: json.dumps(content)[:-1] + ', "sizes": [6, 5, 3]}',
    "zeros": lambda _: "\0" * 1000,
    "cost a number": other(cost=3),
    "cost missing": lambda content: json.dumps({k: v for k, v in content.items() if k != "cost"}),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_files_are_one_clear_error(path, damage):
    net2().save(path)
    path.write_text(DAMAGED[damage](json.loads(path.read_text())))
    state = random_state()
    with pytest.raises(ValueError, match="net.json") as caught:
        network2.load(path)
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)
    assert random_state() == state


def test_bytes_that_are_no_text(path):
    path.write_bytes(random.Random(0).randbytes(500))
    with pytest.raises(ValueError, match="net.json: expected a network that network2 saved"):
        network2.load(path)


def test_a_missing_file_is_the_usual_error(path):
    with pytest.raises(FileNotFoundError):
        network2.load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_or_a_device_is_no_file(path):
    os.mkfifo(path)
    for place, kind in ((path, "pipe"), ("/dev/zero", "device")):
        with pytest.raises(ValueError, match=f"^{place}: expected a file, got a {kind}$"):
            network2.load(place)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
def test_a_full_disk_names_the_file():
    net = net2()
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        net.save("/dev/full")
