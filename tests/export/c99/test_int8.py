"""Weights in bytes: the NumPy twin, step by step what the C program does."""

import numpy as np
import pytest
from c_programs import compiled, outputs, run

import fastnn
from fastnn.export.c99 import to_c
from fastnn.export.c99.int8 import MOST_INPUTS, Int8
from fastnn.model.portable import PortableNetwork

WIDEST = f"""\
int main(void)
{{
    static signed char w[{MOST_INPUTS}], a[{MOST_INPUTS}];
    const float one = 1.0f, zero = 0.0f;
    float z[2];
    memset(w, 127, sizeof w);
    memset(a, 127, sizeof a);
    nn_sums(w, &one, &zero, a, 1.0f, sizeof w, z, 1);
    memset(a, -127, sizeof a);
    nn_sums(w, &one, &zero, a, 1.0f, sizeof w, z + 1, 1);
    printf("%.0f %.0f", (double)z[0], (double)z[1]);
    return 0;
}}
"""


def int8_of(net):
    return Int8(PortableNetwork.of(net))


def test_the_twin_has_the_same_bits_where_no_exponential_is(tmp_path):
    net = fastnn.Network(
        [20, 16, 12, 3],
        activation=["relu", "leaky_relu"],
        cost="quadratic",
        seed=0,
        input_scale=0.3,
    )
    to_c(net, tmp_path / "net.h", prefix="net", int8=True)
    rows = np.random.default_rng(0).standard_normal((2000, 20)).astype(np.float32)
    rows[0], rows[1], rows[2] = 0, 1e-40, 0.5  # 0.5 / 0.5 * 127 is no half; the next row has some
    rows[3] = np.arange(20) / 254
    [(got, _)] = outputs(tmp_path, [("net", rows, "0")])
    assert (got == int8_of(net).outputs(rows)).all()
    assert len(np.unique(got)) > 5000


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "softplus", "mish"])
def test_the_twin_has_the_same_numbers_elsewhere(tmp_path, activation):
    """Last digits of expf and the like differ; where they make another byte, by that much."""
    net = fastnn.Network([20, 16, 5], activation=activation, cost="log_likelihood", seed=0)
    to_c(net, tmp_path / "net.h", prefix="net", int8=True)
    rows = np.random.default_rng(0).standard_normal((2000, 20)).astype(np.float32)
    [(got, label)] = outputs(tmp_path, [("net", rows, "net_label(output)")])
    expected = int8_of(net).outputs(rows)
    off = np.abs(got - expected).max(axis=1)
    assert (off < 1e-6).mean() > 0.995
    assert off.max() < 0.01
    assert (label == expected.argmax(axis=1)).mean() > 0.999


def test_weights_are_as_near_as_bytes_can_be():
    net = fastnn.Network([50, 4], seed=0)
    weights = np.array(net.weights[0])
    weights[1] *= 1e-6  # each neuron has a scale of its own
    weights[2] = 0
    weights[3] = 1e-42  # too small for a scale
    net.weights = [weights]
    made = int8_of(net)
    assert made.weights[0].dtype == np.int8
    assert (np.abs(made.weights[0][:2]).max(axis=1) == 127).all()
    back = made.weights[0] * made.scales[0][:, np.newaxis]
    step = np.abs(weights).max(axis=1, keepdims=True) / 127
    assert (np.abs(back - weights) <= 0.5001 * step + 1e-44).all()
    assert np.isfinite(back).all()


def test_the_widest_layer_fills_int32_and_does_not_overflow(tmp_path):
    """All weights 127 and all inputs 127: the largest sum that there is."""
    assert MOST_INPUTS * 127 * 127 <= 2**31 - 1 < (MOST_INPUTS + 1) * 127 * 127
    most = int(np.float32(MOST_INPUTS * 127 * 127))
    text = "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n"
    text += Int8(PortableNetwork.of(fastnn.Network([1, 1]))).functions[0] + WIDEST
    options = ["-std=c99", "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
    assert run(compiled(tmp_path, text, *options)) == b"%d -%d" % (most, most)


def test_a_wider_layer_is_refused(tmp_path):
    net = fastnn.Network([MOST_INPUTS + 1, 1], seed=0)
    with pytest.raises(ValueError, match=r"int8: expected at most 133,144 inputs .* got 133,145"):
        to_c(net, tmp_path / "net.h", int8=True)
    assert not (tmp_path / "net.h").exists()


def test_certainty_is_the_distance_to_another_byte():
    """Of 1, 0.5 and 0.25 times 127: 63.5 is a half everywhere, 31.75 is 0.25 from one."""
    net = fastnn.Network([3, 2], seed=0)
    rows = np.array([[1, 0.5, 0.25], [1, 0.4999, 0], [0, 0, 0]], np.float32)
    found = int8_of(net).certainty(rows)
    np.testing.assert_allclose(found, [0.25, 0.0127, 0.5], atol=1e-4)
