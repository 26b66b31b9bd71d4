"""Schedules: the rates by hand, and fit with a rate of its own for each mini-batch."""

import math
import pickle

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn import reference as twins
from fastnn.training import schedules

X, LABELS = labelled()
VALIDATION = labelled(11, seed=3)
TIMES = np.array([0.0, 0.25, 1.0, 2.5, 5.0, 9.75])  # of 10 epochs


def figures(*accuracies):
    """Epochs with these validation accuracies."""
    return [
        fastnn.Epoch(i + 1, 0.1, 1.0, 0.0, 0.5, 1.0, accuracy)
        for i, accuracy in enumerate(accuracies)
    ]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (fastnn.Step(0.8, every=2.5), lambda t: 0.8 * 0.5 ** (t // 2.5)),
        (fastnn.Step(0.8, every=1, factor=0.1), lambda t: 0.8 * 0.1 ** int(t)),
        (fastnn.Exponential(0.8, factor=0.9), lambda t: 0.8 * 0.9**t),
        (fastnn.Cosine(0.8), lambda t: 0.8 * math.cos(math.pi * t / 20) ** 2),
        (fastnn.Cosine(0.8, end=0.2), lambda t: 0.2 + 0.6 * math.cos(math.pi * t / 20) ** 2),
        (
            fastnn.OneCycle(0.8, start=0.2, end=0.1, rise=0.4),
            lambda t: (
                0.2 + 0.6 * math.sin(math.pi / 2 * t / 4) ** 2
                if t < 4
                else 0.1 + 0.7 * math.cos(math.pi / 2 * (t - 4) / 6) ** 2
            ),
        ),
        (fastnn.WarmUp(0.8, epochs=2), lambda t: 0.8 * min(1, t / 2)),
        (
            fastnn.WarmUp(fastnn.Cosine(0.8, end=0.2), epochs=2.5, start=0.4),
            lambda t: (
                0.4 + 0.4 * t / 2.5
                if t < 2.5
                else 0.2 + 0.6 * math.cos(math.pi / 2 * (t - 2.5) / 7.5) ** 2
            ),
        ),
        (
            fastnn.WarmUp(fastnn.Step(0.8, every=1), epochs=1),
            lambda t: 0.8 * t if t < 1 else 0.8 * 0.5 ** int(t - 1),
        ),
        (schedules.as_schedule("", lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
        (schedules.as_schedule("", 0.3), lambda t: 0.3),
    ],
    ids=lambda each: type(each).__name__,  # the same in each process that collects tests
)
def test_rates(schedule, expected):
    rates = schedule.rates(TIMES, 10)
    assert rates.dtype == np.float64
    assert_close(rates, np.array([expected(t) for t in TIMES]))
    assert schedule.largest(10) == pytest.approx(
        max(expected(t) for t in np.arange(0, 10, 0.01)), rel=1e-6
    )
    assert not schedule.finished(figures(0.5, 0.5))


def test_the_ends_of_a_cycle():
    """By default peak / 25, and 10,000 times less at the end."""
    rates = fastnn.OneCycle(0.5).rates(np.array([0.0, 3.0, 10.0]), 10)
    np.testing.assert_allclose(rates, [0.02, 0.5, 2e-6], rtol=1e-9)


def test_halving_on_a_plateau():
    """Best at the second epoch; 2 epochs without improvement halve, and again, and stop."""
    schedule = fastnn.HalveOnPlateau(0.8, patience=2, stop=8)
    accuracies = [0.5, 0.6, 0.6, 0.55, 0.5, 0.7, 0.7, 0.7, 0.7, 0.7]
    expected = [0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2]
    for k, eta in enumerate(expected):
        past = figures(*accuracies[:k])
        np.testing.assert_array_equal(schedule.rates(TIMES, 10, past), np.full(len(TIMES), eta))
        assert not schedule.finished(past)
    assert schedule.finished(figures(*accuracies))


def test_the_books_exercise_stops_at_a_128th():
    schedule = fastnn.HalveOnPlateau(0.5)
    assert not schedule.finished(figures(0.9, *[0.8] * 69))
    assert schedule.rates(TIMES, 100, figures(0.9, *[0.8] * 69))[0] == 0.5 / 64
    assert schedule.finished(figures(0.9, *[0.8] * 70))


def test_plateaus_of_costs_and_small_improvements():
    falling = [epoch._replace(data_cost=1 - 0.1 * i) for i, epoch in enumerate(figures(*[0.5] * 5))]
    for options, halvings in [
        ({}, 0),
        ({"mode": "max"}, 2),
        ({"min_delta": 0.15}, 0),
        ({"min_delta": 0.25}, 1),
    ]:
        schedule = fastnn.HalveOnPlateau(1.0, patience=2, monitor="data_cost", **options)
        assert schedule.rates(TIMES, 10, falling)[0] == 0.5**halvings, options


def test_a_plateau_after_a_warm_up():
    schedule = fastnn.WarmUp(fastnn.HalveOnPlateau(0.8, patience=1, stop=4), epochs=1.5)
    assert schedule.monitored() == "validation_accuracy"
    assert_close(schedule.rates(np.array([0.75, 1.5]), 9, figures(0.5)), np.array([0.4, 0.8]))
    assert schedule.rates(np.array([4.0]), 9, figures(0.9, 0.8, 0.5, 0.5)).tolist() == [0.4]
    assert schedule.finished(figures(0.9, 0.8, 0.5, 0.5, 0.5))


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize(
    ("optimizer", "twin"), [("sgd", twins.SGD), ("momentum", twins.Momentum), ("adam", twins.Adam)]
)
@pytest.mark.parametrize(
    "eta",
    [lambda t: 0.05 + 0.04 * math.sin(7 * t), fastnn.WarmUp(fastnn.Cosine(0.1), epochs=0.7)],
    ids=["function", "warm-up"],
)
def test_trajectory(eta, optimizer, twin, zeros):
    """Fifteen updates, each with a rate of its own."""
    x, y = X.copy(), one_hot(LABELS)
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    net = small(seed=7, activation="tanh")
    expected, memory, first = reference(net), twin(), net.weights[0].copy()
    rates = schedules.as_schedule("", eta)

    net.fit(
        x,
        LABELS,
        epochs=3,
        batch_size=5,
        learning_rate=eta,
        l1=0.3,
        l2=0.7,
        optimizer=optimizer,
        shuffle=False,
    )
    for epoch in range(3):
        for start in range(0, 23, 5):
            rows = slice(start, start + 5)
            (rate,) = rates.rates(np.array([epoch + start / 23]), 3)
            expected.update_mini_batch(x[rows], y[rows], rate, 0.3, 0.7, 23, memory)
        assert net.history.learning_rate[epoch] == pytest.approx(rate, rel=1e-12)
    for got, w in zip([*net.weights, *net.biases], expected.weights + expected.biases, strict=True):
        assert_close(got, w)
    assert np.abs(net.weights[0] - first).max() > 0.01


@pytest.mark.parametrize(
    "constant", [fastnn.Step(0.3, every=99), lambda t: 0.3], ids=["schedule", "function"]
)
def test_a_constant_schedule_is_the_number(constant):
    one, other = small(), small()
    one.fit(X, LABELS, epochs=2, batch_size=5, learning_rate=0.3, l2=1.0)
    other.fit(X, LABELS, epochs=2, batch_size=5, learning_rate=constant, l2=1.0)
    assert same_bits(one, other)
    assert one.history.learning_rate == other.history.learning_rate == [0.3, 0.3]


def test_each_fit_begins_the_schedule_anew():
    net = small()
    for _ in range(2):
        net.fit(X, LABELS, epochs=2, batch_size=23, learning_rate=fastnn.Step(0.4, every=1))
    assert net.history.learning_rate == [0.4, 0.2, 0.4, 0.2]


def test_a_function_gets_the_epochs_since_fit_began():
    times, net = [], small()
    net.fit(X, LABELS, epochs=1)
    net.fit(X, LABELS, epochs=2, batch_size=10, learning_rate=lambda t: times.append(t) or 0.1)
    assert all(type(t) is float for t in times)
    expected = np.array([0, 10 / 23, 20 / 23, 1, 33 / 23, 43 / 23])
    assert_close(np.array(times[-6:]), expected)


def test_fit_halves_on_a_plateau_and_stops():
    """The figure improves in the first epoch only: no later one exceeds it by so much."""
    net = small()
    schedule = fastnn.HalveOnPlateau(0.4, patience=2, stop=4, monitor="data_cost", min_delta=1e6)
    history = net.fit(X, LABELS, epochs=50, learning_rate=schedule)
    assert history.learning_rate == [0.4, 0.4, 0.4, 0.2, 0.2]


BAD = {
    "Step: eta: expected a finite number above 0, got 0": lambda: fastnn.Step(0, 1),
    "Step: every: expected a finite number above 0, got 0": lambda: fastnn.Step(1, 0),
    "Step: factor: expected a finite number above 0, got -1": lambda: fastnn.Step(1, 1, -1),
    "Exponential: factor: expected a number, got None": lambda: fastnn.Exponential(1, None),
    "Cosine: eta: expected a number, got 'a'": lambda: fastnn.Cosine("a"),
    "Cosine: end: expected a finite number, 0 or more, got -1": lambda: fastnn.Cosine(1, -1),
    "OneCycle: peak: expected a finite number above 0, got nan": lambda: fastnn.OneCycle(math.nan),
    "OneCycle: start: expected a finite number": lambda: fastnn.OneCycle(1, start=-1),
    "OneCycle: rise: expected a number in": lambda: fastnn.OneCycle(1, rise=1.0),
    "WarmUp: then: expected a finite number above 0, got 0": lambda: fastnn.WarmUp(0),
    "WarmUp: epochs: expected a finite number above 0": lambda: fastnn.WarmUp(1, epochs=0),
    "WarmUp: start: expected a finite number, 0 or more": lambda: fastnn.WarmUp(1, start=-1),
    "HalveOnPlateau: patience: expected at least 1, got 0": lambda: fastnn.HalveOnPlateau(1, 0),
    "HalveOnPlateau: stop: expected a number above 1, got 1": lambda: fastnn.HalveOnPlateau(
        1, stop=1
    ),
    "HalveOnPlateau: monitor: expected one of .* did you mean 'validation_accuracy'": (
        lambda: fastnn.HalveOnPlateau(1, monitor="val_accuracy")
    ),
    "HalveOnPlateau: mode: expected one of min, max; got 'up'": lambda: fastnn.HalveOnPlateau(
        1, mode="up"
    ),
}


@pytest.mark.parametrize(("message", "make"), BAD.items(), ids=BAD)
def test_bad_schedules_are_refused_at_once(message, make):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        make()


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (lambda t: "a", r"learning_rate\(0\): expected a number, got 'a'"),
        (lambda t: 1.5 - t, r"learning_rate\(1.502\): expected a finite number, 0 or more"),
        (lambda t: np.nan, r"learning_rate\(0\): expected a finite number, 0 or more, got nan"),
        (lambda t: 0, "learning_rate: its largest value: expected a finite number above 0"),
        (fastnn.Cosine, "learning_rate: expected a number, got <class"),
        (
            fastnn.HalveOnPlateau(0.5),
            "learning_rate: expected validation_data or .*, as it goes by validation_accuracy",
        ),
    ],
)
def test_rates_that_fit_refuses(rate, message):
    net = small()
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        net.fit(X, LABELS, epochs=2, learning_rate=rate)
    assert everything(net) == before


def test_schedules_are_values():
    schedule = fastnn.WarmUp(fastnn.Cosine(0.5), 2)
    assert schedule == fastnn.WarmUp(fastnn.Cosine(0.5), 2) == pickle.loads(pickle.dumps(schedule))
    assert schedule != fastnn.WarmUp(fastnn.Cosine(0.4), 2)
    with pytest.raises(AttributeError):
        schedule.epochs = 3
