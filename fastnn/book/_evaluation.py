"""Data cost and accuracy of a network on samples that are checked and packed once."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from fastnn.book._parameters import EngineOwner, engine_of
from fastnn.book._samples import Samples

__all__ = ["EvaluationData", "measure"]

Function = Callable[..., Any]


class EvaluationData(NamedTuple):
    """Samples to evaluate a network on, any number of times.

    samples  packed for the kernels; None if each x has to go through the network's feedforward
    xs       each sample's x as the caller has it, and
    targets  each sample's y as a column: both only where samples is None
    """

    samples: Samples | None
    xs: list[Any]
    targets: list[Any]


def measure(
    net: EngineOwner,
    data: EvaluationData,
    feedforward: Function,
    cost: str | None,
    fn: Function | None,
) -> tuple[float, int]:
    """The sum of the samples' costs, and how many are classified correctly.

    cost  the engine's name of the cost, or None if it is the user's own
    fn    the cost's fn(a, y), called with columns where it is the user's own, or where the
          outputs are; None if no cost is asked for
    """
    if data.samples is None:
        return _measure_each((feedforward(x) for x in data.xs), data.targets, fn)
    x, y = data.samples
    if cost is None and fn is not None:
        with engine_of(net, "quadratic") as engine:
            outputs = engine.outputs(x)
        return _measure_each(outputs[:, :, np.newaxis], y[:, :, np.newaxis], fn)
    with engine_of(net, cost or "quadratic") as engine:
        cost_sum, correct = engine.evaluate(x, y)
    # An only output is always the largest. The engine would ask for its side of 1/2.
    return cost_sum, len(y) if y.shape[1] == 1 else correct


def _measure_each(
    outputs: Iterable[Any], targets: Iterable[Any], fn: Function | None
) -> tuple[float, int]:
    """The same from each sample's output and target columns."""
    cost_sum, correct = 0.0, 0
    for a, y in zip(outputs, targets, strict=True):
        correct += int(np.argmax(a) == np.argmax(y))
        if fn is not None:
            cost_sum += float(fn(a, y))
    return cost_sum, correct
