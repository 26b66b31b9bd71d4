"""Data sets: MNIST, which is part of the package, and files in MNIST's format."""

from fastnn.datasets._mnist import MNIST, load_mnist
from fastnn.datasets.idx import DatasetError, read_idx

__all__ = ["MNIST", "DatasetError", "load_mnist", "read_idx"]
