"""Networks of all kinds, trained for a moment, as what a report tells of them; and their pages."""

import functools

import numpy as np

import fastnn
from fastnn.report.page import make_page
from fastnn.report.subject import About, measure, subject

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
ABOUT = About(HOSTILE, [("seed", HOSTILE)], [("fastnn", "1.2")], [("CPU", HOSTILE)], "2026-11-29")
RNG = np.random.default_rng(0)
X = RNG.random((120, 6))
PICTURES = RNG.random((120, 64))
LABELS = np.arange(120) % 3
SETTINGS = {"epochs": 3, "validation_data": (X[:30], LABELS[:30])}


def classes():
    """With a penalty, plain descent, and hostile names of classes."""
    net = fastnn.Network([6, 5, 3], seed=0)
    net.fit(X, LABELS, l2=0.5, l1=[0, 0.25], batch_size=7, **SETTINGS)
    return subject(net, ABOUT, measure(net, HOSTILE, X, LABELS, [HOSTILE, "b", "c"]))


def pictures():
    """Inputs of 8 x 8, and the best epoch of early stopping."""
    net = fastnn.Network([64, 60, 10], "relu", "log_likelihood", seed=0, initializer="he_normal")
    labels = np.arange(120) % 10
    stopping = fastnn.EarlyStopping(monitor="validation_data_cost")
    settings = {"l2": 1e-3, "optimizer": "adam", "learning_rate": fastnn.Cosine(0.01)}
    net.fit(PICTURES, labels, epochs=3, validation_split=0.25, callbacks=[stopping], **settings)
    return subject(net, ABOUT, measure(net, "digits", PICTURES, labels))


def many_classes():
    """More than a matrix of numbers has room for."""
    net = fastnn.Network([6, 50], cost="log_likelihood", seed=0)
    labels = np.arange(120) % 50
    net.fit(X, labels, epochs=2)
    return subject(net, ABOUT, measure(net, "letters", X, labels))


def single_output():
    net = fastnn.Network([6, 4, 1], seed=0)
    labels = (X[:, 0] > 0.5).astype(int)
    net.fit(X, labels, epochs=3, optimizer=fastnn.Momentum(0.5), l1=fastnn.Proximal(0.1))
    return subject(net, ABOUT, measure(net, "halves", X, labels))


def several_labels():
    net = fastnn.Network([6, 4, 3], seed=0, multi_label=True)
    targets = (X[:, :3] > 0.5).astype(int)
    net.fit(X, targets, epochs=3, optimizer="adamw", learning_rate=0.01, l2=0.1)
    return subject(net, ABOUT, measure(net, "labels", X, targets, [HOSTILE, "b", "c"]))


def regression():
    net = fastnn.Network([6, 4, 2], "tanh", "quadratic", output_activation="identity", seed=0)
    net.fit(X, X[:, :2] ** 2, epochs=3, learning_rate=0.1)
    return subject(net, ABOUT, measure(net, "numbers", X, X[:, :2] ** 2))


def untrained():
    """Without rows either, and with a layer of more weights than a picture has cells."""
    return subject(fastnn.Network([700, 300, 2], seed=0), ABOUT)


def deep():
    net = fastnn.Network([6] * 80 + [3], seed=0)
    return subject(net, ABOUT)


KINDS = {
    each.__name__: each
    for each in (
        *(classes, pictures, many_classes, single_output, several_labels, regression),
        *(untrained, deep),
    )
}


@functools.cache
def told(kind):
    """A subject and its page, which many tests look at."""
    about = KINDS[kind]()
    return about, make_page(about)
