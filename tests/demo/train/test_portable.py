"""The network that the reader takes along says the same in network2, in fastnn and in the page."""

import json

import numpy as np
import pytest
from page_scripts import in_node

import fastnn
from fastnn.book import network2

OWN = {"data": "own", "points": "100_0.1_0*140_0.3_1*120_0.2_0*150_0.1_1", "view": "90_160_0_0.5"}
CASES = {
    "sigmoid": {"activation": "sigmoid"},
    "quadratic": {"activation": "sigmoid", "cost": "quadratic", "hidden": "5-4"},
    "tanh": {"activation": "tanh", "hidden": "5-4"},
    "softmax of two": {"activation": "tanh", "cost": "log_likelihood"},
    "identity": {"activation": "identity", "hidden": "5-4"},
    "no hidden layer": {"hidden": "none"},
    "irises": {"data": "iris"},
    "own": {**OWN, "hidden": "3"},
}
NOT_FOR_THE_BOOK = {
    "relu": ({"activation": "relu"}, "network2 has no relu neurons"),
    "softmax of three": ({"data": "blobs", "cost": "log_likelihood"}, "network2 has no softmax"),
    "a number": ({"data": "hills"}, "network2 learns classes, no numbers"),
}

TAKEN = """
const { train } = fastnn;
return given.map((texts) => {
  const { settings } = train.settings.fromAddress((name) => texts[name] ?? null);
  const training = train.experiment.begin(settings);
  while (training.epoch < 3) training.update();
  const { network, rows } = training;
  const outputs = rows.points.map((_, i) => Array.from(network.feedforward(rows.inputs, 2 * i)));
  const kept = { points: rows.points, outputs, fastnn: JSON.stringify(
    train.portable.forFastnn(network, rows.scaling, train.experiment.namesOf(settings))) };
  try {
    return { ...kept, book: JSON.stringify(train.portable.forBook(network, rows.scaling)) };
  } catch (error) {
    return { ...kept, why: error.message };
  }
});
"""


@pytest.fixture(scope="module")
def taken(tab):
    cases = CASES | {name: settings for name, (settings, _) in NOT_FOR_THE_BOOK.items()}
    given = [{"rows": "40", "eta": "0.1", **settings} for settings in cases.values()]
    return dict(zip(cases, in_node(tab, TAKEN, given), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_for_network2(taken, name, tmp_path):
    path = tmp_path / "network.json"
    path.write_text(taken[name]["book"], encoding="utf-8")
    net = network2.load(path)
    points, outputs = np.array(taken[name]["points"]), np.array(taken[name]["outputs"])
    got = np.array([net.feedforward(point[:2, None])[:, 0] for point in points])
    np.testing.assert_allclose(got, outputs, rtol=1e-10, atol=1e-12)
    data = [(point[:2, None], int(point[2])) for point in points]
    assert net.accuracy(data) == np.count_nonzero(outputs.argmax(axis=1) == points[:, 2])
    expected = network2.QuadraticCost if name == "quadratic" else network2.CrossEntropyCost
    assert net.cost is expected


@pytest.mark.parametrize("name", NOT_FOR_THE_BOOK)
def test_what_network2_can_not_have(taken, name):
    assert NOT_FOR_THE_BOOK[name][1] in taken[name]["why"]
    assert "book" not in taken[name]


@pytest.mark.parametrize("name", [*CASES, *NOT_FOR_THE_BOOK])
def test_for_fastnn(taken, name, tmp_path):
    stored = json.loads(taken[name]["fastnn"])
    net = fastnn.Network(**stored["network"], dtype="float64")
    points = np.array(taken[name]["points"])
    got = net.feedforward(points[:, :2])
    np.testing.assert_allclose(got, np.array(taken[name]["outputs"]), rtol=1e-10, atol=1e-12)
    path = tmp_path / "network.json"
    path.write_text(taken[name]["fastnn"], encoding="utf-8")
    with pytest.raises(ValueError, match="expected a network that network2 saved"):
        network2.load(path)


def test_classes_have_their_names(taken):
    assert json.loads(taken["irises"]["fastnn"])["classes"] == ["setosa", "versicolor", "virginica"]
