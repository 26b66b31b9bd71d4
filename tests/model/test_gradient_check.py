"""check_gradients: agreement, and that it finds what is wrong."""

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, small

import fastnn
from fastnn.model import gradient_check

X, LABELS = labelled(11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "quadratic"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity", "softmax"])
def test_backpropagation_is_right(activation, cost, dtype):
    net = small(activation=activation, cost=cost, dtype=dtype)
    before = everything(net)
    check = net.check_gradients(X, LABELS)
    assert check.ok, str(check)
    assert [layer.layer for layer in check.layers] == [1, 2]
    assert [layer.entries for layer in check.layers] == [4 * 6, 3 * 5]  # all of them
    assert str(check).endswith("Gradients agree; relative errors up to 1e-05 pass.")
    assert everything(net) == before


def wrong(monkeypatch, layer, index, change):
    """Backpropagation that gets one entry wrong."""
    gradients = gradient_check.gradients

    def spoilt(engine, x, y):
        nabla_w, nabla_b = gradients(engine, x, y)
        nabla = nabla_b[layer] if len(index) == 1 else nabla_w[layer]
        nabla[index] = change(nabla[index])
        return nabla_w, nabla_b

    monkeypatch.setattr(gradient_check, "gradients", spoilt)


@pytest.mark.parametrize("change", [lambda g: g * 1.0001, lambda g: -g, lambda g: np.nan])
@pytest.mark.parametrize(("layer", "index"), [(0, (2, 3)), (1, (1, 2)), (0, (3,)), (1, (0,))])
def test_one_wrong_entry_is_found(monkeypatch, layer, index, change):
    net = small()
    right = net.gradients(X, LABELS)
    wrong(monkeypatch, layer, index, change)
    check = net.check_gradients(X, LABELS)
    assert not check.ok
    worst = check.layers[layer]
    name = "biases" if len(index) == 1 else "weights"
    assert worst.name == f"{name}[{layer}]"
    assert worst.index == (*index, 0)[:2]
    expected = getattr(right, name)[layer][worst.index]
    assert worst.numeric == pytest.approx(expected, rel=1e-7)
    assert worst.backprop == pytest.approx(change(expected), nan_ok=True)
    assert not worst.relative_error < 0.9e-4
    other = check.layers[1 - layer]
    assert other.relative_error < 1e-5
    shown = f"{worst.name}[{', '.join(map(str, worst.index))}]"
    assert shown in str(check)
    assert "Gradients DIFFER" in str(check)


def test_values_are_those_of_the_reference():
    net = small(activation="tanh")
    check = net.check_gradients(X, LABELS)
    nabla_w, nabla_b = reference(net).gradients(X, one_hot(LABELS))
    for l, layer in enumerate(check.layers):
        nabla = {"weights": nabla_w, "biases": nabla_b}[layer.name[: layer.name.index("[")]][l]
        assert layer.backprop == pytest.approx(nabla[layer.index] / len(X), rel=1e-9)


def test_a_sample_of_the_entries():
    net = small()
    few = net.check_gradients(X, LABELS, entries=1)
    assert [layer.entries for layer in few.layers] == [1, 1]
    assert few == net.check_gradients(X, LABELS, entries=1)
    seen = {net.check_gradients(X, LABELS, entries=1, seed=s).layers[0].index for s in range(9)}
    assert len(seen) > 3


def test_a_kink_within_the_step_is_no_mistake():
    """A neuron whose z is 1e-6 above 0 for one row, and below for shorter steps never."""
    net = fastnn.Network([1, 1, 1], activation="relu", cost="quadratic", dtype="float64", seed=0)
    net.weights, net.biases = [[[1.0]], [[2.0]]], [[[1e-6]], [[0.0]]]
    x, y = np.array([[0.0], [1.0]]), np.array([[5.0], [1.0]])
    assert net.check_gradients(x, y).ok


def test_dead_neurons_have_gradients_of_zero():
    net = small(activation="relu")
    net.biases[0] = np.full((4, 1), -100.0)
    check = net.check_gradients(X, LABELS)
    assert check.ok
    assert check.layers[0].backprop == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"entries": 0}, "entries: expected at least 1"),
        ({"tolerance": 0}, "tolerance: expected a finite number above 0"),
        ({"seed": -1}, "seed: expected at least 0"),
        ({"x": X[:, :3]}, r"x: expected shape \(rows, 5\)"),
        ({"y": LABELS[:4]}, "y: expected 11 rows"),
    ],
)
def test_bad_input(settings, message):
    with pytest.raises(ValueError, match=message):
        small().check_gradients(**{"x": X, "y": LABELS, **settings})


@pytest.mark.parametrize(
    ("activations", "cost"),
    [
        (["tanh", "gelu"], "log_likelihood"),
        (["softplus", "leaky_relu"], "huber"),
        (["silu", "elu"], "poisson"),
    ],
)
def test_other_activations_and_costs(activations, cost):
    net = fastnn.Network([5, 4, 4, 3], activations, cost, seed=1)
    y = LABELS if cost == "log_likelihood" else 0.9 * one_hot(LABELS) + 0.03
    check = net.check_gradients(X, y)
    assert check.ok, str(check)
    assert len(check.layers) == 3


def square(z):
    return z * z


def square_prime(z):
    return 2 * z


def forgotten_factor(z):
    return z


@pytest.mark.parametrize(("derivative", "ok"), [(square_prime, True), (forgotten_factor, False)])
def test_a_derivative_of_the_users_own(derivative, ok):
    """What the check is for: the mistake shows in the layers below the activation's."""
    activation = fastnn.UserActivation(square, derivative)
    net = fastnn.Network([5, 4, 3], activation, seed=1)
    check = net.check_gradients(X, LABELS)
    assert check.ok == ok
    assert (check.layers[0].relative_error < 1e-5) == ok
    assert check.layers[1].relative_error < 1e-5
    if not ok:
        assert check.layers[0].numeric == pytest.approx(2 * check.layers[0].backprop, rel=1e-5)
