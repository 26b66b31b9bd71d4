"""What speaks for a class and against it: draw/contributions.js."""

import numpy as np
import pytest
from page_scripts import in_node

from fastnn.reference.network import ACTIVATIONS

PROGRAM = """
const network = fastnn.network.decode(data.network);
const run = fastnn.network.feedforward(network, given.pixels);
const { bias, terms, sum } = fastnn.contributions.of(network, run, given.k);
const { picture } = fastnn.contributions;
const slopes = given.neuron === null ? [] : picture(network, run, given.neuron);
return { bias, terms: [...terms], sum, picture: [...slopes] };
"""


def explained(path, pixels, k, neuron=None):
    told = {"pixels": pixels.tolist(), "k": k, "neuron": neuron}
    return in_node(path.read_text(), PROGRAM, told)


def layers_of(net, x):
    """z and a of each layer, in NumPy."""
    zs, activations = [], [x]
    names = [net.activation] * (len(net.sizes) - 2) + [net.output_activation]
    for w, b, name in zip(net.weights, net.biases, names):
        zs.append(activations[-1] @ np.asarray(w, float).T + np.asarray(b, float)[:, 0])
        activations.append(ACTIVATIONS[name][0](zs[-1]))
    return zs, activations


def test_terms_of_a_class_are_its_weights_times_activations(page_of, pixels):
    net, path = page_of([784, 12, 10], "tanh", "log_likelihood")
    zs, activations = layers_of(net, pixels[:1] / 255)
    found = explained(path, pixels[0], 7, neuron=4)
    np.testing.assert_allclose(found["terms"], net.weights[1][7] * activations[1][0], rtol=1e-6)
    assert found["bias"] == net.biases[1][7, 0]
    assert found["sum"] == pytest.approx(zs[1][0, 7], rel=1e-6)
    np.testing.assert_array_equal(found["picture"], net.weights[0][4])


def test_of_a_single_output_the_first_class_has_the_opposite(page_of, pixels):
    net, path = page_of([784, 6, 1], "relu", "cross_entropy")
    first, second = (explained(path, pixels[0], k) for k in (0, 1))
    zs, _ = layers_of(net, pixels[:1] / 255)
    assert second["sum"] == pytest.approx(zs[1][0, 0], rel=1e-6)
    assert first["sum"] == -second["sum"]
    assert first["terms"] == [-term for term in second["terms"]]


def test_without_a_hidden_layer_terms_are_the_pixels(page_of, pixels):
    net, path = page_of([784, 10], cost="log_likelihood")
    found = explained(path, pixels[0], 3)
    np.testing.assert_allclose(found["terms"], net.weights[0][3] * (pixels[0] / 255), rtol=1e-6)


@pytest.mark.parametrize("name", ["relu", "tanh", "gelu", "softmax"])
def test_pictures_of_deep_neurons_are_their_derivatives(name, page_of, pixels):
    net, path = page_of([784, 9, 8, 7, 3], name, "log_likelihood", spread=2.0)
    x = pixels[:1] / 255
    zs, activations = layers_of(net, x)
    slope = np.asarray(net.weights[2][5], float)[None]
    for l in (1, 0):
        slope = ACTIVATIONS[name][1](zs[l], activations[l + 1], slope) @ net.weights[l]
    assert np.abs(slope).max() > 1e-3
    found = explained(path, pixels[0], 0, neuron=5)
    np.testing.assert_allclose(found["picture"], slope[0], rtol=1e-5, atol=1e-8)
