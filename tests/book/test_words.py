"""What the book's networks say of masked entries and of targets that are out of reach."""

import warnings

import numpy as np
import pytest

import fastnn
from fastnn.book import network, network2

pytestmark = pytest.mark.filterwarnings("error")

RNG = np.random.default_rng(0)
LABELS = np.arange(12) % 3
COLUMNS = [RNG.standard_normal((3, 1)) for _ in LABELS]
TRAINING = [(x, np.eye(3)[:, [j]]) for x, j in zip(COLUMNS, LABELS)]
TESTS = list(zip(COLUMNS, LABELS.tolist()))
MASKED = np.ma.masked_array(COLUMNS[5], [[True], [False], [True]])
WHOLE = np.ma.masked_array(COLUMNS[5], False)
HALF = np.ma.masked_array(TRAINING[5][1], [[True], [False], [False]])

both = pytest.mark.parametrize("module", [network, network2])


def with_sample(data, sample):
    return [*data[:5], sample, *data[6:]]


def state(net):
    return [a.tobytes() for a in (*net.weights, *net.biases)]


CALLS = {
    "SGD x": (
        lambda net: net.SGD(with_sample(TRAINING, (MASKED, TRAINING[5][1])), 1, 4, 1.0),
        r"^training_data\[5\]: x: expected .*, got a masked array with 2 of 3 entries masked; ",
    ),
    "SGD y": (
        lambda net: net.SGD(with_sample(TRAINING, (COLUMNS[5], HALF)), 1, 4, 1.0),
        r"^training_data\[5\]: y: expected .*, got a masked array with 1 of 3 entries masked; ",
    ),
    "update_mini_batch": (
        lambda net: net.update_mini_batch([(MASKED, TRAINING[5][1])], *more(net)),
        r"^mini_batch\[0\]: x: expected .*, got a masked array with 2 of 3",
    ),
    "backprop x": (lambda net: net.backprop(MASKED, TRAINING[5][1]), "^x: .* 2 of 3 entries mask"),
    "backprop y": (lambda net: net.backprop(COLUMNS[5], HALF), "^y: .* 1 of 3 entries masked"),
    "feedforward": (lambda net: net.feedforward(MASKED), "^a: .* 2 of 3 entries masked"),
    "evaluation x": (
        lambda net: evaluate(net)(with_sample(TESTS, (MASKED, 2))),
        r"\[5\]: x: .* 2 of 3 entries",
    ),
    "evaluation y": (
        lambda net: evaluate(net)(with_sample(TESTS, (COLUMNS[5], np.ma.masked))),
        r"\[5\]: y: expected an array without masked entries, got a masked entry",
    ),
}


def more(net):
    return (1.0,) if isinstance(net, network.Network) else (1.0, 0.0, 12)


def evaluate(net):
    return net.evaluate if isinstance(net, network.Network) else net.accuracy


@both
@pytest.mark.parametrize(("call", "message"), CALLS.values(), ids=CALLS)
def test_masked_entries_are_refused(module, call, message):
    net = module.Network([3, 4, 3])
    before = state(net)
    with pytest.raises(ValueError, match=message):
        call(net)
    assert state(net) == before


@both
def test_a_mask_that_masks_nothing_is_fine(module, capsys):
    nets = []
    for x in (COLUMNS[5], WHOLE):
        np.random.seed(1)  # noqa: NPY002 the book's generator
        nets.append(module.Network([3, 4, 3]))
        nets[-1].update_mini_batch(with_sample(TRAINING, (x, TRAINING[5][1])), *more(nets[-1]))
    assert state(nets[0]) == state(nets[1])
    assert (nets[0].feedforward(WHOLE) == nets[0].feedforward(COLUMNS[5])).all()


def sines():
    x = np.linspace(-3, 3, 8)
    return [(np.array([[v]]), np.array([[np.sin(v)]])) for v in x]


def range_warnings(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [w for w in caught if w.category is fastnn.TargetRangeWarning]


@both
def test_targets_that_sigmoid_neurons_cannot_reach(module, capsys):
    options = {} if module is network else {"cost": network2.QuadraticCost}
    net = module.Network([1, 4, 1], **options)
    (caught,) = range_warnings(lambda: net.SGD(sines(), 2, 4, 1.0))
    assert caught.filename == __file__
    assert str(caught.message).startswith(
        "training_data: y: expected targets from 0 to 1, the values of sigmoid outputs, got targets"
    )
    assert "output_activation='identity' gives any number, or scale the" in str(caught.message)
    scaled = [(x, (y + 1) / 2) for x, y in sines()]
    assert range_warnings(lambda: net.SGD(scaled, 2, 4, 1.0)) == []


def test_no_word_of_targets_for_a_sigmoid_of_the_users_own(monkeypatch, capsys):
    monkeypatch.setattr(network, "sigmoid", np.tanh)
    monkeypatch.setattr(network, "sigmoid_prime", lambda z: 1 - np.tanh(z) ** 2)
    net = network.Network([1, 4, 1])
    assert range_warnings(lambda: net.SGD(sines(), 1, 4, 0.1)) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: network2.sigmoid(MASKED),
        lambda: network2.QuadraticCost.fn(MASKED, COLUMNS[0]),
        lambda: network2.CrossEntropyCost.delta(COLUMNS[0], COLUMNS[0], MASKED),
        lambda: network.Network([3, 3]).cost_derivative(MASKED, COLUMNS[0]),
        lambda: network2.vectorized_result(np.ma.masked_array([3], [True])),
    ],
)
def test_functions_refuse_masked_entries(call):
    with pytest.raises(ValueError, match="masked"):
        call()
