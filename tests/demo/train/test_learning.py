"""What the page computes, in Node: against differences, fastnn's reference and its kernels."""

import numpy as np
import pytest
from page_scripts import in_node
from page_training import page_trainings
from tolerance import assert_close

import fastnn
from fastnn.reference.network import Reference, penalty

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")
COSTS = ("cross_entropy", "log_likelihood", "quadratic")
BOTH = {"l1": 0.4, "l2": 1.5, "eta": 0.3, "m": 8, "rows": 70, "hidden": "5-4"}

# For each activation and cost: the largest difference of a gradient's entries.
GRADIENTS = """
const { train } = fastnn;
const random = new train.Random(3, "test");
const rows = Array.from({ length: 4 }, () => [random.normal(), random.normal()]);
const results = [];
for (const activation of given.activations) {
  for (const [cost, output, outputs] of given.costs) {
    const network = new train.Network([2, 5, 4, outputs], activation, cost, output);
    network.initialize(random);
    const y = (i) => (k) => (outputs === 1 ? 0.3 * i : Number(k === i % outputs));
    const total = () => rows.reduce((sum, row, i) => {
      network.feedforward(row, 0);
      return sum + network.dataCost(y(i));
    }, 0);
    rows.forEach((row, i) => {
      network.feedforward(row, 0);
      network.backpropagate(y(i));
    });
    let [worst, largest] = [0, 0];
    const parameters = [...network.weights, ...network.biases];
    [...network.nablaW, ...network.nablaB].forEach((nabla, l) => nabla.forEach((value, i) => {
      const kept = parameters[l][i];
      const h = 1e-5;
      const at = (shift) => {
        parameters[l][i] = kept + shift;
        return total();
      };
      const slope = (at(h) - at(-h)) / (2 * h);
      parameters[l][i] = kept;
      worst = Math.max(worst, Math.abs(slope - value));
      largest = Math.max(largest, Math.abs(value));
    }));
    results.push({ activation, cost, output, worst, largest });
  }
}
return results;
"""


def test_gradients_are_those_of_differences(tab):
    costs = [(cost, None, 3) for cost in COSTS] + [("quadratic", "identity", 1)]
    program = GRADIENTS.replace("cost, output);", "cost, output ?? undefined);")
    found = in_node(tab, program, {"activations": ACTIVATIONS, "costs": costs})
    assert len(found) == 16
    for each in found:
        assert each["worst"] < 1e-8 * max(1, each["largest"]), each
        assert each["largest"] > 1e-2, each


OTHERS = {
    "L2": {"l1": 0, "l2": 3},
    "L1": {"l1": 2, "l2": 0},
    "no penalty": {"l1": 0, "l2": 0},
    "a number": {"data": "hills", "l1": 0.1, "l2": 0.2, "eta": 0.1},
    "no hidden layer": {"hidden": "none", "init": "large"},
    "all rows at once": {"m": 3000},
    "another view": {"data": "iris", "eta": 0.05},
}
KERNELS = {
    ("sigmoid", "cross_entropy"): {"l1": 0, "l2": 2},
    ("tanh", "log_likelihood"): {"l1": 1, "l2": 0},
    ("relu", "quadratic"): {"watch": "test"},
}
DIVERGING = {
    "cost": {"data": "hills", "hidden": "none", "eta": 4},
    "weights": {"data": "hills", "activation": "identity", "eta": 0.8, "rows": 60},
}


def all_cases():
    """{name: (epochs, settings)} of all trainings here."""
    cases = {
        (activation, cost): (3, {**BOTH, "data": "blobs", "activation": activation, "cost": cost})
        for activation in ACTIVATIONS
        for cost in COSTS
    }
    cases |= {name: (3, {**BOTH, **more}) for name, more in OTHERS.items()}
    cases |= {
        ("kernels", *names): (4, {**BOTH, "activation": names[0], "cost": names[1], **more})
        for names, more in KERNELS.items()
    }
    cases |= {name: (2, BOTH) for name in ("once", "again")}
    cases |= {name: (2, {**BOTH, name: 1}) for name in ("seed", "dataseed")}
    return cases | {name: (500, settings) for name, settings in DIVERGING.items()}


@pytest.fixture(scope="module")
def trainings(tab):
    return page_trainings(tab, all_cases())


def assert_as_reference(trained):
    """After the same epochs, fastnn's plain NumPy has the same parameters."""
    net = Reference(*trained.first, trained.activations, trained.cost)
    l1, l2, eta = (float(trained.settings[name] or 0) for name in ("l1", "l2", "eta"))
    for order in trained.orders:
        net.train(trained.x, trained.y, np.array(order), trained.m, eta, l1, l2)
    assert_same(trained, net)


def assert_same(trained, net):
    for l, (w, b) in enumerate(zip(*trained.last, strict=True)):
        assert_close(w, np.asarray(net.weights[l]))
        assert_close(b, np.asarray(net.biases[l]))
        assert np.abs(w - trained.first[0][l]).max() > 0.01


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_updates_are_those_of_the_reference(trainings, activation, cost):
    trained = trainings[activation, cost]
    assert (trained.activation, trained.cost) == (activation, cost)
    assert len(trained.orders) == 3
    assert trained.n % trained.m  # the last mini-batch is a short one
    assert all(sorted(order) == trained.training.tolist() for order in trained.orders)
    assert trained.orders[0] != trained.orders[1]
    assert_as_reference(trained)


@pytest.mark.parametrize("name", OTHERS)
def test_so_they_are_with_other_settings(trainings, name):
    assert_as_reference(trainings[name])


@pytest.mark.parametrize(("activation", "cost"), KERNELS)
def test_updates_are_those_of_the_kernels(trainings, activation, cost):
    trained = trainings["kernels", activation, cost]
    l1, l2 = (float(trained.settings[name] or 0) for name in ("l1", "l2"))
    net = fastnn.Network(
        trained.sizes,
        activation,
        cost,
        output_activation=trained.output,
        initializer=trained.first,
        dtype="float64",
    )
    test = trained.x[trained.test], trained.y[trained.test]
    penalties = trained.series["penalty"][1:]
    for figures, order, shown in zip(trained.figures[1:], trained.orders, penalties, strict=True):
        rows = trained.x[order], trained.y[order]
        net.fit(*rows, epochs=1, batch_size=8, learning_rate=0.3, l1=l1, l2=l2, shuffle=False)
        for name, data in (("training", rows), ("test", test)):
            found = net.evaluate(*data)
            assert_close(figures[name]["dataCost"], found.data_cost)
            assert figures[name]["accuracy"] == found.accuracy
        assert_close(shown[1], net.history.penalty[-1])
    assert_same(trained, net)


def test_the_curves_are_data_cost_penalty_and_their_sum(trainings):
    trained = trainings["kernels", "relu", "quadratic"]  # watched on the test rows
    series = trained.series
    assert [epoch for epoch, _ in series["sum"]] == [0, 1, 2, 3, 4]
    for i, figures in enumerate(trained.figures):
        assert series["dataCost"][i][1] == figures["test"]["dataCost"]
        assert series["otherDataCost"][i][1] == figures["training"]["dataCost"]
        assert series["sum"][i][1] == series["dataCost"][i][1] + series["penalty"][i][1]
        assert series["training"][i][1] == figures["training"]["accuracy"]
        assert series["test"][i][1] == figures["test"]["accuracy"]
    for i, weights in ((0, trained.first[0]), (-1, trained.last[0])):
        assert_close(series["penalty"][i][1], penalty(weights, 0.4, 1.5, trained.n))


def test_the_same_settings_give_the_same_numbers(trainings):
    once, again, seed, dataseed = (
        trainings[name] for name in ("once", "again", "seed", "dataseed")
    )
    assert once.figures == again.figures
    assert np.array_equal(seed.x, once.x)
    assert seed.figures != once.figures
    assert seed.orders != once.orders
    assert not np.array_equal(dataseed.x, once.x)
    assert dataseed.orders == once.orders


def test_numbers_that_are_none_end_it_with_the_weights_of_before(tab, trainings):
    for name, layer in (("cost", 0), ("weights", 1)):
        trained = trainings[name]
        failure = trained.failure
        assert failure["layer"] == layer
        assert failure["epoch"] >= 2
        assert 1 <= failure["update"] <= 21
        assert len(trained.orders) == len(trained.figures) == failure["epoch"]
        settings = DIVERGING[name]
        before = page_trainings(tab, {"before": (failure["epoch"] - 1, settings)})["before"]
        assert before.failure is None
        for got, expected in zip(trained.last, before.last, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))
        assert "infinite or NaN" in trained.verdict["title"]
        assert (
            f"epoch {failure['epoch']}, at update {failure['update']}." in trained.verdict["title"]
        )
        assert float(trained.verdict["mended"]["eta"]) == settings["eta"] / 10


# The figures' epochs after so many updates of three an epoch, and where the training is.
STEPS = """
const { train } = fastnn;
return given.map((updates) => {
  const training = train.experiment.begin({ ...train.settings.usual(), rows: 40, m: 10 });
  for (let i = 0; i < updates; i++) training.update();
  training.record();
  return [training.epoch, training.updates, training.figures.map(({ epoch }) => epoch)];
});
"""


def test_figures_of_each_epoch_and_of_single_updates(tab):
    one, epoch, more, many = in_node(tab, STEPS, [1, 3, 7, 3 * 2200])
    assert one == [0, 1, [0, 1 / 3]]
    assert epoch == [1, 0, [0, 1]]
    assert more == [2, 1, [0, 1, 2, 2 + 1 / 3]]
    epochs = many[2]  # every so many, at equal distances
    assert len(epochs) < 1000
    assert (epochs[0], epochs[-1]) == (0, 2200)
    assert len(set(np.diff(epochs[:-1]))) == 1


PIECES = """
const { train } = fastnn;
const settings = { ...train.settings.usual(), rows: 1500, m: 100 };
const [whole, pieces] = [train.experiment.begin(settings), train.experiment.begin(settings)];
while (whole.epoch < 3) whole.update();
let works = 0;
while (pieces.epoch < 3) works += pieces.work();
pieces.work();
pieces.update(); // an epoch's second
return [whole.figures, pieces.figures, works, pieces.updates];
"""


def test_measuring_in_pieces_changes_nothing(tab):
    whole, pieces, works, updates = in_node(tab, PIECES)
    assert pieces == whole
    assert works > 3 * 11  # 1050 training rows: 11 updates an epoch, and more to measure
    assert updates == 2
