"""All competitors compute the same: without that, their times mean nothing."""

import os
from dataclasses import replace

import numpy as np
import pytest

import fastnn
from bench.suite import peers
from bench.suite.problem import Problem, pose, quality, reference
from bench.suite.task import Task
from fastnn.reference.network import Reference

SIGMOID = Task(
    "mnist", 205, (784, 7, 10), "sigmoid", "cross-entropy", batch_size=10, learning_rate=0.5, l2=5.0
)
RELU = Task(
    "mnist",
    205,
    (784, 9, 7, 10),
    "relu",
    "log-likelihood",
    batch_size=20,
    learning_rate=0.001,
    optimizer="adam",
)
TANH = Task(
    "matrix exponentials",
    40,
    (4, 8, 6, 4),
    "tanh",
    "quadratic",
    batch_size=40,
    learning_rate=0.01,
    optimizer="adam",
)
BINARY = replace(RELU, data="tabular", sizes=(32, 6, 2))
CYCLE = replace(RELU, one_cycle=2, start="he", learning_rate=0.01)
OTHERS = {
    "momentum": replace(RELU, optimizer="momentum", learning_rate=0.01, l2=5.0),
    "nesterov": replace(RELU, optimizer="nesterov", learning_rate=0.01, l2=5.0),
    "rmsprop": replace(RELU, optimizer="rmsprop", l2=5.0),
    "adamw": replace(RELU, optimizer="adamw", l2=5.0),
    "max-norm": replace(RELU, optimizer="sgd", learning_rate=0.1, max_norm=0.9),
}
TASKS = {
    "sigmoid": SIGMOID,
    "relu": RELU,
    "tanh": TANH,
    "binary": BINARY,
    "one-cycle": CYCLE,
    "bytes": replace(SIGMOID, data="mnist as bytes"),
    "bytes kept": replace(RELU, data="mnist as bytes", keep_bytes=True),
    **OTHERS,
}


@pytest.fixture(scope="module")
def posed():
    """Problems, their data loaded once: posed(task) has first weights and order of its own."""
    loaded = {}

    def problem(task):
        key = task.data, task.rows
        if key not in loaded:
            loaded[key] = pose(task)
        old = loaded[key]
        new = pose(replace(task, data="made up density 0.5", rows=1))  # for weights and order
        return Problem(
            task,
            old.x,
            old.y,
            old.x_test,
            old.y_test,
            new.weights,
            new.biases,
            new.orders,
            old.scale,
        )

    return problem


def module(name):
    """A competitor's, or a skipped test."""
    try:
        return peers.competitor(name)
    except ImportError as error:
        if "fastnn" in str(error.name):
            raise
        pytest.skip(f"{name} is not installed")


# Every competitor, to be tried on every task in all its variants.
WAYS = [
    pytest.param(name, task, id=f"{name}-{key}")
    for name in peers.COMPETITORS
    for key, task in TASKS.items()
]


def expected(problem, epochs):
    """Weights and biases after training by the plain reference."""
    task = problem.task
    net = Reference(problem.weights, problem.biases, task.activations, task.cost, problem.scale)
    memory = {}
    for epoch in range(epochs):
        order = problem.next_order()
        for first in range(0, task.rows, task.batch_size):
            eta = rate(task, epoch + first / task.rows)
            rows = order[first : first + task.batch_size]
            x, y = problem.x[rows].astype(float), problem.y[rows].astype(float)
            nabla_w, nabla_b = net.gradients(x, y)
            for i, p in enumerate([*net.weights, *net.biases]):
                g = [*nabla_w, *nabla_b][i] / len(rows)
                share = task.l2 / task.rows if i < len(net.weights) else 0.0
                step(task.optimizer, p, g, eta, share, memory.setdefault(i, {}))
            if task.max_norm:
                for w in net.weights:
                    norms = np.linalg.norm(w, axis=1, keepdims=True)
                    w *= np.minimum(1, task.max_norm / norms)
    return net.weights, net.biases


def rate(task, t):
    """The learning rate after t epochs."""
    if not task.one_cycle:
        return task.learning_rate
    (eta,) = fastnn.OneCycle(task.learning_rate).rates(np.array([t]), task.one_cycle)
    return eta


def step(optimizer, p, g, eta, share, memory):
    """Change p by its gradient g and the penalty's share of it; memory is p's own."""
    if optimizer == "adamw":
        p -= eta * share * p
    else:
        g = g + share * p
    if optimizer == "sgd":
        p -= eta * g
    elif optimizer in ("momentum", "nesterov"):
        v = memory["v"] = 0.9 * memory.get("v", 0) - eta * g
        p += v if optimizer == "momentum" else 0.9 * v - eta * g
    elif optimizer == "rmsprop":
        s = memory["s"] = 0.9 * memory.get("s", 0) + 0.1 * g**2
        p -= eta * g / (np.sqrt(s) + 1e-8)
    else:
        t = memory["t"] = memory.get("t", 0) + 1
        m = memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
        v = memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g**2
        p -= eta * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


@pytest.mark.parametrize(("name", "task"), WAYS)
def test_same_weights_as_the_reference(name, task, posed):
    library = module(name)
    try:
        variants = library.variants(task)
    except peers.UnsupportedError:
        pytest.skip("not a task for this competitor")
    if name == "fastnn.book":  # it shuffles in the book's way; see below
        pytest.skip("has an order of its own")
    epochs, tolerance = 2, 2e-4
    if name == "sklearn":  # it shuffles in its own way after the first epoch, decays more in a
        # short mini-batch, and adds Adam's epsilon elsewhere
        epochs, tolerance = 1, 2e-3 if task.optimizer == "adam" else 2e-4
        task = replace(task, rows=task.rows // task.batch_size * task.batch_size)
    weights, biases = expected(posed(task), epochs)
    assert len(variants) >= 1
    for make in variants.values():
        trainer = make(posed(task))
        trainer.train(epochs)
        found_w, found_b = trainer.parameters()
        if (
            name == "sklearn" and task.data == "tabular"
        ):  # one logistic output: other weights, same net
            first, second = posed(task), posed(task)
            assert quality(first, found_w, found_b) == pytest.approx(
                quality(second, weights, biases), rel=0.02
            )
            continue
        for found, w in zip(found_w, weights, strict=True):
            np.testing.assert_allclose(found, w, atol=tolerance)
        for found, b in zip(found_b, biases, strict=True):
            np.testing.assert_allclose(np.reshape(found, (-1, 1)), b, atol=tolerance)
        x = posed(task).x_test[:3]
        if x.dtype == np.uint8 and name not in peers.FASTNN:  # which train on them, no more
            continue
        outputs = reference(posed(task), found_w, found_b).feedforward(x)
        np.testing.assert_allclose(trainer.outputs(x), outputs, atol=1e-5)


def test_bytes_are_the_same_rows(posed):
    floats, bytes_ = (posed(TASKS[name]) for name in ("sigmoid", "bytes"))
    assert (bytes_.x.dtype, bytes_.x.base) == (np.uint8, None)  # not a part of more rows
    np.testing.assert_allclose(bytes_.inputs(), floats.x, rtol=1e-6)
    assert bytes_.inputs().dtype == np.float32
    assert floats.inputs() is floats.x
    parameters = floats.weights, floats.biases
    assert quality(bytes_, *parameters) == pytest.approx(quality(floats, *parameters))


def test_dropout_is_the_same_work(posed):
    """Everyone drops other neurons, so that only costs can be compared, and not to many digits."""
    plain = replace(RELU, rows=2000, sizes=(784, 64, 10))
    costs = {}
    for task in (plain, replace(plain, dropout=0.5), replace(plain, dropout=0.9)):
        for name in ("fastnn", "jax"):
            trainers = module(name).variants(task)
            make = next(iter(trainers.values()))
            problem = posed(task)
            trainer = make(problem)
            trainer.train(3)
            costs[name, task.dropout] = quality(problem, *trainer.parameters())[0]
    for dropout in (0.0, 0.5, 0.9):
        assert costs["jax", dropout] == pytest.approx(costs["fastnn", dropout], rel=0.1)
    assert costs["fastnn", 0.0] * 1.2 < costs["fastnn", 0.5] < costs["fastnn", 0.9] / 1.2


def test_book_and_loop_agree_to_rounding(posed):
    task = replace(SIGMOID, dtype="float64")
    trained = []
    for name in ("loop", "fastnn.book"):
        (make,) = peers.competitor(name).variants(task).values()
        trainer = make(posed(task))
        trainer.train(2)
        trained.append(trainer.parameters())
    for loop, book in zip(*trained, strict=True):
        for a, b in zip(loop, book, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_first_weights_are_those_of_a_network(posed):
    import fastnn

    net = fastnn.Network(SIGMOID.sizes, seed=SIGMOID.seed)
    for w, expected_w in zip(net.weights, posed(SIGMOID).weights, strict=True):
        np.testing.assert_array_equal(w, expected_w.astype(np.float32))


def test_after_each_epoch(posed):
    for name in peers.COMPETITORS:
        try:
            (make, *_) = peers.competitor(name).variants(SIGMOID).values()
        except ImportError:
            continue
        if name == "fastnn.book":
            continue
        told = []
        make(posed(SIGMOID)).train(5, lambda told=told: told.append(1) or len(told) == 3)
        assert len(told) == 3, name


def test_targets_of_the_matrix_exponentials(posed):
    problem = posed(TANH)
    a, e = (rows.reshape(-1, 2, 2).astype(float) for rows in (problem.x, problem.y))
    values, vectors = np.linalg.eig(a)
    exact = vectors @ (np.exp(values)[..., None] * np.linalg.inv(vectors))
    np.testing.assert_allclose(e, exact.real, rtol=1e-4, atol=1e-4)


def test_first_weights_for_relu(posed):
    he, book = posed(CYCLE), posed(RELU)
    np.testing.assert_allclose(he.weights[1], np.sqrt(2) * book.weights[1])
    assert not any(b.any() for b in he.biases)


@pytest.mark.parametrize("density", [0.02, 1.0])
def test_made_up_rows_are_as_dense_as_asked(density):
    x = pose(replace(SIGMOID, data=f"made up density {density}")).x
    assert np.count_nonzero(x) / x.size == pytest.approx(density, rel=0.05)


def test_versions_are_told():
    assert peers.competitor("numpy").about()["versions"]["numpy"] == np.__version__
    assert os.environ.get("OMP_NUM_THREADS") or peers.competitor("numpy").about()["threads"] >= 1
