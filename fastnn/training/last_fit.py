"""What the last call of fit was asked for, as far as people want to read of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastnn.arguments import checks
from fastnn.training.optimizers import Optimizer
from fastnn.training.penalty import Penalty
from fastnn.training.schedules import Constant, Schedule
from fastnn.training.settings import Recipe

__all__ = ["Asked", "LastFit"]

_MOST = 2**53  # epochs, or rows of a mini-batch, in a file
_LONGEST = 200  # characters of a schedule's description


class Asked(NamedTuple):
    """Settings of a fit that a network would not have to keep to train on.

    epochs         how many at most
    batch_size     rows of a mini-batch, m
    learning_rate  eta, the schedule's largest
    schedule       in words; "constant" for a plain number
    proximal       whether L1 was
    dropout        of each layer but the output, the input's first
    max_norm       of each layer's weights; 0 for any
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    proximal: bool
    dropout: tuple[float, ...]
    max_norm: tuple[float, ...]

    @classmethod
    def of(cls, recipe: Recipe) -> Asked:
        """Those of a fit that begins."""
        return cls(
            min(recipe.epochs, _MOST),
            min(recipe.batch_size, _MOST),
            recipe.eta,
            _described(recipe.schedule),
            recipe.proximal,
            recipe.rates,
            recipe.max_norm,
        )

    @classmethod
    def read(cls, settings: Mapping[str, Any], layers: int) -> Asked:
        """From what `_asdict` gave, as a file has it; ValueError, TypeError or KeyError."""
        schedule = settings["schedule"]
        if not isinstance(schedule, str) or len(schedule) > _LONGEST:
            raise ValueError("schedule: expected a short text")
        per_layer = {name: settings[name] for name in ("dropout", "max_norm")}
        for name, values in per_layer.items():
            if not isinstance(values, list) or len(values) != layers:
                raise ValueError(f"{name}: expected {layers} numbers")
        return cls(
            checks.count("epochs", settings["epochs"], most=_MOST),
            checks.count("batch_size", settings["batch_size"], most=_MOST),
            checks.number("learning_rate", settings["learning_rate"], positive=True),
            schedule,
            checks.flag("proximal", settings["proximal"]),
            tuple(checks.share("dropout", rate) for rate in per_layer["dropout"]),
            tuple(checks.number("max_norm", norm) for norm in per_layer["max_norm"]),
        )


class LastFit(NamedTuple):
    """The last fit of a network.

    optimizer, penalty   with their settings; the penalty's n is the number of rows
    asked                None for a network from a file whose version did not keep it
    """

    optimizer: Optimizer
    penalty: Penalty
    asked: Asked | None


def _described(schedule: Schedule) -> str:
    """A schedule as one would write it; what is the user's own has no words."""
    if isinstance(schedule, Constant):
        return "constant"
    text = repr(schedule)
    return "a function" if "<" in text or len(text) > _LONGEST else text
