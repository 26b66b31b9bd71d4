"""fit's arguments `dropout` and `input_dropout`."""

from collections.abc import Sequence
from typing import Any

from fastnn.arguments import checks

__all__ = ["dropout_rates"]


def dropout_rates(
    hidden_activations: Sequence[Any], dropout: Any, input_dropout: Any
) -> tuple[float, ...]:
    """The rate of each layer but the output, the input's first; TypeError or ValueError.

    dropout is one rate for all hidden layers, or one each. Rates are in [0, 1).
    """
    hidden = len(hidden_activations)
    rates = [checks.share("input_dropout", input_dropout)]
    if checks.several(dropout):
        if len(dropout) != hidden:
            raise ValueError(
                f"dropout: expected one rate, or {hidden}, one for each hidden layer; "
                f"got {len(dropout)}"
            )
        rates += [checks.share(f"dropout[{l}]", rate) for l, rate in enumerate(dropout)]
    else:
        rates += [checks.share("dropout", dropout)] * hidden
    for rate, activation in zip(rates[1:], hidden_activations, strict=True):
        if rate and activation == "softmax":
            raise ValueError(
                "dropout: expected hidden layers whose neurons don't depend on each other, "
                "got softmax"
            )
    return tuple(rates)
