"""Activations and costs of the user's own: inside the kernels, saved by name, refused if bad."""

import copy
import gc
import math
import pickle

import numpy as np
import pytest
from samples import everything, labelled, one_hot, same_bits
from tolerance import assert_close

import fastnn
from fastnn.native import calling, functions
from fastnn.reference.network import Reference

X, LABELS = labelled()
Y = one_hot(LABELS)


def bent(z):
    return z * z if z > 0 else 0.3 * math.sin(z)


def bent_prime(z):
    return 2 * z if z > 0 else 0.3 * math.cos(z)


def log_cosh(a, y):
    return math.log(math.cosh(a - y))


def log_cosh_prime(a, y):
    return math.tanh(a - y)


BENT = fastnn.UserActivation(bent, bent_prime)
LOG_COSH = fastnn.UserCost(log_cosh, log_cosh_prime, name="log-cosh")


def own(dtype="float64", seed=3, **options):
    options = {"activation": BENT, "cost": LOG_COSH, **options}
    return fastnn.Network([5, 4, 3], seed=seed, dtype=dtype, **options)


def twin(net):
    activations = [(np.vectorize(bent), np.vectorize(bent_prime)), "identity"]
    cost = (lambda a, y: np.log(np.cosh(a - y)), lambda a, y: np.tanh(a - y))
    return Reference(net.weights, net.biases, activations, cost)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_as_the_reference(dtype):
    net = own(dtype)
    reference = twin(net)
    assert net.output_activation == "identity"
    x, y = X.astype(dtype), Y.astype(dtype)
    assert_close(net.feedforward(x), reference.feedforward(x).astype(dtype))
    expected = reference.data_costs(x, y).mean()
    assert_close(np.asarray(net.evaluate(x, y).data_cost, dtype), expected)
    for got, nabla in zip(net.gradients(x, y).weights, reference.gradients(x, y)[0], strict=True):
        assert_close(got, (nabla / len(x)).astype(dtype))
    net.fit(x, y, epochs=1, batch_size=4, learning_rate=0.1, shuffle=False)
    reference.train(x, y, np.arange(len(x)), 4, 0.1)
    for got, w in zip(net.weights, reference.weights, strict=True):
        assert_close(got, w.astype(dtype))


def test_as_output_activation():
    squashed = fastnn.UserActivation(math.atan, lambda z: 1 / (1 + z * z))
    assert squashed.name == "atan"
    net = own(activation="tanh", output_activation=squashed, cost="huber")
    reference = Reference(
        net.weights, net.biases, ["tanh", (np.arctan, lambda z: 1 / (1 + z * z))], "huber"
    )
    assert_close(net.feedforward(X), reference.feedforward(X))
    assert_close(net.gradients(X, Y).weights[0] * len(X), reference.gradients(X, Y)[0][0])
    assert net.predict(X).shape == (23, 3)  # regression


def test_kernels_are_the_same_ones():
    net = own(activation="tanh", cost="quadratic")
    net.fit(X, Y, epochs=1)
    net.evaluate(X, Y)
    reached = set(calling.reached)
    net = own()
    net.fit(X, Y, epochs=1)
    net.evaluate(X, Y)
    assert calling.reached == reached != set()


def test_functions_that_numba_has_compiled():
    from numba import njit

    jitted = own(activation=fastnn.UserActivation(njit(bent), njit(bent_prime), name="bent"))
    assert_close(jitted.feedforward(X), own().feedforward(X))


def test_functions_of_a_closure():
    def scaled(factor):
        return fastnn.UserActivation(
            lambda z: factor * z, lambda z: factor + 0 * z, name=f"scaled {factor}"
        )

    nets = [own(activation=scaled(factor), cost="huber") for factor in (1.0, 3.0)]
    same = own(activation="identity", cost="huber")
    assert_close(nets[0].feedforward(X), same.feedforward(X))
    same.weights[1][...] *= 3
    assert_close(nets[1].feedforward(X), same.feedforward(X))


def test_a_predictor_outlives_its_network():
    net = own(activation=fastnn.UserActivation(lambda z: 2 * z, lambda z: 2.0, name="twice"))
    predict, expected = net.predictor(), net.feedforward(X)[0]
    del net
    functions.activation.cache_clear()
    gc.collect()
    assert_close(predict(X[0]), expected)


def test_pickle_and_copy():
    net = own()
    net.fit(X, Y, epochs=1)
    for way in (lambda net: pickle.loads(pickle.dumps(net)), copy.deepcopy):
        other = way(net)
        assert everything(other) == everything(net)
        assert other.activation == BENT
        for each in (net, other):
            each.fit(X, Y, epochs=1)
        assert same_bits(net, other)


def test_saved_by_name(tmp_path):
    net = own(activation=[BENT])
    net.fit(X, Y, epochs=1)
    net.save(tmp_path / "net.npz")
    other = fastnn.load(tmp_path / "net.npz", functions=[LOG_COSH, BENT])
    assert everything(other) == everything(net)
    assert other.activation == [BENT]
    assert (other.activation[0].name, other.cost.name) == ("bent", "log-cosh")


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        ([], r"net.npz: activation: 'bent' is none.*UserActivation .* in functions=\[\.\.\.\]"),
        ([BENT], "net.npz: cost: 'log-cosh' is none .*expected the fastnn.UserCost of that name"),
        ([LOG_COSH, fastnn.UserCost(log_cosh, log_cosh, name="bent")], "activation: "),
    ],
)
def test_loading_without_the_functions(tmp_path, functions, message):
    own().save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=message):
        fastnn.load(tmp_path / "net.npz", functions=functions)


def refused_activation(function, derivative=bent_prime):
    return {"activation": fastnn.UserActivation(function, derivative, name="bad")}


REFUSED = {
    "no such thing": refused_activation(lambda z: fastnn.nothing(z)),
    "returns nothing": refused_activation(lambda z: None),
    "returns a text": refused_activation(lambda z: "a"),
    "returns two": refused_activation(lambda z: (z, z)),
    "returns a complex number": refused_activation(lambda z: z * 1j),
    "takes two": refused_activation(lambda z, y: z),
    "wants an array": refused_activation(lambda z: z[0]),
    "derivative": refused_activation(bent, lambda z: "a"),
    "output": {"output_activation": refused_activation(lambda z: None)["activation"]},
    "cost": {"cost": fastnn.UserCost(lambda a: a, log_cosh_prime, name="bad")},
    "derivative of the cost": {"cost": fastnn.UserCost(log_cosh, lambda a: a, name="bad")},
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
def test_functions_that_cannot_be_compiled(options):
    (argument,) = options
    role = "(function|derivative)"
    message = rf"^{argument}: expected a {role} of \(.*\) that Numba can compile.*; bad does not: ."
    with pytest.raises(TypeError, match=message) as caught:
        own(**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: fastnn.UserActivation(3, bent), TypeError, "UserActivation's function: .*got 3"),
        (lambda: fastnn.UserCost(log_cosh, None), TypeError, "UserCost's derivative: .*got None"),
        (lambda: fastnn.UserActivation(bent, bent, 5), TypeError, "name: expected a text, got 5"),
        (lambda: fastnn.UserActivation(bent, bent, ""), TypeError, "name: expected a text, got ''"),
        (
            lambda: fastnn.UserActivation(bent, bent, "relu"),
            ValueError,
            "name: expected one that is not fastnn's, got 'relu'",
        ),
        (lambda: own(activation=LOG_COSH), TypeError, "^activation: .* a fastnn.UserActivation"),
        (lambda: own(cost=BENT), TypeError, "^cost: expected a name or a fastnn.UserCost"),
        (lambda: own(activation=bent), TypeError, "^activation: .* a fastnn.UserActivation"),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_they_say_what_they_are():
    assert repr(BENT) == "UserActivation('bent')"
    assert "cost=UserCost('log-cosh')" in repr(own())
    assert fastnn.UserActivation(bent, bent_prime) == BENT
    assert fastnn.UserActivation(bent, bent_prime, "other") != BENT
    assert fastnn.UserCost(bent, bent_prime) != BENT
