"""Grids, random draws, and the table of many histories."""

import math
import re

import numpy as np
import pytest
from samples import labelled, same_bits

import fastnn
from fastnn.sweeps import fit_many
from fastnn.training.history import History

X, LABELS = labelled(61, dtype="float32")


def test_grid_changes_the_last_keyword_fastest():
    assert fastnn.grid(sizes=[5, 4, 3], l2=[0, 1], learning_rate=0.5, seed=range(2)) == [
        {"sizes": [5, 4, 3], "l2": 0, "learning_rate": 0.5, "seed": 0},
        {"sizes": [5, 4, 3], "l2": 0, "learning_rate": 0.5, "seed": 1},
        {"sizes": [5, 4, 3], "l2": 1, "learning_rate": 0.5, "seed": 0},
        {"sizes": [5, 4, 3], "l2": 1, "learning_rate": 0.5, "seed": 1},
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"sizes": (5, 3)}, [[5, 3]]),
        ({"sizes": np.array([5, 3])}, [[5, 3]]),
        ({"sizes": [[5, 3], [5, 4, 3]]}, [[5, 3], [5, 4, 3]]),
        ({"l2": np.array([0.5, 1.0])}, [0.5, 1.0]),
        ({"l2": [[0, 5], 5]}, [[0, 5], 5]),
        ({"optimizer": fastnn.Adam()}, [fastnn.Adam()]),
        ({"optimizer": ["sgd", fastnn.Adam()]}, ["sgd", fastnn.Adam()]),
        ({"activation": "relu"}, ["relu"]),
        ({"seed": None}, [None]),
    ],
)
def test_values_of_a_grid(values, expected):
    (name,) = values
    assert [spec[name] for spec in fastnn.grid(**values)] == expected


def test_nothing_to_try():
    with pytest.raises(ValueError, match="l2: expected at least one value"):
        fastnn.grid(seed=range(3), l2=[])
    with pytest.raises(ValueError, match="l2: expected at least one value"):
        fastnn.random_draws(3, l2=[])
    assert fastnn.grid() == [{}]


DRAWN = {
    "sizes": [5, 4, 3],
    "learning_rate": fastnn.log_uniform(1e-3, 1),
    "l2": fastnn.uniform(2, 5),
    "batch_size": [10, 20, 50],
    "cost": "quadratic",
}


def test_draws_are_reproducible():
    draws = fastnn.random_draws(20, seed=1, **DRAWN)
    assert draws == fastnn.random_draws(20, seed=1, **DRAWN)
    assert draws[:7] == fastnn.random_draws(7, seed=1, **DRAWN)
    assert draws != fastnn.random_draws(20, seed=2, **DRAWN)
    assert fastnn.random_draws(2, **DRAWN) != fastnn.random_draws(2, **DRAWN)
    assert len({spec["seed"] for spec in draws}) == 20


def test_draws_lie_where_they_should():
    draws = fastnn.random_draws(2000, seed=1, **DRAWN)
    assert all(spec["sizes"] == [5, 4, 3] and spec["cost"] == "quadratic" for spec in draws)
    rates = np.array([spec["learning_rate"] for spec in draws])
    assert rates.min() >= 1e-3
    assert rates.max() <= 1
    for power in (-3, -2, -1):
        assert 0.28 < np.mean((rates >= 10.0**power) & (rates < 10.0 ** (power + 1))) < 0.39
    penalties = np.array([spec["l2"] for spec in draws])
    assert 2 <= penalties.min() < 2.1
    assert 4.9 < penalties.max() <= 5
    sizes, counts = np.unique([spec["batch_size"] for spec in draws], return_counts=True)
    assert sizes.tolist() == [10, 20, 50]
    assert counts.min() > 550
    assert {type(v) for spec in draws for v in spec.values()} == {list, float, int, str}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fastnn.log_uniform(0, 1), ValueError, "low: expected a finite number above 0"),
        (lambda: fastnn.log_uniform(2, 1), ValueError, "high: expected at least low = 2, got 1"),
        (lambda: fastnn.uniform(2, 1), ValueError, "high: expected at least low = 2, got 1"),
        (lambda: fastnn.uniform("a", 1), TypeError, "low: expected a number"),
        (lambda: fastnn.uniform(1, math.nan), ValueError, "high: expected a finite number"),
        (lambda: fastnn.random_draws(0), ValueError, "count: expected at least 1"),
        (lambda: fastnn.random_draws(2, seed=-1), ValueError, "seed: expected at least 0"),
    ],
)
def test_bad_values(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_table_of_real_results():
    specs = fastnn.grid(sizes=[[5, 3], [5, 4, 3]], seed=range(2))
    specs[3]["epochs"] = 3
    results = fastnn.fit_many(specs, X, LABELS, epochs=2, l2=1.0)
    table = fastnn.table(results)
    assert list(table)[:4] == ["network", "sizes", "seed", "epochs"]
    assert {len(column) for column in table.values()} == {9}
    assert table["network"] == [0, 0, 1, 1, 2, 2, 3, 3, 3]
    assert table["sizes"] == [(5, 3)] * 4 + [(5, 4, 3)] * 5
    assert table["seed"] == [0, 0, 1, 1, 0, 0, 1, 1, 1]
    assert table["epoch"] == [1, 2, 1, 2, 1, 2, 1, 2, 3]
    assert table["epochs"] == [2] * 6 + [3] * 3
    assert "l2" not in table
    costs = [cost for fitted in results for cost in fitted.history.data_cost]
    assert table["data_cost"] == costs


def fitted(spec, **columns):
    history = History()
    history.clear()
    history.update(columns)
    return fit_many.Fitted(spec, None, history)


def test_table_takes_figures_of_layers_apart():
    table = fastnn.table(
        [
            fitted({"l2": 1, "epoch": 9}, epoch=[1, 2], norms=[(1.0, 2.0), (3.0, 4.0)]),
            fitted({"l1": [2, 3]}, epoch=[1], norms=[(5.0, 6.0, 7.0)], cost=[0.5]),
            fitted({"l2": 1}, epoch=[]),
        ]
    )
    assert table == {
        "network": [0, 0, 1],
        "l2": [1, 1, None],
        "spec_epoch": [9, 9, None],
        "l1": [None, None, (2, 3)],
        "epoch": [1, 2, 1],
        "norm_1": [1.0, 3.0, 5.0],
        "norm_2": [2.0, 4.0, 6.0],
        "norm_3": [None, None, 7.0],
        "cost": [None, None, 0.5],
    }


def test_table_of_learning_rates():
    specs = fastnn.grid(learning_rate=[0.1, 0.2])
    table = fastnn.table(fastnn.fit_many(specs, X, LABELS, sizes=[5, 3], epochs=2))
    assert table["spec_learning_rate"] == table["learning_rate"] == [0.1, 0.1, 0.2, 0.2]
    assert all(isinstance(norm, float) for norm in table["weight_norm_1"])


def test_table_of_nothing():
    assert fastnn.table([]) == {"network": []}


def test_table_makes_a_data_frame():
    pandas = pytest.importorskip("pandas")
    results = fastnn.fit_many(fastnn.grid(seed=range(2)), X, LABELS, sizes=[5, 3], epochs=2)
    frame = pandas.DataFrame(fastnn.table(results))
    assert frame.shape[0] == 4
    assert frame.groupby("seed")["data_cost"].last().shape == (2,)


def test_values_that_have_numbers_of_their_own_are_single_ones():
    values = {
        "optimizer": fastnn.SGD(clip_norm=1.0),
        "l1": fastnn.Proximal([0.1, 0.0]),
        "cost": fastnn.CrossEntropy(label_smoothing=0.1),
        "callbacks": fastnn.EarlyStopping("data_cost"),
    }
    assert fastnn.grid(**values) == [values]
    (fitted,) = fastnn.fit_many([values], X, LABELS, sizes=[5, 4, 3], seed=0, epochs=2)
    net = fastnn.Network([5, 4, 3], seed=0, cost=values["cost"])
    net.fit(X, LABELS, epochs=2, **{name: values[name] for name in values if name != "cost"})
    assert same_bits(fitted.net, net)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        (
            "clip_norm",
            "of the optimizer: fastnn.SGD(clip_norm=...), fastnn.Adam(clip_norm=...) and so on",
        ),
        (
            "label_smoothing",
            "of the cost: fastnn.CrossEntropy(label_smoothing=...) or fastnn.LogLikelihood(...)",
        ),
        ("early_stopping", "callbacks=[fastnn.EarlyStopping(patience=...)]"),
    ],
)
def test_keywords_of_version_0_1_lead_to_the_new_way(name, way):
    with pytest.raises(ValueError, match=rf"^grid: .*'{name}'; .*\({re.escape(way)}\)$"):
        fastnn.grid(**{name: [1]})


def test_draws_within_optimizers():
    optimizers = [fastnn.SGD(clip_norm=fastnn.uniform(1, 5)), fastnn.Adam()]
    drawn = [spec["optimizer"] for spec in fastnn.random_draws(20, seed=0, optimizer=optimizers)]
    norms = [one.clip_norm for one in drawn if isinstance(one, fastnn.SGD)]
    assert 0 < len(norms) < 20
    assert len(set(norms)) == len(norms)
    assert all(1 <= norm <= 5 for norm in norms)
    assert all(one == fastnn.Adam() for one in drawn if not isinstance(one, fastnn.SGD))


def test_no_draw_is_a_number_for_each_layer():
    draw = fastnn.log_uniform(0.1, 1)
    with pytest.raises(TypeError, match="Proximal: expected a number, got LogUniform"):
        fastnn.Proximal(draw)
    with pytest.raises(TypeError, match="l2: expected a number, got LogUniform"):
        fastnn.Network([5, 3, 3]).fit(X, LABELS, l2=draw)
