"""The mistakes that it began with: what their switches do, show and say, and what mends them."""

import json

import numpy as np
import pytest
from page_scripts import in_node
from page_training import page_trainings
from tolerance import assert_close

import fastnn
from fastnn.reference.network import Reference, penalty
from fastnn.regularization import conventions

EPOCHS = 15
SMALL = {"rows": 60, "test": 20, "m": 8, "eta": 0.3}  # 48 training rows: m divides n
SWITCHED = {
    "L2 by m": {**SMALL, "l2": 0.4, "bym": 1},
    "L1 by m": {**SMALL, "l1": 0.2, "l2": 0, "bym": 1},
    "both by m": {**SMALL, "l1": 0.2, "l2": 0.4, "bym": 1},
    "measured": {**SMALL, "l1": 0.2, "l2": 0.4, "watch": "test", "bymeasured": 1},
    "well": {**SMALL, "l1": 0.2, "l2": 0.4, "watch": "test"},
}


@pytest.fixture(scope="module")
def switched(tab):
    return page_trainings(tab, {name: (3, settings) for name, settings in SWITCHED.items()})


@pytest.fixture(scope="module")
def presets(tab):
    """{name: (with the mistake, mended)} after some epochs."""
    program = """
    const { presets, settings } = fastnn.train;
    return presets.map((preset) => [
      preset.name, settings.toAddress({ ...settings.usual(), ...preset.settings })]);
    """
    told = dict(in_node(tab, program))
    wrong = page_trainings(tab, {name: (EPOCHS, texts) for name, texts in told.items()})
    mended = {name: (EPOCHS, trained.verdict["mended"]) for name, trained in wrong.items()}
    right = page_trainings(tab, mended)
    return {name: (wrong[name], right[name]) for name in told}


def number(trained, name, usual=0.0):
    return float(trained.settings[name] or usual)


@pytest.mark.parametrize("name", ["L2 by m", "L1 by m", "both by m"])
def test_divided_by_m_is_a_lambda_n_over_m_times_as_large(switched, name):
    trained = switched[name]
    scale = trained.n / trained.m
    assert scale == 6
    l1, l2 = (scale * SWITCHED[name].get(key, 0) for key in ("l1", "l2"))
    net = Reference(*trained.first, trained.activations, trained.cost)
    kernels = fastnn.Network(
        trained.sizes, trained.activation, trained.cost, initializer=trained.first, dtype="float64"
    )
    for order in trained.orders:
        x, y = trained.x[order], trained.y[order]
        net.train(x, y, np.arange(48), 8, 0.3, l1, l2)
        kernels.fit(
            *(x, y),
            epochs=1,
            batch_size=8,
            learning_rate=0.3,
            l1=l1,
            l2=l2,
            shuffle=False,
            check_regularization=False,
        )
    for l, w in enumerate(trained.last[0]):
        assert_close(w, net.weights[l])
        assert_close(w, np.asarray(kernels.weights[l]))


def test_the_penalty_divided_by_the_rows_measured(switched):
    wrong, well = switched["measured"], switched["well"]
    for got, expected in zip(wrong.last[0], well.last[0], strict=True):
        assert np.array_equal(got, expected)  # it is only shown so
    rows = len(wrong.test)
    assert (rows, wrong.n) == (12, 48)
    assert_close(wrong.series["penalty"][-1][1], penalty(wrong.last[0], 0.2, 0.4, rows))
    assert_close(well.series["penalty"][-1][1], penalty(well.last[0], 0.2, 0.4, 48))
    assert wrong.series["dataCost"] == well.series["dataCost"]


def test_the_loss_blows_up_while_the_accuracy_rises(presets):
    wrong, right = presets["measured"]
    sums = [value for _, value in wrong.series["sum"]]
    assert sums[-1] > 5 * sums[0]
    assert wrong.figures[0]["training"]["accuracy"] < 0.6
    assert wrong.figures[-1]["training"]["accuracy"] > 0.95
    assert wrong.series["dataCost"][-1][1] < 0.3 * wrong.series["dataCost"][0][1]
    assert right.figures == wrong.figures
    assert right.series["sum"][-1][1] < 0.5 * right.series["sum"][0][1]
    assert right.verdict is None
    text = wrong.verdict["text"]
    n, rows, weights = wrong.n, len(wrong.test), wrong.last[0]
    assert f"{n / rows:.4g} times too large" in text
    assert f"shown as {penalty(weights, 0, 5, rows):.4g}" in text
    assert f"the penalty is {penalty(weights, 0, 5, n):.4g}" in text
    assert f"n = {n:,}" in wrong.verdict["title"]
    assert f"{rows} rows measured" in wrong.verdict["title"]


@pytest.mark.parametrize("name", ["chance", "nothing"])
def test_the_accuracy_falls_to_chance(presets, name):
    wrong, right = presets[name]
    accuracies = [figures["training"]["accuracy"] for figures in wrong.figures[-5:]]
    assert max(accuracies) < 0.8
    assert np.median(accuracies) == pytest.approx(0.5, abs=0.1)
    assert wrong.figures[-1]["test"]["accuracy"] == pytest.approx(0.5, abs=0.1)
    for rows in ("training", "test"):
        assert right.figures[-1][rows]["accuracy"] > 0.9
    assert right.verdict is None
    assert wrong.verdict["mend"] == {"bym": False}
    assert "m = 10" in wrong.verdict["title"]
    assert "falls to chance" in wrong.verdict["text"]


def test_it_is_the_l2_s_own_lambda_that_l1_gets(presets):
    (l1, _), (l2, _) = presets["chance"], presets["nothing"]
    assert (l1.settings["l1"], l2.settings["l2"]) == ("5", "5")
    assert l2.settings["l1"] is None
    largest = max(np.abs(w).max() for w in l2.last[0])
    assert largest < 0.05  # of L2, nothing is left
    sizes = np.concatenate([np.abs(w).ravel() for w in l1.last[0]])
    assert np.median(sizes) < 0.25  # of L1, they jump around 0
    assert "= 0.25 off every weight" in l1.verdict["text"]
    assert "= 0.75. " in l2.verdict["text"]


def test_the_loss_is_infinite(presets):
    wrong, right = presets["infinity"]
    assert wrong.failure["epoch"] <= 12
    sums = [value for _, value in wrong.series["sum"]]
    assert sums == sorted(sums)
    assert sums[-1] > 1e200
    assert (
        "= −1.1. Weights change their sign at each update and grow without bound."
        in (wrong.verdict["text"])
    )
    assert right.failure is None
    assert right.figures[-1]["test"]["accuracy"] > 0.9


def test_figures_of_lambda_are_those_of_fastnn(presets, switched):
    """Decays and shrinks, right and mistaken, as `explain_regularization` has them."""
    for trained in [*switched.values(), *(wrong for wrong, _ in presets.values())]:
        l1, l2 = number(trained, "l1"), number(trained, "l2")
        eta = number(trained, "eta", 0.5)
        expected = fastnn.explain_regularization(eta, l1=l1, l2=l2, n=trained.n, m=trained.m)
        shown = [(name, result) for name, _, result, _ in trained.table]
        epoch = "mistaken_epoch_" if trained.settings["bym"] else "epoch_"
        if l2:
            assert shown[:3] == [
                ("λ₂: an update multiplies w by", figure(expected.decay)),
                ("divided by m", figure(expected.mistaken_decay)),
                ("an epoch", figure(getattr(expected, f"{epoch}decay"))),
            ]
            del shown[:3]
        if l1:
            assert shown[:3] == [
                ("λ₁: an update takes off |w|", figure(expected.shrink)),
                ("divided by m", figure(expected.mistaken_shrink)),
                ("an epoch", figure(getattr(expected, f"{epoch}shrink"))),
            ]
            sizes = np.concatenate([np.abs(w).ravel() for w in trained.last[0]])
            median, largest = (figure(v) for v in (np.sort(sizes)[len(sizes) // 2], sizes.max()))
            assert shown[3] == ("|w|: median, largest", f"{median}, {largest}")
            del shown[:4]
        assert shown[0] == ("the penalty", figure(penalty(trained.last[0], l1, l2, trained.n)))


def figure(value):
    """As the page writes it: four digits, 1 less something where it is nearly 1, powers of ten."""
    if 0 < 1 - value < 1e-3:
        return f"1 − {figure(1 - value)}"
    size = abs(value)
    if size < 1e-4 or size >= 1e9:
        mantissa, exponent = f"{size:.1e}".split("e")
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa} · 10{raised}"
    else:
        text = f"{float(f'{size:.4g}'):,.10f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 else text


def test_the_same_lambda_elsewhere(switched):
    found = dict(switched["both by m"].elsewhere)
    assert found == pytest.approx(
        {
            "PyTorch weight_decay": conventions.pytorch_weight_decay(0.4, n=48),
            "Keras L2": conventions.keras_l2(0.4, n=48),
            "scikit-learn alpha": conventions.sklearn_alpha(0.4, n=48, m=8),
            "Keras L1": conventions.keras_l1(0.2, n=48),
            "PyTorch, times w.abs().sum()": conventions.keras_l1(0.2, n=48),
        }
    )


VERDICTS = """
const { train } = fastnn;
return given.map((some) => {
  const settings = { ...train.settings.usual(), rows: 100, test: 0, ...some };
  const training = train.experiment.begin(settings);
  training.update();
  const found = train.verdict(settings, training);
  return found && [`${found.title} ${found.text}`, found.mend ?? null];
});
"""


@pytest.mark.parametrize(
    ("settings", "expected", "mend"),
    [
        ({"l2": 0.01}, None, None),
        ({"l2": 0, "bym": True, "bymeasured": True}, None, None),
        ({"l2": 250}, "1 − η λ₂ / n = 1 − 0.5 · 250 / 100 = −0.25", {"l2": 0.01}),
        ({"l2": 500}, "and grow without bound", {"l2": 0.01}),
        ({"l2": 0, "l1": 400}, "η λ₁ / n = 0.5 · 400 / 100 = 2 off every weight", {"l1": 0.01}),
        ({"l2": 30}, "λ₂ is very large", {"l2": 0.01}),
        ({"l2": 0, "l1": 20}, "adds λ₁ / n sgn(w) = 0.2 sgn(w) to the gradient", {"l1": 0.01}),
        ({"l2": 0.1, "bym": True}, "10 times as much shrinking as is meant", {"bym": False}),
        ({"l2": 1, "bymeasured": True}, "Here it does not show", {"watch": "test"}),
        ({"data": "own"}, "There are no training rows", None),
    ],
    ids=str,
)
def test_what_is_said_of_other_settings(verdicts, settings, expected, mend):
    found = verdicts[json.dumps(settings)]
    if expected is None:
        assert found is None
    else:
        assert expected in found[0]
        assert found[1] == mend


@pytest.fixture(scope="module")
def verdicts(tab, request):
    """Of all settings of the test above, by one run of Node."""
    marks = test_what_is_said_of_other_settings.pytestmark
    asked = [case[0] for case in marks[0].args[1]]
    return dict(zip(map(json.dumps, asked), in_node(tab, VERDICTS, asked), strict=True))
