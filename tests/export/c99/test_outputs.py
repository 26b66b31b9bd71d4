"""What a header computes, beside fastnn: every activation, every digit."""

import numpy as np
import pytest
from c_programs import compiled, outputs, run
from tolerance import assert_close

import fastnn
from fastnn.datasets import load_mnist
from fastnn.export.c99 import to_c
from fastnn.export.c99.activations import ACTIVATIONS
from fastnn.reference.network import ACTIVATIONS as FORMULAS

ALL = sorted(FORMULAS)


@pytest.fixture(scope="module")
def digits():
    """A network after an epoch of MNIST, and the test images."""
    x, y, x_test, y_test = load_mnist()
    net = fastnn.Network([784, 30, 10], cost="log_likelihood", seed=0)
    net.fit(x, y, epochs=1)
    return net, x_test, y_test


def test_every_activation_is_written():
    assert {*ACTIVATIONS, "identity"} == set(FORMULAS)


def test_every_activation_in_hidden_and_output_layers(tmp_path):
    """A network each, all in one program."""
    rng, asked, nets = np.random.default_rng(0), [], []
    for seed, name in enumerate(ALL):
        net = fastnn.Network(
            [6, 7, 5, 3],
            activation=name,
            cost="quadratic",
            output_activation=name,
            initializer="glorot_normal",
            seed=seed,
        )
        to_c(net, tmp_path / f"{name}.h", prefix=name)
        x = rng.standard_normal((40, 6)) * (0.2 if name == "exponential" else 1)  # thrice: much
        asked.append((name, x.astype(np.float32), "0"))
        nets.append(net)
    for net, (_, x, _), (got, _) in zip(nets, asked, outputs(tmp_path, asked), strict=True):
        assert_close(got, net.feedforward(x))


def test_activations_at_their_ends(tmp_path):
    """sigma(z) for z from -200 to 200, and near 0: nothing overflows, small results are right."""
    z = np.concatenate([np.linspace(-200, 200, 400), np.linspace(-2, 2, 101), [1e-30, -1e-30, 0]])
    x, asked = z.astype(np.float32).reshape(-1, 3), []
    for name in ALL:
        net = fastnn.Network([3, 3], cost="quadratic", output_activation=name)
        net.weights, net.biases = [np.eye(3)], [np.zeros((3, 1))]
        to_c(net, tmp_path / f"{name}.h", prefix=name)
        rows = np.minimum(x, 80) if name == "exponential" else x
        asked.append((name, np.vstack([rows, np.full(3, np.nan)]).astype(np.float32), "0"))
    for (name, rows, _), (got, _) in zip(asked, outputs(tmp_path, asked), strict=True):
        exact = FORMULAS[name][0](rows[:-1].astype(np.float64))
        assert np.isfinite(got[:-1]).all(), name
        # exp(z) is as exact as z, whose last digit counts for |z| times as much.
        np.testing.assert_allclose(got[:-1], exact, rtol=3e-5, atol=2e-7, err_msg=name)
        assert np.isnan(got[-1]).all(), name


def test_all_digits_have_the_same_label_as_in_fastnn(digits, tmp_path):
    net, x, y = digits
    takes = to_c(net, tmp_path / "digits.h", prefix="digits", rows=(x, y))
    [(got, label)] = outputs(tmp_path, [("digits", x, "digits_label(output)")])
    assert len(label) == 10_000
    assert (label == net.predict(x)).all()
    np.testing.assert_allclose(got, net.feedforward(x), atol=3e-6, rtol=0)
    assert takes.measured.header == takes.measured.network == (label == y).mean() > 0.9
    assert takes.measured.difference < 3e-6
    assert f"{100 * takes.measured.header:.2f} % of 10,000 rows" in str(takes)


@pytest.mark.parametrize("int8", [False, True])
def test_no_warning_where_layers_are_as_wide_as_pictures(digits, tmp_path, int8):
    """What an optimizing compiler knows of loops depends on their length."""
    to_c(digits[0], tmp_path / "digits.h", prefix="digits", int8=int8)
    text = (
        '#include "digits.h"\nint main(void)\n{\n    static float scratch[DIGITS_SCRATCH];\n'
        "    return digits_self_test(scratch);\n}\n"
    )
    run(compiled(tmp_path, text, "-std=c99", "-O2"))


def test_all_digits_in_bytes(digits, tmp_path):
    """The NumPy twin is what measured the accuracy: it has the C program's numbers."""
    net, x, y = digits
    takes = to_c(net, tmp_path / "digits.h", prefix="digits", int8=True, rows=(x, y))
    [(got, label)] = outputs(tmp_path, [("digits", x, "digits_label(output)")])
    assert (label == y).mean() == takes.measured.header
    assert abs(takes.measured.network - takes.measured.header) < 0.005
    assert takes.measured.network == net.evaluate(x, y).accuracy
    off = np.abs(got - net.feedforward(x))
    assert off.max() == pytest.approx(takes.measured.difference, abs=1e-5)
    assert 1e-4 < off.max() < 0.1
    assert takes.flash == 784 * 30 + 30 * 10 + 8 * (30 + 10)


def test_weights_come_back_to_the_bit(tmp_path):
    net = fastnn.Network([4, 3], seed=0)
    float32 = np.finfo(np.float32)
    net.weights = [
        [
            [float32.smallest_subnormal, -0.0, 1 / 3, -float32.max],
            [1, 1e-7, 16777217, float32.tiny],
            *np.random.default_rng(0).standard_normal((1, 4)),
        ]
    ]
    to_c(net, tmp_path / "net.h", prefix="net")
    text = (
        '#include <stdio.h>\n#include "net.h"\nint main(void)\n{\n'
        "    return fwrite(net_weights_1, sizeof net_weights_1, 1, stdout) != 1;\n}\n"
    )
    assert run(compiled(tmp_path, text, "-std=c99")) == np.asarray(net.weights[0]).tobytes()


def test_a_scale_that_is_1_in_float32_is_none(tmp_path):
    net = fastnn.Network([6, 3], dtype="float64", seed=0, input_scale=1 + 1e-12)
    to_c(net, tmp_path / "net.h", prefix="net")
    assert "SCALE" not in (tmp_path / "net.h").read_text()
    x = np.ones((1, 6))
    [(got, _)] = outputs(tmp_path, [("net", x, "0")])
    np.testing.assert_allclose(got, net.feedforward(x), atol=1e-6)


def test_float64_networks_become_float32(tmp_path):
    net = fastnn.Network([6, 5, 3], dtype="float64", seed=0, input_scale=0.1)
    takes = to_c(net, tmp_path / "net.h", prefix="net")
    assert "float32, were float64" in (tmp_path / "net.h").read_text()
    assert takes.flash == 4 * (6 * 5 + 5 + 5 * 3 + 3)
    x = np.random.default_rng(1).standard_normal((20, 6))
    [(got, label)] = outputs(tmp_path, [("net", x, "net_label(output)")])
    np.testing.assert_allclose(got, net.feedforward(x), atol=1e-6)
    assert (label == net.predict(x)).all()
