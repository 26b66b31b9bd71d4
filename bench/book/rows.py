"""The accuracies and gradients that the book's text gives, and how it came to each.

Michael Nielsen, "Neural Networks and Deep Learning", Determination Press 2015; all figures are in
the text of neuralnetworksanddeeplearning.com, chapters 1, 3, 5 and 6, in the sections named here.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Which epoch's figure the book gives.
BEST, LAST, FIRST = "best", "last", "first"
ANY = "not said"  # which: from the last epoch's to the best one's
VALIDATED = "best on validation"  # the epoch of the best accuracy on the validation data


@dataclass(frozen=True)
class Row:
    """A figure of the book's.

    book        the figure as the text has it, per cent
    low, high   what it means, where the text says "under", "over" or "almost"
    evaluated   the data it was measured on: "test" or "validation"
    n           training images
    """

    chapter: int
    section: str
    what: str
    book: str
    low: float
    high: float
    epoch: str
    evaluated: str
    spec: dict[str, Any] = field(repr=False)
    n: int = 50_000


def row(chapter, section, what, figure, epoch, evaluated, n=50_000, **spec):
    text, low, high = figure if isinstance(figure, tuple) else (f"{figure:.2f}", figure, figure)
    return Row(chapter, section, what, text, low, high, epoch, evaluated, spec, n)


def network(hidden, eta, epochs=30, l2=0.0, **more):
    sizes = [784, *(hidden if isinstance(hidden, list) else [hidden]), 10]
    return {
        "sizes": sizes,
        "learning_rate": eta,
        "epochs": epochs,
        "l2": l2,
        "batch_size": 10,
        **more,
    }


def old(hidden, eta, epochs=30, l2=0.0, **more):
    """With the initial weights that the book has until chapter 3's "Weight initialization"."""
    return network(hidden, eta, epochs, l2, initializer="large", **more)


def first(hidden, eta):
    """network.py of chapter 1."""
    return old(hidden, eta, cost="quadratic")


def shallow(seed):
    """network3.py's start: N(0, 1 / outputs) and N(0, 1) in the hidden layer, zeros above."""
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((100, 784)) / np.sqrt(100), np.zeros((10, 100))]
    return weights, [rng.standard_normal((100, 1)), np.zeros((10, 1))]


_CODE, _CROSS = "Implementing our network to classify digits", "The cross-entropy cost function"
_OVER, _START = "Overfitting and regularization", "Weight initialization"
_VANISH = "The vanishing gradient problem"

ROWS = [
    row(1, _CODE, "30 hidden, eta 3", 95.42, BEST, "test", **first(30, 3.0)),
    row(1, _CODE, "100 hidden, eta 3", 96.59, BEST, "test", **first(100, 3.0)),
    row(1, _CODE, "100 hidden, eta 0.001", 21.42, LAST, "test", **first(100, 0.001)),
    row(1, _CODE, "30 hidden, eta 100", 9.82, LAST, "test", **first(30, 100.0)),
    row(3, _CROSS, "30 hidden, eta 0.5", 95.49, ANY, "test", **old(30, 0.5)),
    row(3, _CROSS, "100 hidden, eta 0.5", 96.82, ANY, "test", **old(100, 0.5)),
    row(3, _OVER, "30 hidden, 1,000 images", 82.27, BEST, "test", 1_000, **old(30, 0.5, 400)),
    row(3, _OVER, "the same, lambda 0.1", 87.1, BEST, "test", 1_000, **old(30, 0.5, 400, 0.1)),
    row(3, _OVER, "30 hidden, another run", 95.33, BEST, "test", **old(30, 0.5)),
    row(3, _OVER, "30 hidden, lambda 5", 96.49, ANY, "test", **old(30, 0.5, l2=5.0)),
    row(3, _OVER, "100 hidden, lambda 5", 97.92, ANY, "validation", **old(100, 0.5, l2=5.0)),
    row(
        3,
        _OVER,
        "100 hidden, lambda 5, eta 0.1, 60 epochs",
        98.04,
        ANY,
        "validation",
        **old(100, 0.1, 60, 5.0),
    ),
    row(
        3,
        _OVER,
        "30 hidden, 5,000 images, lambda 0.5, 300 epochs",
        93.24,
        LAST,
        "validation",
        5_000,
        **old(30, 0.5, 300, 0.5),
    ),
    row(
        3,
        _START,
        "large weights, eta 0.1",
        ("under 87", 0, 87),
        FIRST,
        "validation",
        **old(30, 0.1, l2=5.0),
    ),
    row(
        3,
        _START,
        "default weights",
        ("almost 93", 92, 93),
        FIRST,
        "validation",
        **network(30, 0.1, l2=5.0),
    ),
    row(
        3,
        _START,
        "large weights, 30 epochs",
        ("over 96", 96, 97),
        ANY,
        "validation",
        **old(30, 0.1, l2=5.0),
    ),
    row(
        3,
        _START,
        "default weights, 30 epochs",
        ("over 96", 96, 97),
        ANY,
        "validation",
        **network(30, 0.1, l2=5.0),
    ),
    row(5, _VANISH, "1 layer of 30", 96.48, ANY, "validation", **network(30, 0.1, l2=5.0)),
    row(5, _VANISH, "2 layers of 30", 96.9, ANY, "validation", **network([30] * 2, 0.1, l2=5.0)),
    row(5, _VANISH, "3 layers of 30", 96.57, ANY, "validation", **network([30] * 3, 0.1, l2=5.0)),
    row(5, _VANISH, "4 layers of 30", 96.53, ANY, "validation", **network([30] * 4, 0.1, l2=5.0)),
    row(
        6,
        "Convolutional neural networks in practice",
        "100 hidden, softmax, log-likelihood, eta 0.1, 60 epochs",
        97.8,
        VALIDATED,
        "test",
        **network(100, 0.1, 60, cost="log-likelihood", initializer=shallow, shuffle=False),
    ),
]

# ||dC/db|| of each hidden layer of 30, before training, on the first 1,000 images (chapter 5).
SPEEDS = {2: [0.07, 0.31], 3: [0.012, 0.060, 0.283], 4: [0.003, 0.017, 0.070, 0.285]}
