"""What a data set asks of a network, apart from its rows: --help has no time to import NumPy."""

from typing import NamedTuple

__all__ = ["MNIST_NAME", "Kind"]

MNIST_NAME = "mnist"


class Kind(NamedTuple):
    """What a data set asks of a network.

    title, noun  what it and its rows are called
    outputs      classes, or numbers of a row
    classes      whether rows name a class
    scale        what bytes are multiplied by; 1 for floats
    rows         how many there are to train on
    """

    title: str = "MNIST"
    noun: str = "images"
    inputs: int = 784
    outputs: int = 10
    classes: bool = True
    scale: float = 1.0
    rows: int = 60_000
