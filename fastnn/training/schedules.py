"""Learning rates that change while training: `fit(learning_rate=fastnn.Cosine(0.5))`.

A schedule gives eta as a function of t, the epochs done since fit was called: a mini-batch that
begins k rows into the first epoch of n has t = k / n. It is evaluated for every mini-batch. T is
the number of epochs that fit was asked for. Each call of fit begins at t = 0 again.

A function of the user's, eta = f(t), is called for each mini-batch; and before the training at a
thousand times of it, to find its largest rate and what is wrong with it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.training import monitoring
from fastnn.training.history import Epoch

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "HalveOnPlateau",
    "OneCycle",
    "Schedule",
    "Step",
    "WarmUp",
    "as_schedule",
]


class Schedule:
    """What all schedules can do. They are immutable, and pure functions of their arguments."""

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """Eta at each of the times t (k,) float64, in epochs; (k,) float64.

        epochs  T, how many were asked for
        past    the figures of this fit's epochs before t
        """
        raise NotImplementedError

    def finished(self, past: Sequence[Epoch]) -> bool:
        """Whether training ends after these epochs."""
        return False

    def monitored(self) -> str | None:
        """The name of the figure that the rates depend on."""
        return None

    def largest(self, epochs: int) -> float:
        """The largest eta of a training, to a thousandth of its length; ValueError if it is 0."""
        eta = float(self.rates(np.linspace(0, epochs, 1000, endpoint=False), epochs).max())
        return checks.number("learning_rate: its largest value", eta, positive=True)


@dataclass(frozen=True)
class Constant(Schedule):
    """The same eta always: what a plain number means."""

    eta: float

    def __post_init__(self) -> None:
        checks.number("Constant: eta", self.eta, positive=True)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """Eta."""
        return np.full(len(t), float(self.eta))


@dataclass(frozen=True)
class Step(Schedule):
    """eta factor^floor(t / every): multiplied by `factor` after every so many epochs."""

    eta: float
    every: float
    factor: float = 0.5

    def __post_init__(self) -> None:
        checks.number("Step: eta", self.eta, positive=True)
        checks.number("Step: every", self.every, positive=True)
        checks.number("Step: factor", self.factor, positive=True)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """Eta factor^floor(t / every)."""
        return self.eta * np.power(float(self.factor), np.floor(t / self.every))


@dataclass(frozen=True)
class Exponential(Schedule):
    """eta factor^t: multiplied by `factor` once an epoch, a little at each mini-batch."""

    eta: float
    factor: float

    def __post_init__(self) -> None:
        checks.number("Exponential: eta", self.eta, positive=True)
        checks.number("Exponential: factor", self.factor, positive=True)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """Eta factor^t."""
        return self.eta * np.power(float(self.factor), t)


@dataclass(frozen=True)
class Cosine(Schedule):
    """end + (eta - end) (1 + cos(pi t / T)) / 2: from eta to `end` on half a wave.

    Loshchilov and Hutter 2017, eq. 5, without restarts.
    """

    eta: float
    end: float = 0.0

    def __post_init__(self) -> None:
        checks.number("Cosine: eta", self.eta, positive=True)
        checks.number("Cosine: end", self.end)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """End + (eta - end) (1 + cos(pi t / T)) / 2."""
        return _half_wave(self.eta, self.end, t / epochs)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """From `start` up to `peak`, and down to `end`, each on half a cosine wave.

    The way up takes the fraction `rise` of all epochs. By default start is peak / 25 and end
    start / 10,000. Smith and Topin 2018, with the waves and the defaults of PyTorch.
    """

    peak: float
    start: float | None = None
    end: float | None = None
    rise: float = 0.3

    def __post_init__(self) -> None:
        checks.number("OneCycle: peak", self.peak, positive=True)
        for name in ("start", "end"):
            if getattr(self, name) is not None:
                checks.number(f"OneCycle: {name}", getattr(self, name))
        if checks.number("OneCycle: rise", self.rise, positive=True) >= 1:
            raise ValueError(f"OneCycle: rise: expected a number in (0, 1), got {self.rise!r}")

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """The wave up while t < rise T, then the wave down."""
        start = self.peak / 25 if self.start is None else self.start
        end = start / 10_000 if self.end is None else self.end
        share = t / epochs
        up = _half_wave(start, self.peak, share / self.rise)
        down = _half_wave(self.peak, end, (share - self.rise) / (1 - self.rise))
        return np.where(share < self.rise, up, down)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """For `epochs` epochs straight up from `start` to where another schedule begins.

    That one, a number or a schedule, takes over then and has T - epochs epochs to go. Goyal et
    al. 2017.
    """

    then: "float | Schedule"
    epochs: float = 1.0
    start: float = 0.0

    def __post_init__(self) -> None:
        as_schedule("WarmUp: then", self.then)
        checks.number("WarmUp: epochs", self.epochs, positive=True)
        checks.number("WarmUp: start", self.start)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """The straight line while t < epochs, then the other schedule's."""
        then, left = self._then(), max(epochs - self.epochs, 1e-9)
        (target,) = then.rates(np.zeros(1), left)
        line = self.start + (target - self.start) * t / self.epochs
        late = np.maximum(t - self.epochs, 0.0)
        return np.where(t < self.epochs, line, then.rates(late, left, self._past(past)))

    def finished(self, past: Sequence[Epoch]) -> bool:
        """As the other schedule says."""
        return self._then().finished(self._past(past))

    def monitored(self) -> str | None:
        """What the other schedule goes by."""
        return self._then().monitored()

    def _then(self) -> Schedule:
        return as_schedule("then", self.then)

    def _past(self, past: Sequence[Epoch]) -> Sequence[Epoch]:
        """The epochs that were wholly the other schedule's."""
        return past[math.ceil(self.epochs) :]


@dataclass(frozen=True)
class HalveOnPlateau(Schedule):
    """Halve eta after each `patience` epochs without improvement; stop at eta / `stop`.

    The exercise in chapter 3 of the book, "How to choose a neural network's hyper-parameters":
    training ends when eta has dropped to 1 / 128 of its first value.

    monitor    the figure, any number in `Epoch`
    mode       "max" or "min" is better; None: "max" for accuracies, "min" for all others
    min_delta  less than this above (or below) the best figure so far is no improvement
    """

    eta: float
    patience: int = 10
    stop: float = 128
    monitor: str = "validation_accuracy"
    mode: str | None = None
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        name = "HalveOnPlateau"
        checks.number(f"{name}: eta", self.eta, positive=True)
        if checks.number(f"{name}: stop", self.stop) <= 1:
            raise ValueError(f"{name}: stop: expected a number above 1, got {self.stop!r}")
        monitoring.check(name, self.monitor, self.mode, self.patience, self.min_delta)

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """Eta / 2^halvings."""
        return np.full(len(t), self.eta / 2 ** self._halvings(past))

    def finished(self, past: Sequence[Epoch]) -> bool:
        """Whether eta has dropped to 1 / stop of its first value."""
        return 2 ** self._halvings(past) >= self.stop

    def monitored(self) -> str | None:
        """The monitored figure."""
        return self.monitor

    def _halvings(self, past: Sequence[Epoch]) -> int:
        course = monitoring.Course(self.monitor, self.mode, self.min_delta).follow(past)
        return sum(count > 0 and count % self.patience == 0 for count in course.since)


@dataclass(frozen=True)
class _Function(Schedule):
    """A function of the user's: eta = f(t), called with a float for each mini-batch."""

    f: Callable[[float], float]

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """f(t)."""
        return np.array([checks.number(f"learning_rate({s:g})", self.f(s)) for s in t.tolist()])


def as_schedule(argument: str, value: Any) -> Schedule:
    """A schedule from a number, a function of t or itself; TypeError or ValueError."""
    if isinstance(value, Schedule):
        return value
    if callable(value) and not isinstance(value, type):
        return _Function(value)
    return Constant(checks.number(argument, value, positive=True))


def _half_wave(first: float, last: float, share: NDArray) -> NDArray:
    """From `first` at share 0 to `last` at share 1, as a cosine falls from 0 to pi."""
    return last + (first - last) * (1 + np.cos(np.pi * share)) / 2
