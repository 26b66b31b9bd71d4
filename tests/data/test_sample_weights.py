"""fit(sample_weight=..., class_weight=...) against the reference, and what is refused."""

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn import reference as twins
from fastnn.data.targets import encode
from fastnn.data.validation_split import split_rows

X, LABELS = labelled()
Y = one_hot(LABELS)
WEIGHTS = np.random.default_rng(2).random(23) * 2
WEIGHTS[[3, 8]] = 0


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "quadratic"])
@pytest.mark.parametrize(
    ("optimizer", "twin"), [("sgd", twins.SGD), ("momentum", twins.Momentum), ("adam", twins.Adam)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_trajectory(dtype, optimizer, twin, cost, zeros):
    """Two epochs of five updates; the data cost is the weighted one, the accuracy is not."""
    x = X.astype(dtype)
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    weights, y = WEIGHTS.astype(dtype), Y.astype(dtype)
    net = small(seed=7, activation="tanh", cost=cost, dtype=dtype)
    expected, memory = reference(net), twin()

    def compare(net, epoch):
        costs, correct = [], 0
        for start in range(0, 23, 5):
            rows = slice(start, start + 5)
            costs.extend(weights[rows] * expected.data_costs(x[rows], y[rows]))
            correct += (expected.feedforward(x[rows]).argmax(axis=1) == LABELS[rows]).sum()
            expected.update_mini_batch(
                x[rows], y[rows], 0.05, 0.3, 0.7, 23, memory, weights=weights[rows]
            )
        for got, p in zip([*net.weights, *net.biases], expected.weights + expected.biases):
            assert_close(got, p)
        assert_close(epoch.data_cost, np.mean(costs))
        assert epoch.accuracy == correct / 23

    net.fit(
        x,
        LABELS,
        epochs=2,
        batch_size=5,
        learning_rate=0.05,
        l1=0.3,
        l2=0.7,
        optimizer=optimizer,
        shuffle=False,
        sample_weight=weights,
        callbacks=compare,
    )


def test_an_update_by_hand():
    """w <- w - (eta / m) sum s_i dC_i/dw, with m the number of rows."""
    net = fastnn.Network(
        [1, 1],
        cost="quadratic",
        output_activation="identity",
        dtype="float64",
        initializer=([[[2.0]]], [[[0.0]]]),
    )
    history = net.fit(
        [[1.0], [3.0]],
        [[0.0], [0.0]],
        epochs=1,
        batch_size=2,
        learning_rate=0.1,
        sample_weight=[1.0, 0.5],
    )
    # a = 2 and 6; dC/dw = a x = 2 and 18; C = 2 and 18
    assert_close(net.weights[0], [[2 - 0.1 * (1 * 2 + 0.5 * 18) / 2]])
    assert_close(net.biases[0], [[-0.1 * (1 * 2 + 0.5 * 6) / 2]])
    assert history.data_cost == [(1 * 2 + 0.5 * 18) / 2]


def test_rows_without_weight_teach_nothing():
    """Their targets don't matter, however wrong."""
    nets, labels = [small(), small()], LABELS.copy()
    labels[WEIGHTS == 0] = (labels[WEIGHTS == 0] + 1) % 3
    for net, y in zip(nets, (LABELS, labels), strict=True):
        net.fit(X, y, epochs=2, sample_weight=WEIGHTS)
    assert same_bits(*nets)


def test_weights_follow_their_rows_into_every_order():
    """A row of weight 2 is two rows in one mini-batch of all, whose mean has another divisor."""
    nets = [small(), small()]
    weights = np.where(np.arange(23) < 5, 2.0, 1.0)
    twice = np.concatenate([np.arange(23), np.arange(5)])
    nets[0].fit(X, LABELS, epochs=3, batch_size=99, learning_rate=0.23, sample_weight=weights)
    nets[1].fit(X[twice], LABELS[twice], epochs=3, batch_size=99, learning_rate=0.28)
    for one, other in zip(nets[0].weights, nets[1].weights, strict=True):
        assert_close(one, other)


@pytest.mark.parametrize(
    ("class_weight", "of_class"),
    [
        ({0: 2, 1: 0.5, 2: 0}, [2, 0.5, 0]),
        ({2: 3}, [1, 1, 3]),
        ({np.int64(1): 0.25}, [1, 0.25, 1]),
        ({}, [1, 1, 1]),
        ("balanced", [23 / (3 * 8), 23 / (3 * 8), 23 / (3 * 7)]),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["labels", "one-hot"])
def test_class_weights_are_sample_weights(form, class_weight, of_class):
    assert np.bincount(LABELS).tolist() == [8, 8, 7]
    by_class, by_row, y = small(), small(), LABELS if form == "labels" else Y
    by_class.fit(X, y, epochs=2, class_weight=class_weight)
    by_row.fit(X, y, epochs=2, sample_weight=np.array(of_class)[LABELS])
    assert same_bits(by_class, by_row)
    assert by_class.history.data_cost == by_row.history.data_cost


def test_class_weights_of_a_single_sigmoid():
    nets, labels = [fastnn.Network([5, 3, 1], seed=1) for _ in range(2)], (LABELS == 2).astype(int)
    nets[0].fit(X, labels, epochs=2, class_weight={0: 0.5, 1: 2})
    nets[1].fit(X, labels, epochs=2, sample_weight=np.where(labels == 1, 2, 0.5))
    assert same_bits(*nets)


def test_smoothed_labels_keep_their_weights():
    """Weights, and the classes of a split, follow from the labels as given."""
    nets = [small(cost=fastnn.CrossEntropy(label_smoothing=0.1)) for _ in range(2)]
    options = {"epochs": 2, "validation_split": 0.2}
    nets[0].fit(X, LABELS, class_weight={0: 2, 1: 0.5}, **options)
    nets[1].fit(X, LABELS, sample_weight=np.array([2, 0.5, 1])[LABELS], **options)
    assert same_bits(*nets)
    assert nets[0].history == {**nets[1].history, "seconds": nets[0].history.seconds}


def test_balanced_counts_only_classes_that_occur():
    nets, two = [small(), small()], LABELS % 2
    nets[0].fit(X, two, epochs=1, class_weight="balanced")
    counts = np.bincount(two)
    nets[1].fit(X, two, epochs=1, sample_weight=(23 / (2 * counts))[two])
    assert same_bits(*nets)


def split_off(net, y, share):
    """The rows that `validation_split` leaves to train on."""
    outputs = net.sizes[-1]
    targets = encode("y", y, len(y), outputs, "sigmoid", "cross_entropy", "float64")
    rng = np.random.default_rng([net._state.dropout_seed, 1])
    return split_rows(targets, share, rng)[0]


@pytest.mark.parametrize(("rows", "share"), [((99, 1), 0.5), ((50, 10), 0.25), ((98, 2), 0.25)])
def test_balanced_is_of_the_rows_that_are_trained(rows, share):
    """A class of one row keeps it: half of all rows would give it twice the weight."""
    y = np.repeat([0, 1], rows)
    x = np.zeros((100, 1))[: len(y)]
    net = fastnn.Network([1, 1], initializer="zeros", seed=0, dtype="float64")
    options = {"epochs": 1, "batch_size": 1000, "learning_rate": 1e-9}
    history = net.fit(x, y, class_weight="balanced", validation_split=share, **options)
    assert history.data_cost[0] == pytest.approx(np.log(2))  # a row weighs 1 on average
    assert abs(net.biases[0][0, 0] / 1e-9) < 1e-9  # both classes count the same
    apart = fastnn.Network([1, 1], initializer="zeros", seed=0, dtype="float64")
    kept = split_off(apart, y, share)
    assert apart.fit(x[kept], y[kept], class_weight="balanced", **options).data_cost == (
        history.data_cost
    )
    assert same_bits(net, apart)


def test_weights_are_checked_on_the_rows_that_are_trained():
    net = small()
    kept = split_off(net, LABELS, 0.5)
    before, weights = everything(net), np.ones(23)
    weights[kept] = 0
    with pytest.raises(ValueError, match=f"^sample_weight: .* above 0 in the {len(kept)} rows"):
        net.fit(X, LABELS, validation_split=0.5, sample_weight=weights)
    weights[kept[0]] = 1
    only = np.zeros(3)
    only[LABELS[kept[0]]] = 1  # no other class has a weight, and this one's is 0
    with pytest.raises(ValueError, match=f"^class_weight: .* above 0 in the {len(kept)} rows"):
        net.fit(
            X,
            LABELS,
            validation_split=0.5,
            sample_weight=weights,
            class_weight=dict(enumerate(1 - only)),
        )
    assert everything(net) == before
    net.fit(X, LABELS, epochs=1, validation_split=0.5, sample_weight=weights)
    assert everything(net) != before


def test_compiling_takes_a_first_row_without_weight():
    net, weights = small(), np.ones(23)
    weights[0] = 0
    before = everything(net)
    assert net.compile(X, LABELS, sample_weight=weights) > 0
    assert everything(net) == before


def test_both_kinds_are_multiplied():
    nets = [small(), small()]
    nets[0].fit(X, LABELS, epochs=1, sample_weight=WEIGHTS, class_weight={1: 3})
    nets[1].fit(X, LABELS, epochs=1, sample_weight=WEIGHTS * np.where(LABELS == 1, 3, 1))
    assert same_bits(*nets)


def test_weights_of_one_are_none():
    nets = [small(), small()]
    nets[0].fit(X, LABELS, epochs=2, l2=1.0)
    nets[1].fit(X, LABELS, epochs=2, l2=1.0, sample_weight=np.ones(23))
    assert same_bits(*nets)


@pytest.mark.parametrize("n_threads", [2, None])
def test_the_number_of_threads_changes_nothing(n_threads):
    nets = [small(), small()]
    for net, threads in zip(nets, (1, n_threads), strict=True):
        net.fit(X, LABELS, epochs=2, batch_size=20, sample_weight=WEIGHTS, n_threads=threads)
    assert same_bits(*nets)
    assert nets[0].history.data_cost == nets[1].history.data_cost


def test_what_is_clipped_is_the_weighted_gradient():
    net = small(seed=7)
    expected, one = reference(net), small(seed=7)
    settings = {"epochs": 1, "batch_size": 5, "shuffle": False, "sample_weight": 10 * WEIGHTS}
    net.fit(X, LABELS, optimizer=fastnn.SGD(clip_norm=0.5), **settings)
    expected.train(X, Y, np.arange(23), 5, 0.5, weights=10 * WEIGHTS, clip_norm=0.5)
    for got, p in zip([*net.weights, *net.biases], expected.weights + expected.biases):
        assert_close(got, p)
    one.fit(X, LABELS, **settings)
    assert not same_bits(net, one)


@pytest.mark.parametrize("rows", [23, 300])
def test_evaluate_weighs_costs_but_not_accuracies(rows):
    """(1 / n) sum s_i C_i, over several blocks of rows as well."""
    x, labels = labelled(rows, seed=4)
    weights, net = np.random.default_rng(3).random(rows), small()
    measured = net.evaluate(x, labels, sample_weight=weights)
    costs = reference(net).data_costs(x, one_hot(labels))
    assert_close(measured.data_cost, np.mean(weights * costs))
    plain = net.evaluate(x, labels)
    assert_close(plain.data_cost, np.mean(costs))
    assert measured.accuracy == plain.accuracy
    with pytest.raises(ValueError, match="^sample_weight: expected shape"):
        net.evaluate(x, labels, sample_weight=weights[1:])


SAMPLE = "sample_weight: "
CLASS = "class_weight"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": WEIGHTS[:-1]}, SAMPLE + r"expected shape \(23,\), .*got \(22,\)"),
        ({"sample_weight": WEIGHTS[:, None]}, SAMPLE + r"expected shape .*got \(23, 1\)"),
        ({"sample_weight": 1.0}, SAMPLE + r"expected shape \(23,\), .*got \(\)"),
        ({"sample_weight": -WEIGHTS}, SAMPLE + "expected weights of 0 or more, .*got .* from -1"),
        ({"sample_weight": np.zeros(23)}, SAMPLE + "expected a weight above 0 in the 23 rows"),
        ({"sample_weight": np.full(23, np.nan)}, SAMPLE + "expected finite numbers, got nan"),
        ({"sample_weight": ["a"] * 23}, SAMPLE + "expected real numbers"),
        ({"class_weight": {3: 1.0}}, CLASS + ": expected labels from 0 to 2, got 3"),
        ({"class_weight": {-1: 1.0}}, CLASS + ": expected labels from 0 to 2, got -1"),
        ({"class_weight": {"a": 1.0}}, CLASS + ": expected labels .*, got the text 'a'; .*unique"),
        ({"class_weight": {1: -1}}, CLASS + r"\[1\]: expected a finite number, 0 or more, got -1"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, CLASS + ": expected a weight above 0 .*, got none"),
        (
            {"class_weight": {0: 0}, "sample_weight": LABELS == 0},
            CLASS + ": expected a weight above 0 in the 23 rows .*, got none",
        ),
        ({"class_weight": "balance"}, CLASS + ": expected one of balanced; .*mean 'balanced'"),
        ({"class_weight": [1, 1, 1]}, CLASS + ": expected a dict from labels to weights or "),
        (
            {"class_weight": {}, "y": X[:, :3] ** 2 % 1},
            CLASS + ": expected targets that name a class",
        ),
    ],
)
def test_bad_weights(options, message):
    net = small()
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        net.fit(**{"x": X, "y": LABELS, **options})
    assert everything(net) == before


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_mean_over_weights(optimizer):
    """Then a factor of all weights has no effect, and the data cost is a weighted mean."""
    nets = [small(seed=7, cost="quadratic", dtype="float64") for _ in range(3)]
    twin = reference(nets[0])
    settings = {"learning_rate": 0.05, "l2": 0.7, "l1": 0.3, "optimizer": optimizer}
    fit = {**settings, "batch_size": 5, "shuffle": False, "mean_over": "weights"}
    histories = [
        net.fit(X, LABELS, epochs=1, sample_weight=WEIGHTS * factor, **fit)
        for net, factor in zip(nets, (1, 10), strict=False)
    ]
    memory, costs = twins.SGD() if optimizer == "sgd" else twins.Adam(), []
    for start in range(0, 23, 5):
        rows = slice(start, start + 5)
        x, y, s = X[rows].astype(float), Y[rows].astype(float), WEIGHTS[rows]
        costs.append(len(x) * np.average(twin.data_costs(x, y), weights=s))
        twin.update_mini_batch(x, y, 0.05, 0.3, 0.7, 23, memory, weights=s, by_weight=True)
    for got, expected in zip(nets[0].weights, twin.weights, strict=True):
        assert_close(got, expected)
    for got, expected in zip(nets[1].weights, nets[0].weights, strict=True):
        assert_close(got, expected)
    assert histories[0].data_cost[0] == pytest.approx(sum(costs) / 23)
    # Without weights there is nothing to tell the two apart.
    for net, mean_over in zip(nets[1:], ("rows", "weights"), strict=True):
        net.weights, net.biases = nets[0].weights, nets[0].biases
        net.fit(X, LABELS, **{**fit, "epochs": 1, "optimizer": "sgd", "mean_over": mean_over})
    assert np.array_equal(nets[1].weights[0], nets[2].weights[0])
    with pytest.raises(ValueError, match="mean_over: expected one of rows, weights"):
        nets[0].fit(X, LABELS, mean_over="row")


def test_validation_rows_with_weights():
    net = small(seed=7)
    history = net.fit(X, LABELS, epochs=2, validation_data=(X, LABELS, WEIGHTS))
    expected = net.evaluate(X, LABELS, sample_weight=WEIGHTS)
    assert history.validation_data_cost[-1] == pytest.approx(expected.data_cost)
    assert history.validation_accuracy[-1] == expected.accuracy
    (fitted,) = fastnn.fit_many(
        [{"seed": 7}], X, LABELS, sizes=net.sizes, validation_data=(X, LABELS, WEIGHTS), epochs=1
    )
    assert fitted.history.validation_data_cost[0] != pytest.approx(
        fitted.net.evaluate(X, LABELS).data_cost, rel=1e-3
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((X, LABELS, WEIGHTS[:5]), r"validation sample_weight: expected shape \(23,\)"),
        ((X, LABELS, -WEIGHTS), "validation sample_weight: expected weights of 0 or more"),
        ((X, LABELS, WEIGHTS * 0), "sample_weight: expected a weight above 0"),
        ((X,), r"validation_data: expected \(x, y\) or \(x, y, sample_weight\), got 1 items"),
    ],
)
def test_wrong_weights_of_validation_rows(given, message):
    with pytest.raises(ValueError, match=message):
        small(seed=7).fit(X, LABELS, validation_data=given)
