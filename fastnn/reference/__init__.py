"""The slow twin: the same network in plain NumPy, for people and tests to compare with."""

from fastnn.reference.network import Reference, dropout_masks, penalty
from fastnn.reference.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, Optimizer, RMSProp

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Reference",
    "dropout_masks",
    "penalty",
]
