"""What the page computes, in Node, beside what Network does: draw/network.js, activations.js."""

import base64

import numpy as np
import pytest
from page_scripts import in_node

from fastnn.demo.network_data import MOST_EXACT
from fastnn.reference.network import ACTIVATIONS

FEEDFORWARD = """
const network = fastnn.network.decode(data.network);
const bytes = Buffer.from(given.pixels, "base64");
const outputs = [], labels = [];
for (let i = 0; i < bytes.length; i += 784) {
  const a = fastnn.network.feedforward(network, bytes.subarray(i, i + 784)).a.at(-1);
  if (!given.labelsAlone) outputs.push([...a]);
  labels.push(fastnn.network.leading(a));
}
return { outputs, labels };
"""


def run(path, pixels, labels_alone=False):
    told = {"pixels": base64.b64encode(pixels).decode(), "labelsAlone": labels_alone}
    return in_node(path.read_text(), FEEDFORWARD, told)


def test_all_test_images_get_the_same_label(demo_network, demo_page, test_images):
    x, y = test_images
    labels = np.array(run(demo_page, x, labels_alone=True)["labels"])
    expected = demo_network.predict(x.astype(np.float32) / 255)
    assert np.flatnonzero(labels != expected).tolist() == []
    assert np.mean(labels == y) > 0.97


Z = np.concatenate([np.linspace(-40, 40, 997), [0.0, -1e-9, 1e-9, 3.0, -3.0]])


@pytest.fixture(scope="module")
def activated(plain_page):
    """What each activation of the page makes of Z."""
    program = """
    const { names, of } = fastnn.activations;
    return Object.fromEntries(names.map((name) => [name, [...of(name, given)]]));
    """
    return in_node(plain_page.read_text(), program, Z.tolist())


def test_the_page_has_all_activations(activated):
    assert set(activated) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_are_those_of_the_reference(name, activated):
    expected = ACTIVATIONS[name][0](Z[None])[0]
    np.testing.assert_allclose(activated[name], expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("sizes", "keywords"),
    [
        ([784, 10], {"cost": "log_likelihood"}),
        ([784, 20, 15, 10], {"activation": ["tanh", "gelu"], "cost": "log_likelihood"}),
        ([784, 20, 4], {"activation": "mish", "cost": "cross_entropy", "dtype": "float64"}),
        ([784, 20, 10], {"activation": "relu", "cost": "log_likelihood", "input_scale": 1 / 100}),
        ([784, 20, 10], {"activation": "elu", "cost": "quadratic", "output_activation": "tanh"}),
        ([784, 20, 1], {"activation": "relu", "cost": "cross_entropy"}),
        ([784, 20, 3], {"activation": "relu", "cost": "cross_entropy", "multi_label": True}),
    ],
)
def test_outputs(sizes, keywords, page_of, pixels):
    net, path = page_of(sizes, **keywords)
    found = run(path, pixels)
    x = pixels if net.input_scale != 1 else pixels.astype(net.dtype) / 255
    np.testing.assert_allclose(found["outputs"], net.feedforward(x), rtol=2e-5, atol=2e-6)
    assert np.ptp(found["outputs"], axis=0).max() > 0.05
    if not net.multi_label:
        assert found["labels"] == net.predict(x).tolist()


def held(path):
    """The weights of the first layer, and the biases of the last, as the page has them."""
    first, last = in_node(
        path.read_text(),
        """const { layers } = fastnn.network.decode(data.network);
        return [[...layers[0].weights], [...layers.at(-1).biases]];""",
    )
    return np.array(first, np.float32), np.array(last, np.float32)


def test_a_large_network_is_rounded_to_half_the_bytes(page_of, pixels):
    net, path = page_of([784, 256, 10], "relu", "log_likelihood", spread=0.5)
    assert sum(w.size for w in net.weights) > MOST_EXACT
    # Below what float16 has all digits for, and below all that it has; its largest number.
    net.weights[0][0, :6] = 1e-7, -3e-6, 1e-9, 0, 6.1e-5, -65504
    net.to_html(path)
    assert path.stat().st_size < 1_000_000
    expected = np.ravel(net.weights[0]).astype(np.float16)
    weights, biases = held(path)
    assert np.array_equal(weights, expected)
    assert np.array_equal(biases, np.ravel(net.biases[-1]).astype(np.float16))
    net.weights[0][0, :6] = 0
    net.to_html(path)
    for values in (*net.weights, *net.biases):
        values[...] = np.asarray(values).astype(np.float16)
    found = run(path, pixels)
    x = pixels.astype(np.float32) / 255
    np.testing.assert_allclose(found["outputs"], net.feedforward(x), rtol=2e-5, atol=2e-6)


def test_weights_too_large_for_that_stay_as_they_are(page_of):
    net, path = page_of([784, 256, 10], "tanh", "log_likelihood")
    net.weights[1][0, 0] = 65520
    net.to_html(path)
    weights, biases = held(path)
    assert np.array_equal(weights, np.ravel(net.weights[0]))
    assert np.array_equal(biases, np.ravel(net.biases[-1]))


def test_a_tie_goes_to_the_first(plain_page):
    leading = "return given.map(fastnn.network.leading)"
    assert in_node(plain_page.read_text(), leading, [[0.2, 0.4, 0.4], [0.5], [0.6]]) == [1, 0, 1]
