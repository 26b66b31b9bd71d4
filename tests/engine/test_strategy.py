"""The choice between dense, scaled and sorted rows."""

import numpy as np
import pytest
from ways import Fixed

from fastnn.engine import Engine, Trainer, UpdateRule, strategy
from fastnn.engine.strategy import COSTS, DENSE, SCALED, SORTED, Strategy, Work, cheapest, estimates
from fastnn.machine.registers import KINDS

REGISTER_BYTES = {"avx512": 64, "avx2": 32, "sse2": 16, "neon": 16}


def work_of(density, hidden=30, m=10, optimizer="sgd", inputs=784, kind="avx512"):
    size = REGISTER_BYTES[kind]
    return Work(density, inputs, -(-hidden // (size // 4)), size, m, optimizer)


def choice(density, optimizer="sgd", l1=False, kind="avx512", **sizes):
    special = (SCALED,) if optimizer == "sgd" and not l1 else ()
    work = work_of(density, optimizer=optimizer, kind=kind, **sizes)
    return cheapest((DENSE, SORTED, *special), work, COSTS[kind])


def test_every_kind_of_registers_has_costs():
    assert set(COSTS) == set(KINDS.values()) == set(REGISTER_BYTES)
    assert all(cost > 0 for costs in COSTS.values() for cost in costs)


def test_the_costs_are_those_of_the_registers_that_kernels_are_made_for(monkeypatch):
    work = work_of(0.1, 256, 64)
    for way in (DENSE, SCALED, SORTED):
        cheap = COSTS["avx2"]._asdict()
        terms = {DENSE: "product update", SCALED: "scaled", SORTED: "sorted update"}[way].split()
        mine = [name for name in cheap if name.split("_")[0] in terms]
        costs = COSTS["avx2"]._replace(**dict.fromkeys(mine, 1e-9))
        monkeypatch.setattr(strategy, "KIND", "one of tomorrow")
        monkeypatch.setitem(COSTS, "one of tomorrow", costs)
        assert Strategy().way((DENSE, SORTED, SCALED), work) == way


def test_estimates_are_sums_of_products_with_the_costs():
    # So that they can be fitted.
    work, costs = work_of(0.1, 256, 64), COSTS["avx2"]
    units = [type(costs)(*row) for row in np.eye(len(costs))]
    for way, estimate in estimates(work, costs).items():
        parts = [cost * estimates(work, unit)[way] for cost, unit in zip(costs, units, strict=True)]
        assert sum(parts) == pytest.approx(estimate)


@pytest.mark.parametrize("kind", COSTS)
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
        (DENSE, {"density": 0.5, "hidden": 1024, "m": 1024}),
        (SCALED, {"density": 0.19, "hidden": 256}),  # MNIST in the book's mini-batches
        (SORTED, {"density": 0.1, "hidden": 256, "m": 64, "l1": True}),
    ],
)
def test_clear_cases(expected, case, kind):
    assert choice(**case, kind=kind) == expected


@pytest.mark.parametrize(
    ("kind", "expected", "case"),
    [
        ("avx512", SORTED, {"density": 0.2, "hidden": 1024, "m": 1024}),
        ("avx512", DENSE, {"density": 0.4, "hidden": 800, "m": 10}),
        ("avx2", SCALED, {"density": 0.19, "hidden": 100, "m": 32}),
        ("avx2", SCALED, {"density": 0.4}),
        ("avx2", DENSE, {"density": 0.51, "inputs": 64}),  # digits of 8 x 8 pixels
    ],
)
def test_cases_that_registers_decide(kind, expected, case):
    assert choice(**case, kind=kind) == expected


@pytest.mark.parametrize("kind", COSTS)
@pytest.mark.parametrize("m", [1, 10, 100, 1000])
@pytest.mark.parametrize("hidden", [10, 100, 1000])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_denser_rows_never_turn_sparse(optimizer, hidden, m, kind):
    kinds = [
        choice(density, optimizer, hidden=hidden, m=m, kind=kind) != DENSE
        for density in np.linspace(0, 1, 50)
    ]
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
