"""The configurations that the set of kernels is found by."""

import pytest
from configuration import taking
from configurations import ALL, DTYPES, GROUPS, WAYS, Configuration, left_by, made
from prebuilt_bits import complaints

from fastnn.engine import ACTIVATIONS, COSTS, strategy
from fastnn.training.optimizers import _BY_NAME

OTHERS = {"softmax", "exponential"}  # outputs only: their costs bring them
QUICK = [
    "float32 float scaled",
    "float64 bytes halves",
    "huber cost float32",
    "book 1 float32 sorted",
]


def test_each_has_a_name_of_its_own():
    assert sum(1 for group in GROUPS for _ in group()) == len(ALL)


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_functions_and_optimizers_are_there(dtype):
    named = {name.removesuffix(f" {dtype}") for name in ALL if name.endswith(f" {dtype}")}
    assert set(ACTIVATIONS) - OTHERS <= named
    assert {f"{name.replace('-', '_')} cost" for name in COSTS} <= named
    optimizers = set(_BY_NAME) - {
        "sgd",
        "lbfgs",
    }  # plain descent is everyone's; SciPy's calls no other kernel
    assert all(f"{name} {dtype} {way}" in ALL for name in optimizers for way in ("dense", "sorted"))
    assert all(f"{dtype} {kind} {way}" in ALL for kind in ("float", "bytes") for way in WAYS)


@pytest.mark.parametrize("name", QUICK)
def test_what_is_left_is_the_same_bits_each_time(name):
    assert ALL[name].run()
    assert ALL[name].digest() == ALL[name].digest()


def test_another_bit_is_another_digest():
    def leaving(seed):
        return Configuration("", lambda: left_by(made(seed=seed)))

    def changed():
        net = made(seed=1)
        net.biases[1][0] *= 1 + 2**-23
        return left_by(net)

    assert leaving(1).digest() == leaving(1).digest()
    assert len({leaving(1).digest(), leaving(2).digest(), Configuration("", changed).digest()}) == 3


def test_layer_1_takes_its_rows_as_before_when_one_is_over():
    before = strategy.usual

    def fail():
        assert strategy.usual is not before
        raise RuntimeError("within")

    with pytest.raises(RuntimeError, match="within"), taking(strategy.DENSE):
        fail()
    assert strategy.usual is before


def test_modes_that_differ_or_are_one_are_complained_of():
    one = {"a": ("1", False), "b": ("2", False)}
    compiled = {"a": ("1", True), "b": ("2", True)}
    assert complaints({"prebuilt": one, "compiled": compiled}) == []
    assert complaints({"prebuilt": one, "compiled": {**compiled, "b": ("3", True)}}) == [
        "b: other bits"
    ]
    (missing,) = complaints({"prebuilt": one, "compiled": {"a": ("1", True)}})
    assert missing == "b: other bits"
    (imported,) = complaints({"prebuilt": {**one, "b": ("2", True)}, "compiled": compiled})
    assert imported.startswith("b: the first to import Numba")
    (same,) = complaints({"prebuilt": one, "compiled": one})
    assert "both are one" in same
