"""Networks that leave fastnn, and what makes two of them the same."""

import dataclasses

import numpy as np

import fastnn
from fastnn.engine import ACTIVATIONS
from fastnn.model.portable import PortableNetwork

ALL_ACTIVATIONS = list(ACTIVATIONS)
CLASSES = ["a", 'b"', "ü 🎈"]


def everything(net):
    """All of a network that leaves fastnn, as what can be compared; arrays to the bit."""
    portable = net if isinstance(net, PortableNetwork) else PortableNetwork.of(net)
    arrays = [(a.dtype.str, a.shape, a.tobytes()) for a in (*portable.weights, *portable.biases)]
    return dataclasses.replace(portable, weights=(), biases=()), arrays


def with_negative_zeros(net):
    """The same with zeros of either sign among its parameters."""
    for array in (*net.weights, *net.biases):
        array[:1, :1] = -0.0
        array[-1:, :1] = 0.0
    return net


def of_activation(name, dtype="float32"):
    """Networks whose hidden layers and outputs all have this activation, weights not small."""
    net = fastnn.Network(
        [5, 7, 4, 3],
        name,
        "quadratic",
        output_activation=name,
        seed=1,
        dtype=dtype,
        input_scale=0.3,
    )
    factor = 0.2 if name == "exponential" else 1.5  # or it overflows
    net.weights = [w * factor for w in net.weights]
    return net


def kinds():
    """Networks of each kind of outputs, by name."""
    nets = {
        "classes": fastnn.Network([4, 6, 3], "relu", "log_likelihood", seed=2, input_scale=1 / 3),
        "no hidden layer": fastnn.Network([4, 3], cost="log_likelihood", seed=2),
        "several sigmoids": fastnn.Network([4, 6, 3], seed=3),
        "two classes": fastnn.Network([4, 6, 1], "tanh", seed=4),
        "several labels": fastnn.Network([4, 6, 3], multi_label=True, seed=5, dtype="float64"),
        "one label": fastnn.Network([4, 6, 1], multi_label=True, seed=5),
        "regression": fastnn.Network([4, 6, 2], "gelu", "quadratic", seed=6),
        "rates": fastnn.Network([4, 6, 1], "mish", "poisson", seed=6, dtype="float64"),
        "quantiles": fastnn.Network([4, 6, 2], "selu", fastnn.Pinball([0.1, 0.9]), seed=7),
        "learned one-hot rows": fastnn.Network(
            [4, 6, 3], "tanh", "quadratic", output_activation="tanh", seed=8
        ),
        "each layer its own": fastnn.Network(
            [4, 6, 5, 4, 3], ["silu", "softmax", "identity"], "log_likelihood", seed=9
        ),
    }
    for net in nets.values():
        net.weights = [3 * w for w in net.weights]
        net.biases = [b - b.mean() for b in net.biases]  # all classes are found
    return nets


def rows(inputs=4, count=200, seed=0, spread=3.0):
    """Random rows (count, inputs) float64, also far from 0."""
    return np.random.default_rng(seed).normal(0, spread, (count, inputs))
