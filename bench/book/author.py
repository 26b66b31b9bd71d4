"""The trainings behind the curves that the book's author published, and his code sample by sample.

Michael Nielsen's programs seed both random generators with 12345678 and ran on Python 2, whose
random.shuffle draws other numbers than today's; `as_the_author` shuffles as it did.
"""

import json
import random
import warnings
from contextlib import contextmanager

import numpy as np

from fastnn.book import SlowPathWarning, mnist_loader, network2

SEED = 12345678
SIZES = [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000]  # of more_data


def python2_shuffle(x):
    """random.shuffle of Python 2."""
    for i in range(len(x) - 1, 0, -1):
        j = int(random.random() * (i + 1))
        x[i], x[j] = x[j], x[i]


@contextmanager
def as_the_author():
    """His seeds and his Python's shuffle, as long as the context lasts."""
    todays = random.shuffle
    random.shuffle = python2_shuffle
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 the book draws from this generator
    try:
        yield
    finally:
        random.shuffle = todays


class PerSample(network2.Network):
    """The book's own descent: one sample after the other in NumPy, by BP1 to BP4."""

    def __init__(self, sizes, cost=network2.CrossEntropyCost):
        super().__init__(sizes, cost=cost)
        warnings.simplefilter("ignore", SlowPathWarning)

    def backprop(self, x, y):
        zs, activations = [], [x]
        for b, w in zip(self.biases, self.weights):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(network2.sigmoid(zs[-1]))
        delta = self.cost.delta(zs[-1], activations[-1], y)
        nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]
        for l in range(2, self.num_layers):
            delta = np.dot(self.weights[-l + 1].T, delta) * network2.sigmoid_prime(zs[-l])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[-l - 1].T))
        return nabla_b, nabla_w


class Disturbed(PerSample):
    """The same from weights that are a unit in the last place larger."""

    def default_weight_initializer(self):
        super().default_weight_initializer()
        self._disturb()

    def large_weight_initializer(self):
        super().large_weight_initializer()
        self._disturb()

    def _disturb(self):
        self.weights = [np.nextafter(w, np.inf) for w in self.weights]


def overfitting(n, epochs, lmbda):
    """overfitting.py of chapter 3: all four curves, evaluated on the test data."""

    def run(network, data, most):
        training, _, test = data
        net = network([784, 30, 10])
        net.large_weight_initializer()
        curves = net.SGD(
            training[:n], _epochs(epochs, n, most), 10, 0.5, lmbda, test, *[True] * 4, verbose=False
        )
        return {"": curves}

    return run


def multiple_eta(network, data, most):
    """multiple_eta.py: the training cost for three learning rates, one after the other."""
    training, validation, _ = data
    epochs = _epochs(30, len(training), most)
    return {
        f"eta {eta}": network([784, 30, 10]).SGD(
            training, epochs, 10, eta, 5.0, validation, monitor_training_cost=True, verbose=False
        )
        for eta in (0.025, 0.25, 2.5)
    }


def weight_initialization(hidden):
    """weight_initialization.py: validation accuracy from default and then from large weights."""

    def run(network, data, most):
        training, validation, _ = data
        net, curves = network([784, hidden, 10]), {}
        for kind in ("default", "large"):
            if kind == "large":
                net.large_weight_initializer()
            curves[f"{kind} weights"] = net.SGD(
                training,
                _epochs(30, len(training), most),
                10,
                0.1,
                5.0,
                validation,
                monitor_evaluation_accuracy=True,
                verbose=False,
            )
        return curves

    return run


def more_data(network, data, most):
    """more_data.py: validation accuracy by the size of the training set, 1,500,000 samples each."""
    training, validation, _ = data
    net, accuracies = network([784, 30, 10]), []
    for n in SIZES:
        net.large_weight_initializer()
        epochs = _epochs(1_500_000 // n, n, most)
        net.SGD(training[:n], epochs, 10, 0.5, lmbda=n * 0.0001, verbose=False)
        accuracies.append(net.accuracy(validation))
    return {"": ([], accuracies, [], [])}


def _epochs(epochs, n, most):
    """So many, or as many as `most` samples are enough for."""
    return epochs if most is None else min(epochs, max(1, most // n))


# The name of the author's file -> the training that it is of.
EXPERIMENTS = {
    "overfitting": overfitting(1_000, 400, 0.0),
    "regularized": overfitting(1_000, 400, 0.1),
    "overfitting_full": overfitting(50_000, 30, 0.0),
    "regularized_full": overfitting(50_000, 30, 5.0),
    "multiple_eta": multiple_eta,
    "weight_initialization_30": weight_initialization(30),
    "weight_initialization_100": weight_initialization(100),
    "more_data": more_data,
}


def train(name, network=network2.Network, data=None, most=None):
    """One experiment's curves: {part: evaluation costs and accuracies, training costs and ...}.

    most  how many samples a training may go through, None for all of the author's epochs
    """
    with as_the_author():
        lists = data or mnist_loader.load_data_wrapper()
        return EXPERIMENTS[name](network, [list(samples) for samples in lists], most)


def published(path):
    """The curves in one of the author's files, in the same form but for the parts' names."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        return list(content.values())
    if not isinstance(content[0], list):  # more_data: per cent of 10,000 images
        return [([], [round(100 * share) for share in content], [], [])]
    return content if isinstance(content[0][0], list) else [content]
