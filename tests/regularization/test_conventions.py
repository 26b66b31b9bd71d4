"""lambda in other libraries' conventions: their documented rules in NumPy, and the real ones.

Each takes one epoch of three mini-batches, in fastnn's order of rows, from fastnn's initial
parameters, and must end at fastnn's weights and biases.
"""

import copy

import numpy as np
import pytest

import fastnn
from fastnn.reference.network import Reference
from fastnn.regularization import conventions

SIZES, N, M, ETA = [6, 5, 3], 24, 8, 0.3
L1, L2 = 0.7, 4.0


class Ours:
    """fastnn's epoch: data in its order, parameters before and after."""

    def __init__(self, activation="sigmoid", cost="log_likelihood", n=N, **settings):
        rng = np.random.default_rng(0)
        x = rng.standard_normal((n, SIZES[0]))
        labels = rng.permutation(np.arange(n) % SIZES[-1])
        net = fastnn.Network(SIZES, activation, cost, seed=2, dtype="float64")
        order = copy.deepcopy(net)._state.rng.permutation(n)
        self.x, self.labels = x[order], labels[order]
        self.y = np.eye(SIZES[-1])[self.labels]
        self.batches = [slice(start, start + M) for start in range(0, n, M)]
        self.first_weights = [w.copy() for w in net.weights]
        self.first_biases = [b.copy() for b in net.biases]
        self.activations = [activation, net.output_activation]
        net.fit(x, labels, epochs=1, batch_size=M, learning_rate=ETA, **settings)
        self.net = net

    def assert_equal(self, weights, biases, eps=1e-12):
        ours = [*self.net.weights, *self.net.biases]
        for expected, got in zip(ours, [*weights, *biases], strict=True):
            np.testing.assert_allclose(got, expected, rtol=eps, atol=eps)

    def differs(self, weights):
        return max(np.abs(w - o).max() for w, o in zip(weights, self.net.weights, strict=True))


# The documented rules. g is the sum of a mini-batch's gradients of fastnn's cost, m its length.


def pytorch(w, g, m, weight_decay):
    """torch.optim.SGD, loss the mean over rows: g_t = grad + weight_decay w; w -= lr g_t."""
    return w - ETA * (g / m + weight_decay * w)


def sklearn(w, g, m, alpha):
    """MLPClassifier, solver "sgd", momentum 0: grad = (sum + alpha w) / m; w -= lr grad."""
    return w - ETA * (g + alpha * w) / m


def keras_l2(w, g, m, l2):
    """keras.regularizers.L2: loss = mean + l2 sum w^2, whose derivative is 2 l2 w."""
    return w - ETA * (g / m + 2 * l2 * w)


def keras_l1(w, g, m, l1):
    """keras.regularizers.L1: loss = mean + l1 sum |w|, whose derivative is l1 sgn(w)."""
    return w - ETA * (g / m + l1 * np.sign(w))


RULES = {
    "PyTorch weight_decay": (pytorch, conventions.pytorch_weight_decay(L2, N), {"l2": L2}),
    "scikit-learn alpha": (sklearn, conventions.sklearn_alpha(L2, N, M), {"l2": L2}),
    "Keras L2": (keras_l2, conventions.keras_l2(L2, N), {"l2": L2}),
    "Keras L1": (keras_l1, conventions.keras_l1(L1, N), {"l1": L1}),
}


def an_epoch(ours, rule, factor):
    """Weights and biases after an epoch by a library's rule; biases are not regularized."""
    net = Reference(ours.first_weights, ours.first_biases, ours.activations, ours.net.cost)
    for rows in ours.batches:
        x = ours.x[rows]
        nabla_w, nabla_b = net.gradients(x, ours.y[rows])
        net.weights = [
            rule(w, g, len(x), factor) for w, g in zip(net.weights, nabla_w, strict=True)
        ]
        net.biases = [rule(b, g, len(x), 0.0) for b, g in zip(net.biases, nabla_b, strict=True)]
    return net.weights, net.biases


@pytest.mark.parametrize("cost", ["log_likelihood", "cross_entropy", "quadratic"])
@pytest.mark.parametrize(("rule", "factor", "lambdas"), RULES.values(), ids=RULES)
def test_documented_rules(rule, factor, lambdas, cost):
    ours = Ours(cost=cost, **lambdas)
    weights, biases = an_epoch(ours, rule, factor)
    ours.assert_equal(weights, biases)
    for mistake in (2, 0.5, M, 1 / M):  # the number counts: these are the usual mistakes
        assert ours.differs(an_epoch(ours, rule, mistake * factor)[0]) > 1e-3


def test_penalties_are_equal():
    """What each library adds to the mean of its loss is fastnn's penalty."""
    both = Ours(l1=L1, l2=L2)
    squares = sum((w**2).sum() for w in both.net.weights)
    sizes = sum(np.abs(w).sum() for w in both.net.weights)
    absolute = conventions.keras_l1(L1, N) * sizes
    for square in (
        conventions.pytorch_weight_decay(L2, N) / 2 * squares,
        conventions.sklearn_alpha(L2, N, M) / 2 * squares / M,
        conventions.keras_l2(L2, N) * squares,
    ):
        assert both.net.history.penalty[-1] == pytest.approx(square + absolute, rel=1e-12)


def test_sklearn_short_mini_batches_decay_more():
    """23 = 2 * 8 + 7: equal until the last mini-batch, whose decay is divided by 7, not 8."""
    ours = Ours(n=23, l2=L2)
    alpha = conventions.sklearn_alpha(L2, 23, M)
    weights, _ = an_epoch(ours, sklearn, alpha)
    assert ours.differs(weights) > 1e-4
    ours.assert_equal(*an_epoch(ours, lambda w, g, m, a: sklearn(w, g, m, a * m / M), alpha))


def test_sklearn_mini_batches_larger_than_the_data():
    assert conventions.sklearn_alpha(L2, N, 1000) == conventions.sklearn_alpha(L2, N, N) == L2


@pytest.mark.parametrize("name", conventions.__all__)
def test_bad_arguments(name):
    function = getattr(conventions, name)
    rest = [M] if name == "sklearn_alpha" else []
    assert function(0, N, *rest) == 0
    for bad, error, message in [
        ((-1.0, N), ValueError, "lmbda: expected a finite number, 0 or more, got -1.0"),
        (("5", N), TypeError, "lmbda: expected a number"),
        ((L2, 0), ValueError, "n: expected at least 1, got 0"),
        ((L2, 5.0), TypeError, "n: expected a whole number, got 5.0"),
    ]:
        with pytest.raises(error, match=f"^{message}"):
            function(*bad, *rest)
    if rest:
        with pytest.raises(ValueError, match="^m: expected at least 1, got -8"):
            function(L2, N, -8)


# The real libraries, where they are installed.


SKLEARN = [
    (fastnn.SGD(), {"solver": "sgd", "momentum": 0.0}),
    (fastnn.Momentum(0.8), {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": False}),
    (fastnn.Nesterov(0.8), {"solver": "sgd", "momentum": 0.8}),
    # Adam's epsilon is elsewhere in scikit-learn: here it is next to nothing.
    (fastnn.Adam(epsilon=1e-20), {"solver": "adam", "epsilon": 1e-20}),
]


@pytest.mark.parametrize(("optimizer", "solver"), SKLEARN)
@pytest.mark.parametrize("cost", ["log_likelihood", "quadratic"])
def test_sklearn(cost, optimizer, solver):
    """MLPClassifier has softmax outputs and log loss, MLPRegressor the quadratic cost."""
    neural_network = pytest.importorskip("sklearn.neural_network")
    ours = Ours("tanh", cost, l2=L2, optimizer=optimizer)
    classifies = cost == "log_likelihood"
    kind = neural_network.MLPClassifier if classifies else neural_network.MLPRegressor
    theirs = kind(
        hidden_layer_sizes=[SIZES[1]],
        activation="tanh",
        batch_size=M,
        shuffle=False,
        alpha=conventions.sklearn_alpha(L2, N, M),
        learning_rate_init=ETA,
        **solver,
    )
    epoch = (ours.x, ours.labels) if classifies else (ours.x, ours.y)
    classes = {"classes": range(SIZES[-1])} if classifies else {}
    theirs.partial_fit(*epoch, **classes)  # makes the parameters, which the next lines replace
    for coefs, intercepts, w, b in zip(
        theirs.coefs_, theirs.intercepts_, ours.first_weights, ours.first_biases, strict=True
    ):
        coefs[...], intercepts[...] = w.T, b[:, 0]
    del theirs._optimizer  # and with it what that epoch has left there
    theirs.partial_fit(*epoch)
    ours.assert_equal([w.T for w in theirs.coefs_], [b[:, np.newaxis] for b in theirs.intercepts_])


# PyTorch's and Keras's loss, and how many times fastnn's mean cost of a row it is.
LOSSES = {
    "log_likelihood": ("CrossEntropyLoss", "sparse_categorical_crossentropy", 1),
    "cross_entropy": ("BCEWithLogitsLoss", "binary_crossentropy", 1 / SIZES[-1]),
    "quadratic": ("MSELoss", "mean_squared_error", 2 / SIZES[-1]),
}
LAMBDAS = [{"l2": L2}, {"l1": L1}, {"l1": L1, "l2": L2}]


# The cost, and PyTorch's optimizer by fastnn's name.
PYTORCH = [(cost, "sgd") for cost in LOSSES] + [
    ("log_likelihood", "momentum"),
    ("log_likelihood", "adam"),
]


@pytest.mark.parametrize("lambdas", LAMBDAS, ids="+".join)
@pytest.mark.parametrize(("cost", "optimizer"), PYTORCH)
def test_pytorch(cost, optimizer, lambdas):
    name, _, c = LOSSES[cost]
    torch = pytest.importorskip("torch")
    ours = Ours("tanh", cost, optimizer=optimizer, **lambdas)
    parameters = [
        [torch.tensor(array, requires_grad=True) for array in arrays]
        for arrays in (ours.first_weights, [b[:, 0] for b in ours.first_biases])
    ]
    weights, biases = parameters
    l1, l2 = lambdas.get("l1", 0.0), lambdas.get("l2", 0.0)
    groups = [
        {"params": weights, "weight_decay": c * conventions.pytorch_weight_decay(l2, N)},
        {"params": biases, "weight_decay": 0.0},
    ]
    step = {
        "sgd": lambda: torch.optim.SGD(groups, lr=ETA / c),
        "momentum": lambda: torch.optim.SGD(groups, lr=ETA, momentum=0.9),
        "adam": lambda: torch.optim.Adam(groups, lr=ETA),
    }[optimizer]()
    loss = getattr(torch.nn, name)()
    for rows in ours.batches:
        hidden = torch.tanh(torch.tensor(ours.x[rows]) @ weights[0].T + biases[0])
        z = hidden @ weights[1].T + biases[1]
        mean = loss(z, torch.tensor(ours.y[rows]))
        step.zero_grad()
        (mean + c * sum(l1 / N * w.abs().sum() for w in weights)).backward()
        step.step()
    ours.assert_equal(
        [w.detach().numpy() for w in weights], [b.detach().numpy()[:, np.newaxis] for b in biases]
    )


@pytest.fixture
def keras(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    usual = keras.config.floatx()

    def compute_in(dtype):
        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)  # which stays as it was at the first layer

    compute_in("float64")
    yield keras
    compute_in(usual)


@pytest.mark.parametrize("lambdas", LAMBDAS, ids="+".join)
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("cost", LOSSES)
def test_keras(keras, cost, lambdas):
    _, name, c = LOSSES[cost]
    ours = Ours("tanh", cost, **lambdas)
    l1 = conventions.keras_l1(lambdas.get("l1", 0.0), N)
    l2 = conventions.keras_l2(lambdas.get("l2", 0.0), N)
    layers = [
        keras.layers.Dense(
            size,
            activation={"identity": "linear"}.get(activation, activation),
            kernel_regularizer=keras.regularizers.L1L2(l1=c * l1, l2=c * l2),
        )
        for size, activation in zip(SIZES[1:], ours.activations, strict=True)
    ]
    model = keras.Sequential([keras.Input([SIZES[0]]), *layers])
    for layer, w, b in zip(layers, ours.first_weights, ours.first_biases, strict=True):
        layer.set_weights([w.T, b[:, 0]])
    model.compile(keras.optimizers.SGD(ETA / c), name, jit_compile=False)
    y = ours.labels if name.startswith("sparse") else ours.y
    for rows in ours.batches:
        model.train_on_batch(ours.x[rows], y[rows])
    kernels, biases = zip(*(layer.get_weights() for layer in layers), strict=True)
    # Keras's losses clip probabilities, or add a small number to them.
    ours.assert_equal([k.T for k in kernels], [b[:, np.newaxis] for b in biases], eps=1e-6)
