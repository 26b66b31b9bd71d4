"""What is drawn from a seed, and which rows the network learns from."""

import numpy as np
import pytest
from page_scripts import in_node

SETS = {"moons": 2, "circles": 2, "checkers": 2, "spiral": 2, "blobs": 3, "iris": 3, "hills": 0}


def mixed(x):
    x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ (x >> 15)) * 0x846CA68B & 0xFFFFFFFF
    return x ^ (x >> 16)


def uniforms(seed, stream, count):
    """mulberry32, in Python."""
    state = mixed(seed)
    for letter in stream.encode():
        state = mixed((state + letter) & 0xFFFFFFFF)
    for _ in range(count):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = (state ^ (state >> 15)) * (1 | state) & 0xFFFFFFFF
        t = (t + ((t ^ (t >> 7)) * (61 | t) & 0xFFFFFFFF)) & 0xFFFFFFFF ^ t
        yield (t ^ (t >> 14)) / 2**32


DRAWN = """
const random = () => new fastnn.train.Random(...given);
const many = (f) => Array.from({ length: 4000 }, f);
const [a, b] = [random(), random()];
return [many(() => a.uniform()), many(() => b.normal()), random().shuffle(many((_, i) => i))];
"""


def test_random_numbers(tab):
    seed = 12345
    uniform, normal, order = map(np.array, in_node(tab, DRAWN, [seed, "weights"]))
    assert uniform.tolist() == list(uniforms(seed, "weights", 4000))
    assert abs(normal.mean()) < 4 / np.sqrt(4000)
    assert abs(normal.var() - 1) < 0.1
    assert abs((normal**4).mean() - 3) < 0.6
    assert sorted(order) == list(range(4000))
    assert (order == np.arange(4000)).sum() < 10
    other = np.array(in_node(tab, DRAWN, [seed, "order"])[0])
    assert abs(np.corrcoef(uniform, other)[0, 1]) < 0.06


POINTS = """
const { train } = fastnn;
return given.map(([name, count, noise]) => train.datasets.points(name, count, noise, 0));
"""


@pytest.fixture(scope="module")
def points(tab):
    found = in_node(tab, POINTS, [(name, 120, 0.1) for name in SETS])
    return {name: np.array(rows) for name, rows in zip(SETS, found, strict=True)}


@pytest.mark.parametrize("name", SETS)
def test_data_sets(points, name):
    rows = points[name]
    assert rows.shape == (120, 3)
    assert len({tuple(row) for row in rows}) == 120
    counts = np.unique(rows[:, 2], return_counts=True)[1]
    if SETS[name]:
        assert len(counts) == SETS[name]
        assert counts.min() > 25
    edges = {"iris": (0, 8, -0.75, 3.25)}.get(name, (-1.25, 1.25, -1.25, 1.25))
    inside = (rows[:, 0] > edges[0]) & (rows[:, 0] < edges[1])
    inside &= (rows[:, 1] > edges[2]) & (rows[:, 1] < edges[3])
    assert inside.mean() > 0.97


def test_irises_are_fisher_s(tab):
    """Means and sums of squares of each species, in cm."""
    (rows,) = in_node(tab, POINTS, [("iris", 3000, 0)])
    rows = np.array(rows)
    species = [rows[rows[:, 2] == c, :2] for c in range(3)]
    assert [len(each) for each in species] == [50, 50, 50]
    means = [each.mean(axis=0) for each in species]
    np.testing.assert_allclose(means, [(1.462, 0.246), (4.26, 1.326), (5.552, 2.026)], atol=1e-9)
    squares = [49 * each.var(axis=0, ddof=1) for each in species]
    expected = [(1.4778, 0.5442), (10.82, 1.9162), (14.9248, 3.6962)]
    np.testing.assert_allclose(squares, expected, atol=1e-9)


SPLIT = """
const { Rows } = fastnn.train;
return given.map(([points, classes, view, percentage]) => {
  const rows = new Rows(points, classes, view, percentage);
  return { training: rows.training, test: rows.test, inputs: Array.from(rows.inputs) };
});
"""
USUAL = [-1.25, 1.25, -1.25, 1.25]


@pytest.mark.parametrize("percentage", [0, 1, 20, 33, 90])
def test_test_rows_are_so_many_of_each_class(tab, percentage):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 500)
    rows = [[float(x), float(y), int(c)] for (x, y), c in zip(rng.random((500, 2)), labels)]
    whole, before = in_node(
        tab, SPLIT, [(rows, 3, USUAL, percentage), (rows[:300], 3, USUAL, percentage)]
    )
    assert sorted(whole["training"] + whole["test"]) == list(range(500))
    for c in range(3):
        count = np.count_nonzero(labels[whole["test"]] == c)
        assert count == np.count_nonzero(labels == c) * percentage // 100
    assert before["test"] == [i for i in whole["test"] if i < 300]  # a new point moves none


def test_inputs_are_scaled_by_the_view(tab):
    rows = [[0.3, -0.7, 0], [1.25, 1.25, 1]]
    usual, shifted = in_node(tab, SPLIT, [(rows, 2, USUAL, 0), (rows, 2, [0, 5, -2, 3], 0)])
    assert usual["inputs"] == [0.3, -0.7, 1.25, 1.25]
    expected = [((x - 2.5) / 2, (y - 0.5) / 2) for x, y, _ in rows]
    np.testing.assert_allclose(np.reshape(shifted["inputs"], (-1, 2)), expected, rtol=1e-15)


OWN = """
const { train } = fastnn;
return given.map((texts) => {
  const { settings, notes } = train.settings.fromAddress((name) => texts[name] ?? null);
  if (notes.length) throw new Error(notes.join());
  const { rows, network } = train.experiment.begin(settings);
  const names = train.experiment.namesOf(settings);
  return { points: rows.points.slice(-2), count: rows.points.length, view: rows.view, names,
           outputs: network.sizes.at(-1) };
});
"""


def test_the_reader_s_own_points(tab):
    own = {"points": "0.5_0.25_1*7_3_2", "classes": "a*b*c"}
    beside, alone, chosen, iris, hills = in_node(
        tab,
        OWN,
        [
            own,
            {**own, "data": "own"},
            {**own, "data": "own", "view": "0_5_0_5"},
            {**own, "data": "iris", "noise": "0"},
            {**own, "data": "hills"},
        ],
    )
    assert beside["points"][-1] == [0.5, 0.25, 1]  # the other one is out of sight
    assert (beside["count"], beside["outputs"], beside["names"]) == (301, 2, ["0", "1", "2"])
    assert alone["points"] == [[0.5, 0.25, 1], [7, 3, 2]]
    assert (alone["count"], alone["outputs"], alone["names"]) == (2, 3, ["a", "b", "c"])
    left, right, bottom, top = alone["view"]
    assert left < 0.5 < 7 < right
    assert bottom < 0.25 < 3 < top
    assert (chosen["points"], chosen["view"]) == ([[0.5, 0.25, 1]], [0, 5, 0, 5])
    assert (iris["count"], iris["names"][1]) == (152, "versicolor")
    assert (hills["count"], hills["outputs"]) == (300, 1)


VIEWS = "return given.map((points) => fastnn.train.viewOf(points));"


def test_a_view_has_all_points_in_it(tab):
    clouds = [[[100, -3], [250, 4]], [[5, 5]], [[0, 0], [0, 3e-5]], [[-1e6, 1e6], [1e6, -1e6]]]
    inside, *others = in_node(tab, VIEWS, [[[1, -1], [0.2, 1.2]], *clouds])
    assert inside == USUAL
    for cloud, (left, right, bottom, top) in zip(clouds, others, strict=True):
        for x, y in cloud:
            assert left < x < right or cloud == clouds[2]
            assert bottom < y < top or cloud == clouds[2]
            assert left <= x <= right
            assert bottom <= y <= top


PLACES = """
const { pointAt, nearest } = fastnn.train.markers;
const view = [-1.25, 1.25, -1.25, 1.25];
return [
  pointAt(view, 100, 50, 200, 200),
  pointAt([0, 1000, 0, 0.001], 100, 50, 200, 200),
  nearest([[0, 0, 1], [0.1, 0, 0], [0, 0, 2]], view, [101, 100], 200, 200),
  nearest([[0, 0, 1]], view, [130, 100], 200, 200),
];
"""


def test_points_under_a_click(tab):
    assert in_node(tab, PLACES) == [[0, 0.625], [500, 0.00075], 2, -1]
