"""Functions of the user's that `fit` calls after each epoch.

    def stop_at_98(net, epoch):
        return epoch.validation_accuracy > 0.98

    net.fit(x, y, validation_data=(x_test, y_test), callbacks=[stop_at_98])

Each is called with the network and the `Epoch` that has just ended, which is in net.history
already. It may read and change weights and biases. If one returns True, fit ends, after the
others were called; any other value is ignored.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from fastnn.arguments import checks
from fastnn.training.history import Epoch

__all__ = ["Callback", "as_callbacks", "call_all"]

# (the network, its last epoch's figures): True ends the training
Callback = Callable[[Any, Epoch], object]


def as_callbacks(argument: str, value: Any) -> list[Callback]:
    """A list from several functions, one, or None; TypeError."""
    if value is None:
        return []
    callbacks = [value] if callable(value) else value
    if isinstance(callbacks, Iterable) and not isinstance(callbacks, (str, bytes)):
        callbacks = list(callbacks)
        if all(callable(callback) for callback in callbacks):
            return callbacks
    raise TypeError(
        f"{argument}: expected a function or a list of functions, got {checks.shown(value)}"
    )


def call_all(callbacks: Sequence[Callback], net: Any, epoch: Epoch) -> bool:
    """Call them in order; returns whether one of them asked to end the training."""
    answers = [callback(net, epoch) for callback in callbacks]
    return any(isinstance(answer, (bool, np.bool_)) and bool(answer) for answer in answers)
