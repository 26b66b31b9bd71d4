"""Configurations that together call every specialization of every kernel that users can reach.

The set of kernels that are compiled beforehand is what running them all calls (`run_all`), and
that of the most frequent ones what those marked `usual` call. All are public calls, on so few rows
that they take seconds interpreted. A feature that may call kernels with arguments of other types
needs a configuration here.

Layer 1 takes its rows in a way that is estimated to be fastest: here each is taken in turn.
"""

import copy
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from configuration import (
    CLASSES,
    INPUTS,
    LABELS,
    ROWS,
    Configuration,
    mini_batch_by_mini_batch,
    rows,
    taking,
)
from configurations_of_the_book import of_the_book

import fastnn
from fastnn.engine import ACTIVATIONS, COSTS, Counting, Engine, SparseRows, Trainer, UpdateRule
from fastnn.engine.strategy import DENSE, SCALED, SORTED

__all__ = ["ALL", "Configuration", "digests", "run_all"]

DTYPES = ("float32", "float64")
SIZES = [INPUTS, 5, CLASSES]
SOFT = {"activation": "relu", "cost": "log_likelihood"}
# Name -> layer 1's way, and whether threads share dense inputs in halves.
WAYS: dict[str, tuple[str, bool]] = {
    "dense": (DENSE, False),
    "halves": (DENSE, True),
    "scaled": (SCALED, False),
    "sorted": (SORTED, False),
}
# What an update does beyond the usual one.
EXTRAS: dict[str, dict[str, Any]] = {
    "": {},
    "max norm": {"max_norm": [0.5, None]},
    "clip": {"optimizer": fastnn.Momentum(clip_norm=0.1)},
    "dropout": {"dropout": 0.3},
    "dropout of inputs": {"input_dropout": 0.2},
    "all": {
        "dropout": 0.3,
        "input_dropout": 0.2,
        "max_norm": 1.0,
        "optimizer": fastnn.Adam(clip_norm=1),
    },
}


def left_by(net: fastnn.Network) -> Iterator[Any]:
    """Parameters and figures."""
    yield from (*net.weights, *net.biases)
    for name, figures in net.history.items():
        if name != "seconds":
            yield np.array(figures, float)


def made(sizes: Any = SIZES, **settings: Any) -> fastnn.Network:
    return fastnn.Network(sizes, **{"seed": 3, "dtype": "float32", **settings})


def fitted(net: fastnn.Network, x: Any, y: Any = LABELS, **settings: Any) -> fastnn.Network:
    usual = {"epochs": 2, "batch_size": 9, "learning_rate": 0.1, "check_regularization": False}
    net.fit(x, y, **{**usual, "n_threads": 1, **settings})
    return net


def trained(
    x: Any, y: Any, network: dict[str, Any], fit: dict[str, Any], way: Any = (None, None)
) -> Iterator[Any]:
    with taking(*way):
        yield from left_by(fitted(made(**network), x, y, **fit))


def by_way() -> Iterator[Configuration]:
    """Layer 1's ways, for rows of floats and of bytes, of few zeros and of many."""
    for dtype, way, kind, extra in product(DTYPES, WAYS, ("float", "bytes"), EXTRAS):
        is_bytes = kind == "bytes"
        x = rows(np.uint8 if is_bytes else dtype)
        network = {"dtype": dtype, "input_scale": 1 / 255 if is_bytes else 1.0}
        fit = {"l2": 0.5, **EXTRAS[extra], "n_threads": 2 if way == "halves" else 1}
        name = " ".join(filter(None, (dtype, kind, way, extra)))
        usual = dtype == "float32" or not (is_bytes or extra)
        yield Configuration(name, partial(trained, x, LABELS, network, fit, WAYS[way]), usual)


def by_estimate() -> Iterator[Configuration]:
    """Each way is taken as users get it, and layer 1's inputs are too many for one of them."""
    shapes = {"few zeros": (20, 0.9, 9), "halves": (260, 0.9, 12), "mostly zeros": (90, 0.05, ROWS)}
    for dtype, (name, (inputs, density, m)) in product(DTYPES, shapes.items()):
        x = rows(dtype, inputs, density)
        network = {"sizes": [inputs, 9, CLASSES], "dtype": dtype}
        for optimizer in ("sgd", "adam"):
            fit = {"optimizer": optimizer, "learning_rate": 0.01, "batch_size": m, "n_threads": 2}
            leaves = partial(trained, x, LABELS, network, {**fit, "epochs": 1}, ())
            yield Configuration(f"{dtype} {name} {optimizer}", leaves, usual=True)


def by_setting() -> Iterator[Configuration]:
    """What `fit` can be told; none of it is known when kernels are compiled, but for extras."""
    half = {"validation_data": (rows(np.float32)[:9], LABELS[:9])}
    settings: dict[str, dict[str, Any]] = {
        "momentum": {"optimizer": "momentum"},
        "nesterov": {"optimizer": "nesterov", "l2": 1.0},
        "rmsprop": {"optimizer": "rmsprop", "learning_rate": 0.002},
        "adam": {"optimizer": "adam", "learning_rate": 0.01},
        "adamw": {"optimizer": "adamw", "learning_rate": 0.01, "l2": 2.0},
        "l1": {"l1": 0.3},
        "l1 proximal": {"l1": fastnn.Proximal(0.3)},
        "a penalty each layer": {"l1": [0.3, 0.0], "l2": [0.0, 1.0]},
        "weights of rows": {"sample_weight": np.linspace(0.5, 1.5, ROWS), **half},
        "balanced": {"class_weight": "balanced"},
        "validation": half,
        "split": {"validation_split": 0.25},
        "stopping": {**half, "callbacks": fastnn.EarlyStopping("validation_data_cost", 1)},
        "called after each epoch": {"callbacks": lambda net, epoch: epoch.epoch == 2, "epochs": 4},
        "cosine": {"learning_rate": fastnn.Cosine(0.3)},
        "one cycle": {"learning_rate": fastnn.OneCycle(0.3)},
        "plateau": {
            "learning_rate": fastnn.HalveOnPlateau(0.3, monitor="data_cost", patience=1),
            "epochs": 3,
        },
        "batch 1": {"batch_size": 1, "learning_rate": 0.02, "epochs": 1},
        "whole batch": {"batch_size": ROWS, "epochs": 5},
        "in order": {"shuffle": False},
        "two threads": {"n_threads": 2, "batch_size": 16},
        "threads by trial": {"n_threads": None},
        "shown": {"callbacks": fastnn.Progress(lambda done, total: None)},
    }
    for (name, fit), dtype in product(settings.items(), DTYPES):
        for way in ("dense", "sorted"):
            leaves = partial(trained, rows(dtype), LABELS, {"dtype": dtype, **SOFT}, fit, WAYS[way])
            yield Configuration(f"{name} {dtype} {way}", leaves)
    recipe = {"optimizer": "adam", "learning_rate": fastnn.OneCycle(0.005), "batch_size": 64}
    leaves = partial(trained, rows(np.float32), LABELS, SOFT, {**recipe, **half}, WAYS["sorted"])
    yield Configuration("as the command trains", leaves, usual=True)


def by_rows_and_targets() -> Iterator[Configuration]:
    """Whatever x and y may be."""
    for dtype in DTYPES:
        for kind in ("float16", "float32", "float64", "int64", "bool"):
            leaves = partial(everything_of, rows(kind), LABELS, {"dtype": dtype})
            yield Configuration(f"x of {kind} for {dtype}", leaves)
        several = np.random.default_rng(1).integers(0, 2, (ROWS, CLASSES))
        number = rows(dtype)[:, :2].sum(1)
        targets: dict[str, tuple[Any, dict[str, Any]]] = {
            "one-hot": (np.eye(CLASSES)[LABELS], {}),
            "smoothed": (LABELS, {"cost": fastnn.CrossEntropy(label_smoothing=0.1)}),
            "several labels": (several, {"multi_label": True}),
            "two classes": (LABELS % 2, {"sizes": [INPUTS, 5, 1]}),
            "regression": (
                number,
                {"sizes": [INPUTS, 5, 1], "cost": "quadratic", "activation": "tanh"},
            ),
            "no hidden layer": (LABELS, {"sizes": [INPUTS, CLASSES]}),
            "three layers": (LABELS, {"sizes": [INPUTS, 9, 6, CLASSES]}),
        }
        for name, (y, network) in targets.items():
            leaves = partial(everything_of, rows(dtype), y, {"dtype": dtype, **network})
            yield Configuration(f"{name} {dtype}", leaves, usual=name == "one-hot")
        yield Configuration(f"rarely asked {dtype}", partial(rarely_asked, dtype), usual=True)
        leaves = partial(
            everything_of, rows(np.uint8), LABELS, {"dtype": dtype, "input_scale": 0.01}
        )
        yield Configuration(f"bytes {dtype}", leaves, usual=dtype == "float32")


def everything_of(x: Any, y: Any, network: dict[str, Any]) -> Iterator[Any]:
    """All that a network can be asked."""
    net = fitted(made(**network), x, y)
    yield from left_by(net)
    weights = np.linspace(0.5, 1.5, len(x))
    for figures in (net.evaluate(x, y), net.evaluate(x, y, sample_weight=weights)):
        yield [figures.data_cost, figures.penalty, figures.accuracy or 0.0]
        yield from (figures.weight_norms, figures.zero_shares, figures.largest_weights)
    yield from (net.feedforward(x), net.predict(x))
    one = net.predictor()
    yield from (one(x[0]), one(x[1].tolist()))
    for arrays in net.gradients(x, y):
        yield from arrays


def rarely_asked(dtype: str) -> Iterator[Any]:
    """What takes longer: many rows at a time, the gradient's check, and compiling beforehand."""
    net, x = made(dtype=dtype), rows(dtype)
    net.compile()
    net.compile(x, LABELS, validation_data=(x, LABELS))
    many = np.repeat(x, 6, axis=0)
    yield from (net.feedforward(many), net.predict_proba(many))
    yield net.evaluate(many, np.repeat(LABELS, 6)).cost
    check = net.check_gradients(x[:9], LABELS[:9], entries=3)
    yield check.ok


def by_function() -> Iterator[Configuration]:
    """Activations and costs, among them those that kernels call by their address."""
    x = rows(np.float64, 12)
    two = np.stack([x[:, 0] + x[:, 1], x[:, 2] ** 2], 1)
    for dtype in DTYPES:
        for name in ACTIVATIONS:
            network = {"sizes": [12, 5, CLASSES], "activation": name, "dtype": dtype}
            if name in ("softmax", "exponential"):
                continue
            yield Configuration(f"{name} {dtype}", partial(trained, x, LABELS, network, {}))
            network = {**network, "sizes": [12, 5, 2], "cost": "quadratic"}
            network["output_activation"] = name
            leaves = partial(trained, x, two, network, {"learning_rate": 0.01})
            yield Configuration(f"{name} outputs {dtype}", leaves)
        for name in COSTS:
            spelled = name.replace("-", "_")
            network = {"sizes": [12, 5, 2], "activation": "tanh", "cost": spelled, "dtype": dtype}
            classes = spelled in ("cross_entropy", "log_likelihood")
            y = LABELS % 2 if classes else two
            leaves = partial(everything_of, x, y, network)
            yield Configuration(f"{spelled} cost {dtype}", leaves)


def of_sparse_rows(dtype: str) -> Iterator[Any]:
    """Rows that come as their non-zeros; of more inputs than 16 bits tell apart as well."""
    x = rows(dtype)
    rows_of, columns = np.nonzero(x)
    starts = np.searchsorted(rows_of, np.arange(len(x) + 1))
    for way in (SCALED, SORTED):
        with taking(way):
            thin = SparseRows(starts, columns, x[rows_of, columns], INPUTS)
            net = fitted(made(dtype=dtype), thin, LABELS)
            yield from left_by(net)
            yield net.feedforward(thin)
    inputs = 2**16 + 1
    wide = SparseRows(starts, columns * (inputs // INPUTS), x[rows_of, columns], inputs)
    net = made(sizes=[inputs, 3, CLASSES], dtype=dtype)
    yield from (net.feedforward(wide), net.evaluate(wide, LABELS).cost)


def clipped(dtype: str) -> Iterator[Any]:
    """Costs as scikit-learn counts them."""
    for cost, output in (("cross-entropy", "sigmoid"), ("log-likelihood", "softmax")):
        engine = Engine([INPUTS, 5, CLASSES], ["relu", output], cost, dtype)
        y = np.eye(CLASSES, dtype=dtype)[LABELS]
        counting = Counting(np.linspace(0.5, 1.5, ROWS), by_weight=True, clipped=True)
        rule = UpdateRule(10, 0.1, 0.1, 0.2, 0, with_penalty=True)
        trainer = Trainer(engine, rows(dtype), y, rule, counting=counting)
        trainer.run(np.arange(ROWS))
        trainer.finish_epoch()
        yield from (engine.parameters.copy(), [trainer.cost_sum, trainer.penalty_sum])


def resumed(dtype: str, way: str) -> Iterator[Any]:
    """A training that stops within an epoch, goes on from its checkpoint, is saved and loaded."""
    calls: list[int] = []

    def stop(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == 6:
            raise KeyboardInterrupt

    fit = {"epochs": 3, "l2": 30.0, "batch_size": 6}
    x = rows(dtype)
    with tempfile.TemporaryDirectory() as folder, taking(*WAYS[way]), mini_batch_by_mini_batch():
        path = Path(folder, "run.npz")
        callbacks = [fastnn.Checkpoint(path), fastnn.Progress(stop)]
        with suppress(KeyboardInterrupt):
            fitted(made(dtype=dtype), x, **fit, callbacks=callbacks)
        yield from left_by(fastnn.load(path))
        with taking(DENSE):  # another machine may choose another way
            net = fitted(
                made(dtype=dtype), x, **fit, callbacks=fastnn.Checkpoint(path, resume=True)
            )
        yield from left_by(net)
        net.save(Path(folder, "net.npz"))
        copies = fastnn.load(Path(folder, "net.npz")), pickle.loads(pickle.dumps(net))
        for other in (*copies, copy.deepcopy(net)):
            yield from left_by(fitted(other, x))


def many(dtype: str) -> Iterator[Any]:
    """Networks that are trained at once, in threads of this process, sharing their rows."""
    specs = [
        {"seed": 1, "optimizer": "adam", "learning_rate": 0.01},
        {"seed": 2, "l1": 0.1},
        {"seed": 3},
    ]
    common = {"sizes": SIZES, "dtype": dtype, "epochs": 1, "validation_split": 0.25}
    for way in (DENSE, SCALED, SORTED):
        with taking(way), ThreadPoolExecutor(2) as executor:
            for done in fastnn.fit_many(specs, rows(dtype), LABELS, executor=executor, **common):
                assert done.error is None, done.error
                yield from left_by(done.net)


def others() -> Iterator[Configuration]:
    for dtype in DTYPES:
        for way in WAYS:
            yield Configuration(f"resumed {dtype} {way}", partial(resumed, dtype, way))
        usual = dtype == "float32"
        yield Configuration(f"fit_many {dtype}", partial(many, dtype), usual)
        yield Configuration(f"sparse rows {dtype}", partial(of_sparse_rows, dtype))
        yield Configuration(f"clipped costs {dtype}", partial(clipped, dtype))


GROUPS: Iterable[Callable[[], Iterator[Configuration]]] = (
    by_way,
    by_estimate,
    by_setting,
    by_rows_and_targets,
    by_function,
    others,
    of_the_book,
)
ALL = {one.name: one for group in GROUPS for one in group()}


def run_all(*, usual: bool = False) -> Iterator[str]:
    """Run all configurations, or the usual ones; yields the name of each when it has run."""
    for name, one in ALL.items():
        if one.usual or not usual:
            one.run()
            yield name


def digests() -> dict[str, str]:
    """Name -> digest of what a configuration leaves."""
    return {name: one.digest() for name, one in ALL.items()}
