"""Specs: what `fit_many` trains, one flat dict of keywords a network; grids and random draws."""

import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from fastnn.arguments import checks
from fastnn.network import Network

__all__ = [
    "LogUniform",
    "Spec",
    "Uniform",
    "grid",
    "log_uniform",
    "random_draws",
    "split",
    "uniform",
]

Spec: TypeAlias = Mapping[str, Any]

# What fit_many gives to fit itself.
_ITS_OWN = ("self", "x", "y", "validation_data", "verbose")


class Keywords(NamedTuple):
    """A spec, split into what `Network` and what `Network.fit` take."""

    network: dict[str, Any]
    fit: dict[str, Any]


def split(argument: str, spec: Any) -> Keywords:
    """A spec's keywords, each where it belongs; TypeError or ValueError that names `argument`."""
    if not isinstance(spec, Mapping):
        raise TypeError(f"{argument}: expected a dict of keywords, got {checks.shown(spec)}")
    of_network, of_fit = _names(Network), _names(Network.fit)
    _check_names(argument, spec)
    return Keywords(
        {name: spec[name] for name in spec if name in of_network},
        {name: spec[name] for name in spec if name in of_fit},
    )


def _check_names(argument: str, names: Iterable[Any]) -> None:
    """ValueError unless all are keywords that a spec may have."""
    for name in names:
        if name in _ITS_OWN:
            raise ValueError(
                f"{argument}: expected keywords of a single network, got {name!r}, which fit_many "
                "takes for all"
            )
        checks.known(argument, name, [*_names(Network), *_names(Network.fit)])


@cache
def _names(function: Any) -> tuple[str, ...]:
    return tuple(n for n in inspect.signature(function).parameters if n not in _ITS_OWN)


def grid(**values: Any) -> list[dict[str, Any]]:
    """Specs for all combinations of values, the last keyword's changing fastest.

        fastnn.grid(sizes=[784, 30, 10], l2=[0, 1, 5], seed=range(3))  # 9 specs

    A list, tuple, range or array holds values to try; anything else is the same for all. `sizes`
    of plain numbers are one network's; every other value that is itself a list is wrapped in
    one: `l2=[[0, 5]]` is the one value [0, 5]. Raises ValueError.
    """
    _check_names("grid", values)
    names, axes = list(values), [_axis(name, value) for name, value in values.items()]
    for name, axis in zip(names, axes):
        if not axis:
            raise ValueError(f"{name}: expected at least one value, got none")
    return [dict(zip(names, combination)) for combination in product(*axes)]


def _axis(name: str, value: Any) -> list[Any]:
    """The values to try for a keyword."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    # Optimizers, for example, are named tuples.
    if not isinstance(value, (list, tuple, range)) or hasattr(value, "_fields"):
        return [value]
    if name == "sizes" and not any(isinstance(size, Iterable) for size in value):
        return [list(value)]
    return list(value)


class Draw:
    """What `random_draws` draws from."""

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        raise NotImplementedError


@dataclass(frozen=True)
class Uniform(Draw):
    """Numbers from low to high, each as likely as any other."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """One of them."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform(Draw):
    """Numbers from low to high whose logarithms are uniform: each power of ten is as likely."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """One of them."""
        exponent = rng.uniform(math.log(self.low), math.log(self.high))
        return min(max(math.exp(exponent), self.low), self.high)


def uniform(low: float, high: float) -> Uniform:
    """For `random_draws`: numbers from low >= 0 to high, each as likely as any other."""
    low, high = checks.number("low", low), checks.number("high", high)
    if high < low:
        raise ValueError(f"high: expected at least low = {low:g}, got {high:g}")
    return Uniform(low, high)


def log_uniform(low: float, high: float) -> LogUniform:
    """For `random_draws`: numbers from low > 0 to high, uniform on a logarithmic scale."""
    low, high = checks.number("low", low, positive=True), checks.number("high", high)
    if high < low:
        raise ValueError(f"high: expected at least low = {low:g}, got {high:g}")
    return LogUniform(low, high)


def random_draws(count: int, seed: int | None = None, **values: Any) -> list[dict[str, Any]]:
    """`count` specs with values drawn at random (Bergstra and Bengio 2012: better than grids).

        fastnn.random_draws(20, seed=0, sizes=[784, 30, 10], batch_size=[10, 20, 50],
                            learning_rate=fastnn.log_uniform(0.01, 1))

    A `log_uniform` or `uniform` is drawn from, also in an optimizer, as in
    `optimizer=fastnn.SGD(clip_norm=fastnn.uniform(1, 5))`; of values to try, as `grid` takes
    them, one is chosen; anything else is the same for all. Each spec gets a `seed` of its own,
    drawn as well.
    The same seed gives the same specs, and the first of more draws are those of fewer.
    """
    count = checks.count("count", count)
    if seed is not None:
        seed = checks.count("seed", seed, least=0)
    _check_names("random_draws", values)
    rng = np.random.default_rng(seed)
    axes = {name: _choices(name, value) for name, value in values.items()}
    return [
        {
            **{name: _drawn(axis, rng) for name, axis in axes.items()},
            "seed": int(rng.integers(2**32)),
        }
        for _ in range(count)
    ]


def _choices(name: str, value: Any) -> Any:
    if isinstance(value, Draw):
        return value
    axis = _axis(name, value)
    if not axis:
        raise ValueError(f"{name}: expected at least one value, got none")
    return axis


def _drawn(axis: Any, rng: np.random.Generator) -> Any:
    if isinstance(axis, Draw):
        return axis.draw(rng)
    value = axis[int(rng.integers(len(axis)))] if len(axis) > 1 else axis[0]
    if hasattr(value, "_replace"):  # an optimizer
        drawn = {n: v.draw(rng) for n, v in value._asdict().items() if isinstance(v, Draw)}
        return value._replace(**drawn)
    return value
