"""The penalty of large weights, and what else `fit` holds them with."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from fastnn.arguments import checks

__all__ = ["PerLayer", "Penalty", "limits", "per_layer"]

PerLayer: TypeAlias = float | Sequence[float]  # one number for all weight matrices, or one each

_L1_MODES = ("subgradient", "proximal")


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


def limits(layers: int, l1_mode: Any, max_norm: Any, clip_norm: Any) -> dict[str, Any]:
    """What UpdateRule needs to know of fit's arguments of the same names; None is no limit."""
    checks.known("l1_mode", l1_mode, _L1_MODES)
    max_norm = per_layer("max_norm", max_norm, layers, _max_norm)
    if clip_norm is not None:
        clip_norm = checks.number("clip_norm", clip_norm, positive=True)
    return {"proximal": l1_mode == "proximal", "max_norm": max_norm, "clip_norm": clip_norm or 0.0}


def _max_norm(argument: str, value: Any) -> float:
    """A number above 0; 0 for None, which is no limit."""
    return 0.0 if value is None else checks.number(argument, value, positive=True)
