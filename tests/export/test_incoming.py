"""A portable network becomes one of fastnn's again."""

import dataclasses

import numpy as np
import pytest

import fastnn
from fastnn.export.incoming import as_network
from fastnn.model.portable import PortableNetwork


def networks():
    return {
        "book": fastnn.Network([3, 4, 2], cost="quadratic", seed=0),
        "no hidden layer": fastnn.Network([3, 2], seed=0),
        "several": fastnn.Network(
            [3, 4, 5, 2], ["relu", "gelu"], "log_likelihood", seed=1, dtype="float64"
        ),
        "all alike": fastnn.Network([3, 4, 5, 2], "mish", "poisson", seed=1, input_scale=1 / 255),
        "multi-label": fastnn.Network([3, 4, 2], multi_label=True, seed=2),
        "quantiles": fastnn.Network([3, 4, 2], "tanh", fastnn.Pinball([0.1, 0.9]), seed=2),
        "smoothed": fastnn.Network([3, 2], cost=fastnn.CrossEntropy(0.1), seed=3),
    }


@pytest.mark.parametrize("name", networks())
def test_what_goes_out_comes_in(name):
    net = networks()[name]
    portable = PortableNetwork.of(net)
    other = as_network(portable)
    again = PortableNetwork.of(other)
    assert other.dtype == net.dtype
    for one, two in zip((*portable.weights, *portable.biases), (*again.weights, *again.biases)):
        assert one.tobytes() == two.tobytes()
    kept = dataclasses.replace(portable, cost=again.cost, weights=(), biases=())
    assert dataclasses.replace(again, weights=(), biases=()) == kept
    assert other.cost == ("cross_entropy" if name == "smoothed" else net.cost)
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    assert other.feedforward(x).tobytes() == net.feedforward(x).tobytes()
    if name == "all alike":
        assert other.activation == "mish"


@pytest.mark.parametrize(
    ("output", "cost"),
    [
        ("sigmoid", "cross_entropy"),
        ("softmax", "log_likelihood"),
        ("exponential", "poisson"),
        ("relu", "quadratic"),
    ],
)
def test_a_cost_that_fits_where_none_is_named(output, cost):
    layer = np.eye(2, dtype=np.float32)
    portable = PortableNetwork((layer, layer), (layer[0], layer[1]), ("tanh", output))
    assert as_network(portable).cost == cost
    of_the_users_own = dataclasses.replace(portable, cost="log-cosh")
    assert as_network(of_the_users_own).cost == cost


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": (np.eye(3), np.full((2, 3), np.nan))}, r"weights\[1\]: expected finite"),
        ({"weights": (np.eye(3), np.eye(2))}, r"weights\[1\]: expected shape"),
        ({"biases": (np.zeros(3), np.zeros(2, np.float32))}, "one dtype"),
        ({"activations": ("relu", "sin")}, "output_activation: expected one of"),
        ({"activations": ("relu", "softmax"), "cost": "cross_entropy"}, "expected sigmoid"),
        ({"input_scale": 0.0}, "input_scale"),
    ],
)
def test_what_no_network_can_be(change, message):
    portable = PortableNetwork(
        (np.eye(3), np.ones((2, 3))), (np.zeros(3), np.zeros(2)), ("relu", "softmax")
    )
    as_network(portable)
    with pytest.raises(ValueError, match=message):
        as_network(dataclasses.replace(portable, **change))
