"""Digests of what some 80 trainings leave: the proof that a change of the code changed no bit.

    python tests/bits.py write before.json     # on one machine, before a change
    python tests/bits.py compare before.json   # and after it

Weights, biases, figures of the epochs and outputs, of both faces. Other CPUs, and other versions of
Numba or NumPy, may give other bits, so the file belongs to one machine and is not kept here.
"""

import argparse
import hashlib
import json
import random
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import fastnn
from fastnn.book import network, network2

ROWS = 230


def inputs(kind: str, columns: int) -> np.ndarray:
    """(ROWS, columns): "dense" floats, "sparse" floats, "bytes" or "coded" (few values)."""
    rng = np.random.default_rng(columns)
    x, mask = rng.random((ROWS, columns)), rng.random((ROWS, columns)) < 0.15
    if kind == "dense":
        return x
    if kind == "bytes":
        return (x * mask * 255).astype(np.uint8)
    return x * mask if kind == "sparse" else np.round(x * mask * 9) / 9


def native() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], str]]:
    """(name, what Network takes, what fit takes, kind of the inputs)."""
    soft: dict[str, Any] = {"cost": "log_likelihood", "activation": "relu"}
    for dtype in ("float32", "float64"):
        for kind in ("dense", "sparse", "bytes", "coded"):
            scale = {"input_scale": 1 / 255} if kind == "bytes" else {}
            for sizes in ([37, 19, 5], [200, 150, 40, 7]):
                made = {"sizes": sizes, "dtype": dtype, **scale}
                yield f"{kind} {dtype} {sizes}", made, {"batch_size": 13, "l2": 0.5}, kind
                fit = {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.01}
                yield f"{kind} {dtype} {sizes} adam", {**made, **soft}, fit, kind
    wide: dict[str, Any] = {"sizes": [300, 64, 10], **soft}
    settings: dict[str, dict[str, Any]] = {
        "l1": {"l1": 0.3},
        "l1 proximal": {"l1": fastnn.Proximal(0.3)},
        "l1 each layer": {"l1": [0.3, 0.0], "l2": [0.0, 1.0]},
        "max norm": {"max_norm": 1.0, "l2": 1.0},
        "clip": {"optimizer": fastnn.SGD(clip_norm=0.1)},
        "dropout": {"dropout": 0.3, "input_dropout": 0.1},
        "momentum": {"optimizer": "momentum", "learning_rate": 0.05},
        "nesterov": {"optimizer": "nesterov", "learning_rate": 0.05, "l2": 1.0},
        "rmsprop": {"optimizer": "rmsprop", "learning_rate": 0.002},
        "adamw": {"optimizer": "adamw", "learning_rate": 0.01, "l2": 2.0},
        "weights": {"sample_weight": np.linspace(0.5, 1.5, ROWS)},
        "balanced": {"class_weight": "balanced"},
        "cosine": {"learning_rate": fastnn.Cosine(0.3)},
        "batch 1": {"batch_size": 1, "learning_rate": 0.02},
        "whole batch": {"batch_size": ROWS},
        "in order": {"shuffle": False},
        "stopping": {"callbacks": fastnn.EarlyStopping(patience=2), "validation_split": 0.25},
    }
    for name, fit in settings.items():
        for kind in ("dense", "sparse"):
            yield f"{name} {kind}", wide, fit, kind
    smoothing = {**wide, "cost": fastnn.LogLikelihood(label_smoothing=0.1)}
    for kind in ("dense", "sparse"):
        yield f"smoothing {kind}", smoothing, {}, kind
    for activation in ("tanh", "leaky_relu", "elu", "gelu", "silu", "softplus"):
        yield activation, {"sizes": [37, 19, 5], "activation": activation}, {}, "dense"


def regressions() -> Iterator[tuple[str, dict[str, Any]]]:
    for cost in ("quadratic", "mean-absolute-error", "huber", "poisson"):
        yield cost, {"sizes": [20, 12, 2], "activation": "tanh", "cost": cost}


def digest(*arrays: Any) -> str:
    """Of the arrays' bytes."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]


def of_network(net: fastnn.Network, x: np.ndarray, y: np.ndarray) -> str:
    figures = [net.history[name] for name in ("data_cost", "penalty")]
    return digest(*net.weights, *net.biases, *figures, net.feedforward(x), net.evaluate(x, y).cost)


def of_native() -> dict[str, str]:
    found = {}
    for name, made, fit, kind in native():
        x = inputs(kind, made["sizes"][0])
        y = np.arange(ROWS) * 7 % made["sizes"][-1]
        for threads in (1, 2):
            net = fastnn.Network(**made, seed=3)
            net.fit(x, y, **{"epochs": 3, "learning_rate": 0.1, "n_threads": threads, **fit})
            assert found.setdefault(name, of_network(net, x, y)) == of_network(net, x, y), name
    for name, made in regressions():
        x = inputs("dense", 20)
        y = np.stack([x[:, 0] + x[:, 1], x[:, 2] ** 2], 1)
        net = fastnn.Network(**made, seed=3)
        net.fit(x, y, epochs=3, learning_rate=0.01)
        found[name] = of_network(net, x, y)
    return found


def of_the_book() -> dict[str, str]:
    x = inputs("sparse", 50)[..., None]
    data = [(row, np.eye(4)[i % 4][:, None]) for i, row in enumerate(x)]
    test = [(row, i % 4) for i, row in enumerate(x)]
    found = {}
    for name, cost in (("1", None), ("2 quadratic", "Quadratic"), ("2", "CrossEntropy")):
        random.seed(1), np.random.seed(1)  # noqa: NPY002 as the book does
        if cost is None:
            net = network.Network([50, 12, 4])
            net.SGD(list(data), 3, 10, 1.0, verbose=False)
            figures: Any = net.evaluate(test)
        else:
            net = network2.Network([50, 12, 4], cost=getattr(network2, f"{cost}Cost"))
            figures = net.SGD(
                list(data),
                3,
                10,
                0.5,
                lmbda=0.1,
                evaluation_data=test,
                verbose=False,
                monitor_evaluation_cost=True,
                monitor_training_accuracy=True,
            )
            figures = [*figures[0], *figures[3]]
        found[f"book {name}"] = digest(*net.weights, *net.biases, figures)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("write", "compare"))
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found = {**of_native(), **of_the_book()}
    if given.what == "write":
        given.file.write_text(json.dumps(found, indent=1))
        print(f"{len(found)} digests")
        return 0
    before = json.loads(given.file.read_text())
    others = [name for name in {**before, **found} if before.get(name) != found.get(name)]
    print(f"{len(found) - len(others)} of {len(found)} are the same bits", *others, sep="\n  ")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
