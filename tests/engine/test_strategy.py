"""The choice between dense, scaled and sorted rows."""

import numpy as np
import pytest
from ways import Fixed

from fastnn.engine import Engine, Trainer, UpdateRule, strategy
from fastnn.engine.strategy import DENSE, SCALED, SORTED, Strategy, Work


def choice(density, hidden=30, m=10, optimizer="sgd", inputs=784, l1=False):
    special = (SCALED,) if optimizer == "sgd" and not l1 else ()
    work = Work(density, inputs, -(-hidden // 16), 64, m, optimizer)
    return Strategy().way((DENSE, SORTED, *special), work)


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
        (SORTED, {"density": 0.2, "hidden": 1024, "m": 1024}),
        (DENSE, {"density": 0.5, "hidden": 1024, "m": 1024}),
        (SCALED, {"density": 0.19, "hidden": 256}),  # MNIST in the book's mini-batches
        (DENSE, {"density": 0.4, "hidden": 800, "m": 10}),
        (SORTED, {"density": 0.1, "hidden": 256, "m": 64, "l1": True}),
    ],
)
def test_clear_cases(expected, case):
    assert choice(**case) == expected


@pytest.mark.parametrize("m", [1, 10, 100, 1000])
@pytest.mark.parametrize("hidden", [10, 100, 1000])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_denser_rows_never_turn_sparse(optimizer, hidden, m):
    kinds = [choice(density, hidden, m, optimizer) != DENSE for density in np.linspace(0, 1, 50)]
    assert kinds == sorted(kinds, reverse=True)
    assert not kinds[-1] or m == 1


@pytest.mark.parametrize(
    ("way", "settings"),
    [
        (SCALED, {}),
        (SCALED, {"l1": [0.0, 0.1], "max_norm": [1.0, 0.0]}),
        (SORTED, {"l1": 0.1}),
        (SORTED, {"l1": [0.1, 0.0]}),
        (SORTED, {"clip_norm": 1.0}),
        (SORTED, {"drop": [0.5, 0.0]}),
        (SORTED, {"optimizer": "momentum", "mu": 0.5}),
    ],
)
def test_what_a_rule_allows(way, settings):
    engine = Engine([400, 30, 3], ["sigmoid", "sigmoid"], "cross-entropy", "float32")
    rule = UpdateRule(10, 0.1, 0.0, 0.1, 30)._replace(**settings)
    x, y = np.eye(30, 400, dtype="float32"), np.zeros((30, 3), "float32")
    assert Trainer(engine, x, y, rule, strategy=Fixed()).way == way


def test_a_trainer_that_is_handed_no_strategy_goes_by_the_usual_one(monkeypatch):
    engine = Engine([400, 30, 3], ["sigmoid", "sigmoid"], "cross-entropy", "float32")
    rule = UpdateRule(10, 0.1, 0.0, 0.1, 30)
    x, y = np.eye(30, 400, dtype="float32"), np.zeros((30, 3), "float32")
    for way in (DENSE, SCALED, SORTED):
        monkeypatch.setattr(strategy, "usual", Fixed(way))
        assert Trainer(engine, x, y, rule).way == way
