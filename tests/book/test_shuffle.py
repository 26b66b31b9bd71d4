"""Contract 2: the order of random.shuffle, and its generator left as random.shuffle leaves it."""

import random

import numpy as np
import pytest
from problems import net2, seed_all, training

from fastnn import engine
from fastnn.book import _shuffle, network2

SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 1000, 2047, 2048, 2049, 6000]


def orders(n, seed, draws):
    """The order by the module, that by random.shuffle, and whether both leave the same state."""
    random.seed(seed)
    for _ in range(draws):
        random.random()
    random.gauss(0, 1)
    start = random.getstate()
    order = np.arange(n)
    _shuffle.shuffle(order)
    state = random.getstate()
    random.setstate(start)
    expected = list(range(n))
    random.shuffle(expected)
    return order.tolist(), expected, random.getstate() == state


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("seed", "draws"), [(0, 0), (1, 311), (2, 312), (3, 1000)])
def test_order_and_state(monkeypatch, n, seed, draws):
    for few in (0, 10_000):  # the kernel, Python
        monkeypatch.setattr(_shuffle, "_FEW", few)
        order, expected, same_state = orders(n, seed, draws)
        assert order == expected
        assert same_state


def test_an_array_in_any_order(monkeypatch):
    monkeypatch.setattr(_shuffle, "_FEW", 0)
    order = np.arange(100)[::-1].copy()
    expected = order.tolist()
    random.seed(5)
    _shuffle.shuffle(order)
    random.seed(5)
    random.shuffle(expected)
    assert order.tolist() == expected


def test_the_kernel_is_really_used(monkeypatch):
    calls, shuffle = [], engine.shuffle
    monkeypatch.setattr(engine, "shuffle", lambda *a: calls.append(shuffle(*a)))
    _shuffle.shuffle(np.arange(_shuffle._FEW))
    assert calls


def test_a_shuffle_of_the_users_own_is_obeyed(monkeypatch):
    monkeypatch.setattr(_shuffle, "_FEW", 0)
    monkeypatch.setattr(random, "shuffle", lambda x: x.reverse())
    order = np.arange(5)
    _shuffle.shuffle(order)
    assert order.tolist() == [4, 3, 2, 1, 0]
    data = training()
    reverse = data[::-1]
    net2().SGD(data, 1, 10, 0.5, verbose=False)
    assert [id(s) for s in data] == [id(s) for s in reverse]


def reversing(self, x):
    x.reverse()


@pytest.mark.parametrize(
    ("owner", "name", "own"),
    [
        (random.Random, "shuffle", reversing),
        (random.Random, "_randbelow", lambda self, n: 0),
        (random.Random, "getrandbits", lambda self, k: 0),
        (random, "shuffle", lambda x: x.reverse()),
    ],
)
def test_methods_of_random_that_the_user_replaced_are_obeyed(monkeypatch, owner, name, own):
    """In the class as well as in the module, and not only before fastnn was imported."""
    monkeypatch.setattr(_shuffle, "_FEW", 0)
    monkeypatch.setattr(owner, name, own)
    order, expected = np.arange(9), list(range(9))
    random.seed(1)
    _shuffle.shuffle(order)
    random.seed(1)
    random.shuffle(expected)
    assert order.tolist() == expected
    data = training()
    book = list(data)
    random.seed(1)
    net2().SGD(data, 2, 10, 0.5, verbose=False)
    random.seed(1)
    for _ in range(2):
        random.shuffle(book)
    assert [id(s) for s in data] == [id(s) for s in book]


def test_a_replaced_random_is_asked_for_nothing(monkeypatch):
    """random.shuffle has drawn its own numbers since Python 3.11, whatever random.random is."""
    if "random" in random.Random.shuffle.__code__.co_varnames:
        pytest.skip("this Python's shuffle takes a function `random`")
    monkeypatch.setattr(_shuffle, "_FEW", 0)
    monkeypatch.setattr(random, "random", lambda: 0.5)
    order, expected, same_state = orders(50, 3, 0)
    assert order == expected
    assert same_state


def test_a_python_that_shuffles_otherwise(monkeypatch):
    """A later version might: then its own random.shuffle is called."""
    monkeypatch.setattr(_shuffle, "_FEW", 0)

    def other(state, order):
        order[:] = order[::-1]

    monkeypatch.setattr(engine, "shuffle", other)
    _shuffle._is_known.cache_clear()
    try:
        order, expected, same_state = orders(50, 1, 0)
    finally:
        _shuffle._is_known.cache_clear()
    assert order == expected
    assert same_state


def test_a_generator_of_the_users_own(monkeypatch):
    """random.shuffle bound to a subclass of random.Random with numbers of its own."""

    class Zero(random.Random):
        def getrandbits(self, k):
            return 0

    monkeypatch.setattr(_shuffle, "_FEW", 0)
    monkeypatch.setattr(random, "shuffle", Zero().shuffle)
    order, expected = np.arange(6), list(range(6))
    _shuffle.shuffle(order)
    random.shuffle(expected)
    assert order.tolist() == expected


def test_methods_of_the_users_own_see_the_shuffled_list():
    """Once an epoch, though the list could wait for the end if nobody looked."""

    class Watching(network2.Network):
        def accuracy(self, data, convert=False):
            self.seen.append(list(data))
            return 0

    seed_all(1)
    net = Watching([6, 5, 3])
    net.seen, data = [], training()
    ours, book = list(data), list(data)
    seed_all(2)
    net.SGD(ours, 3, 10, 0.5, monitor_training_accuracy=True, verbose=False)
    seed_all(2)
    for seen in net.seen:
        random.shuffle(book)
        assert [id(s) for s in seen] == [id(s) for s in book]
    assert len(net.seen) == 3
    assert [id(s) for s in ours] == [id(s) for s in book]
