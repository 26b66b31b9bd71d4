"""The choice between dense, scaled and sorted rows."""

import numpy as np
import pytest

from fastnn.engine import Engine, Trainer, UpdateRule
from fastnn.first_layer import DENSE, SCALED, SORTED, fastest


def choice(density, hidden=30, m=10, optimizer="sgd", scalable=True, inputs=784):
    return fastest(density, inputs, -(-hidden // 16), 64, m, optimizer, scalable=scalable)


@pytest.mark.parametrize(
    ("expected", "case"),
    [
        (SCALED, {"density": 0.19}),  # the book's network on MNIST
        (SCALED, {"density": 0.19, "hidden": 100}),
        (DENSE, {"density": 0.9}),
        (DENSE, {"density": 1.0, "hidden": 800, "m": 128}),
        (SCALED, {"density": 0.5, "m": 1}),
        (SORTED, {"density": 0.19, "hidden": 256, "m": 128, "optimizer": "adam"}),
        (SORTED, {"density": 0.19, "hidden": 800, "m": 128}),  # too large for the L2 cache
        (DENSE, {"density": 0.2, "hidden": 16, "m": 1, "optimizer": "adam"}),
        (DENSE, {"density": 0.4, "hidden": 800, "m": 10}),
    ],
)
def test_clear_cases(expected, case):
    case["scalable"] = case.get("optimizer", "sgd") == "sgd"
    assert choice(**case) == expected


@pytest.mark.parametrize("m", [1, 10, 100, 1000])
@pytest.mark.parametrize("hidden", [10, 100, 1000])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_denser_rows_never_turn_sparse(optimizer, hidden, m):
    kinds = [
        choice(density, hidden, m, optimizer, optimizer == "sgd") != DENSE
        for density in np.linspace(0, 1, 50)
    ]
    assert kinds == sorted(kinds, reverse=True)
    assert not kinds[-1] or m == 1


def test_what_touches_every_weight_is_not_scaled():
    x = np.eye(30, 400, dtype="float32")
    y = np.zeros((30, 3), "float32")
    engine = Engine([400, 30, 3], ["sigmoid", "sigmoid"], "cross-entropy", "float32")
    for more in ({}, {"l1": 0.1}, {"clip_norm": 1.0}, {"drop": [0.5, 0]}, {"optimizer": "adam"}):
        rule = UpdateRule(10, 0.1, more.pop("l1", 0.0), 0.1, 30, **more)
        trainer = Trainer(engine, x, y, rule)
        plain = not rule.l1 and rule == UpdateRule(10, 0.1, 0.0, 0.1, 30)
        assert (trainer._nonzeros is not None and trainer._bins is None) == plain
