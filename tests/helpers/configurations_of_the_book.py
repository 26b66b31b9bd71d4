"""The configurations of `fastnn.book`: lists of columns, whose numbers are float32 or float64."""
# ruff: noqa: NPY002 the book draws from this generator

import copy
import os
import pickle
import random
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from configuration import CLASSES, INPUTS, LABELS, Configuration, rows, taking

from fastnn.book import network, network2
from fastnn.engine.strategy import DENSE, SCALED, SORTED

MANY = 5_000  # samples, which are shuffled by a kernel


def samples(dtype: Any, density: float = 0.2, inputs: int = INPUTS) -> list[Any]:
    """Tuples (x, y) of columns."""
    units = np.eye(CLASSES)[..., None]
    x = rows(dtype, inputs, density)[..., None]
    return [(column, units[label]) for column, label in zip(x, LABELS)]


def labelled(data: list[Any]) -> list[Any]:
    return [(x, int(y.argmax())) for x, y in data]


def left_by(net: Any) -> Iterator[Any]:
    yield from (*net.weights, *net.biases)


def seeded(module: Any, inputs: int = INPUTS, **options: Any) -> Any:
    random.seed(1)
    np.random.seed(1)
    return module.Network([inputs, 5, CLASSES], **options)


def of_chapter_1(dtype: str, way: str) -> Iterator[Any]:
    data = samples(dtype)
    with taking(way, halves=False):
        net = seeded(network)
        net.SGD(list(data), 2, 10, 1.0, test_data=labelled(data), verbose=False)
    yield from (*left_by(net), net.evaluate(labelled(data)))


def of_chapter_3(dtype: str, density: float, way: str, l1: float, cost: Any) -> Iterator[Any]:
    data = samples(dtype, density)
    net = seeded(network2, cost=cost)
    with taking(way, halves=False):
        of_test, right, _, learned = net.SGD(
            list(data),
            2,
            10,
            0.5,
            lmbda=0.1,
            l1=l1,
            evaluation_data=labelled(data),
            monitor_evaluation_cost=True,
            monitor_evaluation_accuracy=True,
            monitor_training_cost=True,
            monitor_training_accuracy=True,
            early_stopping_n=5,
            verbose=False,
        )
    # Not the training's costs: they are summed up in the order that tuples have in memory.
    yield from (of_test, right, learned, *left_by(net))


def as_users_get_it(dtype: str, density: float, inputs: int, m: int) -> Iterator[Any]:
    data = samples(dtype, density, inputs)
    net = seeded(network2, inputs)
    net.SGD(list(data), 1, m, 0.5, lmbda=0.1, verbose=False)
    yield from left_by(net)


def method_by_method(dtype: str, times: int) -> Iterator[Any]:
    """What else the book's networks can be asked, of few samples or of many."""
    data = samples(dtype) * times
    columns = np.concatenate([x for x, _ in data], axis=1)
    for module in (network, network2):
        net = seeded(module)
        yield from (net.feedforward(data[0][0]), net.feedforward(columns))
        for arrays in net.backprop(*data[0]):
            yield from arrays
        if module is network:
            net.update_mini_batch(data, 0.5)
        else:
            net.update_mini_batch(data, 0.5, 0.1, 300)
            yield [net.accuracy(labelled(data)), net.accuracy(data, convert=True)]
            yield [net.total_cost(data, 0.1), net.total_cost(labelled(data), 0.1, convert=True)]
        yield from left_by(net)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.json")
        net.save(path)
        for other in (network2.load(path), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
            yield from left_by(other)
            yield other.accuracy(labelled(data))


def of_many_samples() -> Iterator[Any]:
    data = [(np.full((1, 1), 0.5), np.ones((1, 1)))] * MANY
    random.seed(1)
    np.random.seed(1)
    net = network.Network([1, 1, 1])
    net.SGD(list(data), 1, MANY, 1.0, verbose=False)
    yield from (*left_by(net), random.getrandbits(60))


def of_the_book() -> Iterator[Configuration]:
    for dtype, way in product(("float32", "float64"), (DENSE, SCALED, SORTED)):
        usual = dtype == "float32" or way == DENSE  # MNIST's pixels, and a user's own columns
        leaves = partial(of_chapter_1, dtype, way)
        yield Configuration(f"book 1 {dtype} {way}", leaves, usual)
        for density, l1 in product((0.2, 0.9), (0.0, 0.3)):
            cost = network2.QuadraticCost if l1 else network2.CrossEntropyCost
            leaves = partial(of_chapter_3, dtype, density, way, l1, cost)
            yield Configuration(f"book 2 {dtype} {way} density {density} l1 {l1}", leaves, usual)
    for dtype in ("float32", "float64"):
        for density, inputs, m in ((0.1, 60, 10), (0.9, 20, 10), (0.9, 260, 10)):
            leaves = partial(as_users_get_it, dtype, density, inputs, m)
            yield Configuration(f"book {dtype} {inputs} inputs density {density}", leaves, True)
        for times in (1, 4):
            leaves = partial(method_by_method, dtype, times)
            yield Configuration(f"book's methods {dtype} {times}", leaves, usual=True)
    yield Configuration("book's shuffle", of_many_samples, usual=True)
