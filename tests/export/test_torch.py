"""Networks to PyTorch and back."""

import copy
import itertools
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from tolerance import assert_close

import fastnn
from fastnn.layout.codes import ACTIVATIONS

torch = pytest.importorskip("torch")
nn = torch.nn

from torch.nn.utils import prune  # noqa: E402

from fastnn.export.torch import Exponential, from_torch, to_torch  # noqa: E402

X = np.random.default_rng(0).standard_normal((7, 5))
COSTS = {"softmax": "log_likelihood", "exponential": "poisson", "sigmoid": "cross_entropy"}


def network(activation="tanh", output="identity", dtype="float32", **more):
    cost = COSTS.get(output, "quadratic")
    return fastnn.Network(
        [5, 6, 4, 3], activation, cost, output_activation=output, dtype=dtype, seed=1, **more
    )


def outputs(module, x=X):
    dtype = next(module.parameters()).dtype
    with torch.no_grad():
        return module(torch.tensor(x, dtype=dtype)).numpy()


def parameters(net):
    return [*net.weights, *(b[:, 0] for b in net.biases)]


def assert_same_bits(arrays, others):
    for one, other in zip(arrays, others, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_there_and_back(activation, dtype):
    net = network([activation, "tanh"], activation, dtype)
    module = to_torch(net)
    assert_close(outputs(module), net.feedforward(X))
    state = module.state_dict()
    assert list(state) == [f"{l}.{kind}" for l in (0, 2, 4) for kind in ("weight", "bias")]
    arrays = [state[f"{l}.{kind}"].numpy() for kind in ("weight", "bias") for l in (0, 2, 4)]
    assert_same_bits(arrays, parameters(net))
    again = from_torch(module)
    assert_same_bits(parameters(again), parameters(net))
    assert (again._hidden(), again.output_activation) == (net._hidden(), net.output_activation)
    assert again.feedforward(X).tobytes() == net.feedforward(X).tobytes()


def test_softplus_is_exact_where_pytorchs_is_not():
    """PyTorch's own threshold would be off by 2e-9."""
    net = fastnn.Network([1, 1], cost="quadratic", output_activation="softplus", dtype="float64")
    net.weights, net.biases = [[[1.0]]], [[[0.0]]]
    z = np.array([[-30.0], [20.5], [39.9], [41.0], [800.0]])
    np.testing.assert_allclose(outputs(to_torch(net), z), net.feedforward(z), rtol=1e-15)


def test_a_module_of_their_own_loads_the_state_dict():
    """Without fastnn's class, and without a scale of inputs, which is in the weights."""
    net = network("relu", "softmax", input_scale=1 / 255)
    pixels = np.arange(20.0).reshape(4, 5) * 12
    own = nn.Sequential(
        nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(1)
    )
    state = to_torch(net).state_dict()
    rounded_once = (np.float64(net.weights[0]) * (1 / 255)).astype("float32")
    assert_same_bits([state["0.weight"].numpy()], [rounded_once])
    own.load_state_dict(state)
    assert_close(outputs(own, pixels), net.feedforward(pixels))
    again = from_torch(own)
    assert again.input_scale == 1
    assert_close(again.feedforward(pixels), net.feedforward(pixels))
    assert_same_bits(again.weights[1:], net.weights[1:])


def test_too_large_a_scale():
    net = network(input_scale=1e38)
    net.weights[0][0, 0] = 1e3
    with pytest.raises(ValueError, match=r"weights\[0\] \* input_scale: expected finite"):
        to_torch(net)


def test_it_is_a_module_like_any_other():
    net = network("mish", "exponential")
    module = to_torch(net)
    again = pickle.loads(pickle.dumps(copy.deepcopy(module)))
    assert outputs(again).tobytes() == outputs(module).tobytes()
    before = module[0].weight.clone()
    module(torch.tensor(X, dtype=torch.float32)).sum().backward()
    with torch.no_grad():
        module[0].weight -= 0.1 * module[0].weight.grad
    assert not torch.equal(module[0].weight, before)
    assert net.weights[0].tobytes() == before.detach().numpy().tobytes()  # memory of its own


def test_their_random_numbers_stay_as_they_are():
    state = torch.get_rng_state()
    from_torch(to_torch(network()))
    assert torch.equal(torch.get_rng_state(), state)


def test_modules_within_modules():
    relu = nn.ReLU()  # twice the same, which named_children would give once
    module = nn.Sequential(
        nn.Flatten(),
        OrderedSequential(first=nn.Linear(6, 4, bias=False), relu=relu),
        nn.Dropout(0.9),
        nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.Identity(), nn.AlphaDropout()), relu),
        nn.Linear(4, 2),
    )
    net = from_torch(module)
    assert net.sizes == [6, 4, 4, 2]
    assert (net.activation, net.output_activation) == ("relu", "identity")
    assert not net.biases[0].any()
    pictures = np.random.default_rng(2).standard_normal((3, 2, 3)).astype("float32")
    assert_close(net.feedforward(pictures), outputs(module.eval(), pictures))


def OrderedSequential(**modules):
    return nn.Sequential(OrderedDict(modules))


def test_a_single_module():
    linear = nn.Linear(5, 2)
    net = from_torch(linear)
    assert net.sizes == [5, 2]
    assert_close(net.feedforward(X), outputs(linear))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_exact_in_float32(dtype):
    linear = nn.Linear(5, 2, dtype=dtype)
    net = from_torch(linear)
    assert net.dtype == np.float32
    assert_same_bits([net.weights[0]], [linear.weight.detach().float().numpy()])


def test_several_dtypes_become_the_widest():
    module = nn.Sequential(nn.Linear(5, 4, dtype=torch.float64), nn.Tanh(), nn.Linear(4, 2))
    assert from_torch(module).dtype == np.float64


def test_log_softmax_becomes_softmax():
    module = nn.Sequential(nn.Linear(5, 4), nn.LogSoftmax(dim=1))
    net = from_torch(module)
    assert (net.output_activation, net.cost) == ("softmax", "log_likelihood")
    assert_close(net.predict_proba(X), np.exp(outputs(module)))


def test_logits():
    module = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    net = from_torch(module, output_activation="softmax")
    assert (net.output_activation, net.cost) == ("softmax", "log_likelihood")
    assert (net.predict(X) == outputs(module).argmax(axis=1)).all()
    quantiles = fastnn.Pinball([0.1, 0.5, 0.9])
    assert from_torch(module, cost=quantiles).cost == quantiles
    assert from_torch(module, cost="huber").cost == "huber"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"output_activation": "sin"}, ValueError, "output_activation: expected one of"),
        ({"output_activation": fastnn.UserActivation(abs, abs)}, TypeError, "expected a name"),
        ({"cost": "log_likelihood"}, ValueError, "softmax outputs go|expected softmax"),
        ({"cost": "sin"}, ValueError, "cost: expected one of"),
        ({"cost": fastnn.CrossEntropy(0.1)}, TypeError, "cost: expected a name"),
    ],
)
def test_options_that_do_not_fit(options, error, message):
    with pytest.raises(error, match=message):
        from_torch(nn.Linear(2, 2), **options)


def test_an_output_activation_where_there_is_one():
    module = nn.Sequential(nn.Linear(2, 2), nn.Softmax(dim=1))
    with pytest.raises(ValueError, match="expected None, as the outputs are softmax"):
        from_torch(module, output_activation="softmax")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x)


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Named(nn.Sequential):
    pass


def linear(value=None, **options):
    layer = nn.Linear(2, 2, **options)
    if value is not None:
        nn.init.constant_(layer.weight, value)
    return layer


def behind(*modules):
    return nn.Sequential(linear(), *modules)


REFUSED = {
    "batch norm": (behind(nn.BatchNorm1d(2)), "module 1 (BatchNorm1d): expected Sequential, Lin"),
    "deep inside": (behind(nn.Sequential(nn.ReLU(), nn.Conv1d(1, 1, 1))), "module 1.1 (Conv1d)"),
    "by name": (OrderedSequential(head=linear(), tail=nn.ReLU6()), "module tail (ReLU6)"),
    "any module": (Net(), "module (Net)"),
    "other forward": (behind(Residual(linear())), "module 1 (Residual)"),
    "slope": (behind(nn.LeakyReLU(0.2)), "(LeakyReLU): expected negative_slope 0.01, got 0.2"),
    "tanh": (behind(nn.GELU("tanh")), "(GELU): expected approximate 'none', got 'tanh'"),
    "beta": (behind(nn.Softplus(2.0)), "(Softplus): expected beta 1.0, got 2.0"),
    "threshold": (behind(nn.Softplus(1.0, 5.0)), "expected threshold 20 or more, got 5.0"),
    "alpha": (behind(nn.ELU(0.5)), "(ELU): expected alpha 1.0, got 0.5"),
    "axis": (behind(nn.Softmax(dim=0)), "(Softmax): expected dim -1 or 1, got 0"),
    "no axis": (behind(nn.Softmax()), "(Softmax): expected dim -1 or 1, got None"),
    "rows": (behind(nn.Flatten(0)), "(Flatten): expected start_dim 1, got 0"),
    "two": (behind(nn.ReLU(), nn.Tanh()), "(Tanh): expected one activation behind each"),
    "none": (nn.Sequential(nn.Dropout()), "module: expected a layer of weights, found none"),
    "first": (nn.Sequential(nn.ReLU(), linear()), "module 0 (ReLU): expected relu behind a layer"),
    "widths": (behind(nn.Linear(3, 2)), "module 1 (Linear): expected 2 inputs, as many as the"),
    "log inside": (behind(nn.LogSoftmax(1), linear()), "module 2 (Linear): expected no layer be"),
    "NaN": (linear(float("nan")), "module (Linear): expected weights that are finite"),
    "no data": (linear(device="meta"), "module (Linear): expected weight of floats"),
    "complex": (linear(dtype=torch.complex64), "expected weight of floats, got torch.complex64"),
    "made": (nn.utils.parametrizations.weight_norm(linear()), "(ParametrizedLinear): expected S"),
    "unknown yet": (nn.LazyLinear(2), "module (LazyLinear): expected Sequential"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_refuses(name):
    module, message = REFUSED[name]
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        from_torch(module)
    assert message in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*weight_norm")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (nn.utils.weight_norm, "bias, weight_g, weight_v"),
        (lambda layer: prune.l1_unstructured(layer, "weight", 1), "bias, weight_orig"),
        (lambda layer: prune.l1_unstructured(layer, "bias", 1), "weight, bias_orig"),
    ],
    ids=["norm", "pruned weights", "pruned biases"],
)
def test_parameters_that_are_made_at_each_call(change, found):
    """What is in `weight` may be old."""
    with pytest.raises(ValueError, match=f"expected weight and bias, got {found}$"):
        from_torch(change(linear()))


def test_what_is_no_module():
    with pytest.raises(TypeError, match=r"module: expected a torch.nn.Module, got OrderedDict"):
        from_torch(linear().state_dict())


def test_a_sequential_by_another_name():
    assert from_torch(Named(linear(), Exponential())).output_activation == "exponential"


def test_without_pytorch(monkeypatch):
    import importlib
    import sys

    monkeypatch.delitem(sys.modules, "fastnn.export.torch")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'fastnn\[torch\]'"):
        importlib.import_module("fastnn.export.torch")


def test_all_activations_are_told_apart():
    """Each gives other numbers here, so that a wrong name would be seen."""
    found = [outputs(to_torch(network("tanh", name))) for name in ACTIVATIONS]
    for one, other in itertools.combinations(found, 2):
        assert np.abs(one - other).max() > 1e-4
