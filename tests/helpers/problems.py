"""Small problems and helpers that the tests of `fastnn.book` share."""
# ruff: noqa: NPY002 the book draws from this generator

import copy
import random
import warnings
from contextlib import contextmanager

import numpy as np
from oracle import Oracle, unit

from fastnn.book import SlowPathWarning, network, network2

COSTS = {"quadratic": network2.QuadraticCost, "cross-entropy": network2.CrossEntropyCost}


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)


def random_state():
    kind, keys, *rest = np.random.get_state()
    return random.getstate(), kind, keys.tobytes(), rest


def training(n=47, sizes=(6, 5, 3), seed=0, dtype=np.float64):
    """n tuples (x, y): x around the centre of its class, i mod outputs, and y the unit vector."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((sizes[-1], sizes[0], 1))
    labels = [i % sizes[-1] for i in range(n)]
    noise = rng.standard_normal((n, sizes[0], 1))
    return [
        ((centres[j] + e).astype(dtype), unit(j, sizes[-1]))
        for j, e in zip(labels, noise, strict=True)
    ]


def labelled(data):
    """The same samples as evaluation data: y an integer."""
    return [(x, int(np.argmax(y))) for x, y in data]


def pair(sizes=(6, 5, 3), module=network2, cost="cross-entropy", seed=1, **options):
    """The book's network of ours, and the oracle, made from the same random numbers."""
    seed_all(seed)
    if module is network:
        ours, cost, scaled = network.Network(list(sizes)), "quadratic", False
    else:
        ours, scaled = network2.Network(list(sizes), cost=COSTS[cost]), True
    seed_all(seed)
    return ours, Oracle(list(sizes), cost, scaled, **options)


def net2(sizes=(6, 5, 3), seed=1, **options):
    seed_all(seed)
    return network2.Network(list(sizes), **options)


def parameters(net):
    return [a.copy() for a in (*net.weights, *net.biases)]


def same(one, other):
    """Whether two lists of arrays are equal to the last bit."""
    return all(a.shape == b.shape and (a == b).all() for a, b in zip(one, other, strict=True))


def assert_same_network(net, oracle, rtol=1e-9):
    """Equal parameters, the error relative to the largest of an array."""
    got = [*net.weights, *net.biases]
    for a, b in zip(got, [*oracle.w, *oracle.b], strict=True):
        assert a.shape == b.shape
        assert a.dtype == np.float64
        assert np.abs(a - b).max() <= rtol * np.abs(b).max()


def everything(net, *lists):
    """All that a refused call must leave as it was, comparable by ==."""
    arrays = [a.tobytes() for a in (*net.weights, *net.biases)]
    order = [[id(sample) for sample in data] for data in lists]
    return arrays, copy.copy(net.sizes), order, random_state()


@contextmanager
def slow_path(*words):
    """Exactly one SlowPathWarning, that names every one of the words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    slow = [str(w.message) for w in caught if issubclass(w.category, SlowPathWarning)]
    assert len(slow) == 1, slow
    assert all(word in slow[0] for word in words), slow[0]
    assert [w for w in caught if not issubclass(w.category, SlowPathWarning)] == []
