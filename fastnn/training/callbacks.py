"""What `fit(callbacks=[...])` takes: functions of the user's, and fit's own behaviours.

    def stop_at_98(net, epoch):
        return epoch.validation_accuracy > 0.98

    net.fit(
        x, y, validation_data=(x_test, y_test),
        callbacks=[stop_at_98, fastnn.EarlyStopping(), fastnn.Checkpoint("run.npz")],
    )

Functions are called in their order with the network and the `Epoch` that has just ended, which is
in net.history already. They may read and change weights and biases. If one returns True, fit ends,
after the others were called; any other value is ignored.

fastnn.EarlyStopping, fastnn.Checkpoint and fastnn.Progress are recognized wherever they stand among
the functions: an epoch is first measured and remembered if it is the best, then the functions are
called, then the checkpoint is written, in which is what they have changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from fastnn.arguments import checks
from fastnn.training.history import Epoch

__all__ = ["Behaviour", "Callback", "Progress", "as_callbacks", "call_all", "functions_of", "only"]

# (the network, its last epoch's figures): True ends the training
Callback = Callable[[Any, Epoch], object]


class Behaviour:
    """What `fit` does besides training, if one of these is among its callbacks."""


@dataclass(frozen=True)
class Progress(Behaviour):
    """Call a function while an epoch is trained: `fit(callbacks=[fastnn.Progress(show)])`.

    function  called with (rows done, rows) several times within a long epoch, and for each short
              one when several have been trained. Weights may lack a common factor then: read and
              change them in functions that are callbacks themselves

    There may be several; what they return is ignored. Raises TypeError.
    """

    function: Callable[[int, int], object]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(
                f"Progress: expected a function of (rows done, rows), got "
                f"{checks.shown(self.function)}"
            )


Kind = TypeVar("Kind", bound=Behaviour)

_EXPECTED = (
    "a function of (network, epoch), fastnn.EarlyStopping(...), fastnn.Checkpoint(...) or "
    "fastnn.Progress(...)"
)


def as_callbacks(argument: str, value: Any) -> list[Callback | Behaviour]:
    """A list from several of them, one, or None; TypeError."""
    if value is None:
        return []
    given = [value] if callable(value) or isinstance(value, Behaviour) else value
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
        raise TypeError(f"{argument}: expected {_EXPECTED}, or a list; got {checks.shown(value)}")
    callbacks = list(given)
    for i, callback in enumerate(callbacks):
        if isinstance(callback, type) and issubclass(callback, Behaviour):
            raise TypeError(
                f"{argument}[{i}]: expected fastnn.{callback.__name__}(...), got the class"
            )
        if not callable(callback) and not isinstance(callback, Behaviour):
            raise TypeError(f"{argument}[{i}]: expected {_EXPECTED}; got {checks.shown(callback)}")
    return callbacks


def only(argument: str, callbacks: Sequence[Any], kind: type[Kind]) -> Kind | None:
    """The behaviour of this kind; None if there is none, ValueError if there are several."""
    found = {i: each for i, each in enumerate(callbacks) if isinstance(each, kind)}
    if len(found) > 1:
        places = " and ".join(f"{argument}[{i}]" for i in found)
        raise ValueError(
            f"{argument}: expected one fastnn.{kind.__name__} at most, got {len(found)}: {places}"
        )
    return next(iter(found.values()), None)


def functions_of(callbacks: Sequence[Callback | Behaviour]) -> list[Callback]:
    """Those that are called after each epoch."""
    return [each for each in callbacks if not isinstance(each, Behaviour)]


def call_all(callbacks: Sequence[Callback], net: Any, epoch: Epoch) -> bool:
    """Call them in order; returns whether one of them asked to end the training."""
    answers = [callback(net, epoch) for callback in callbacks]
    return any(isinstance(answer, (bool, np.bool_)) and bool(answer) for answer in answers)
