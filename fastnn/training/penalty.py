"""The penalty of large weights, and what else `fit` holds them with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from fastnn.arguments import checks

__all__ = ["L1", "Penalty", "PerLayer", "Proximal", "as_l1", "as_max_norm", "per_layer"]

PerLayer: TypeAlias = float | Sequence[float]  # one number for all weight matrices, or one each


@dataclass(frozen=True)
class Proximal:
    """L1 that makes weights exactly 0: `fit(l1=fastnn.Proximal(5))`.

    lmbda  the book's, a number or one for each layer's weights

    After the rest of the update |w| shrinks by eta lmbda / n, but not below 0 (a soft threshold);
    a plain number as `l1` is the sub-gradient, which jumps around 0 and hardly ever meets it.
    Raises TypeError or ValueError.
    """

    lmbda: PerLayer

    def __post_init__(self) -> None:
        layers = len(self.lmbda) if checks.several(self.lmbda) else 1  # type: ignore[arg-type]
        checked = per_layer("Proximal", self.lmbda, layers)
        object.__setattr__(self, "lmbda", checked if checks.several(self.lmbda) else checked[0])


L1: TypeAlias = PerLayer | Proximal  # what `l1` may be


class Penalty(NamedTuple):
    """lambda2 / (2 n) sum w^2 + lambda1 / n sum |w|, biases left out.

    l1, l2  one lambda for each layer's weights
    n       the training set's size
    """

    l1: tuple[float, ...]
    l2: tuple[float, ...]
    n: int

    def of(self, squares: Sequence[Any], magnitudes: Sequence[Any]) -> Any:
        """The penalty of weights by their sum w^2 and sum |w|, one item a layer.

        The items are numbers, and so is it; or arrays of one shape, and it is one, or 0.
        """
        total = 0.0
        for l1, l2, square, magnitude in zip(self.l1, self.l2, squares, magnitudes, strict=True):
            if l2:
                total += l2 / 2 * square
            if l1:
                total += l1 * magnitude
        return total / self.n


def per_layer(
    argument: str, values: Any, layers: int, check: Callable[[str, Any], float] = checks.number
) -> tuple[float, ...]:
    """One finite number of at least 0 for each of `layers`, from one number or one for each.

    `check(argument, value)` may ask for other numbers.
    """
    if not checks.several(values):
        return (check(argument, values),) * layers
    if len(values) != layers:
        raise ValueError(
            f"{argument}: expected one number, or {layers}, one for each layer's weights; "
            f"got {len(values)}"
        )
    return tuple(check(f"{argument}[{l}]", value) for l, value in enumerate(values))


def as_l1(argument: str, value: Any, layers: int) -> tuple[tuple[float, ...], bool]:
    """One number for each of `layers`, and whether L1 is proximal; TypeError or ValueError."""
    proximal = isinstance(value, Proximal)
    return per_layer(argument, value.lmbda if proximal else value, layers), proximal


def as_max_norm(argument: str, value: Any, layers: int) -> tuple[float, ...]:
    """The largest norm of a neuron's weights in each of `layers`; 0 for None, which is any."""

    def norm(argument: str, value: Any) -> float:
        return 0.0 if value is None else checks.number(argument, value, positive=True)

    return per_layer(argument, value, layers, norm)
