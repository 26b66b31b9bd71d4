"""What a call of `fit` asks for: its keywords checked, and put together with the rows."""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any, NamedTuple

from fastnn.arguments import checks
from fastnn.data.rows import Data, GivenRows
from fastnn.engine import UpdateRule
from fastnn.training import monitoring
from fastnn.training.early_stopping import EarlyStopping
from fastnn.training.optimizers import LBFGS, Optimizer, as_optimizer, rule_settings
from fastnn.training.penalty import as_l1, as_max_norm, per_layer
from fastnn.training.schedules import Constant, Schedule, as_schedule

__all__ = ["Recipe", "Settings", "check_monitored"]

_MEANS = ("rows", "weights")


class Settings(NamedTuple):
    """What a call of fit asks for, validated.

    data, validation  to train on; to measure after each epoch, or None
    rule              how a mini-batch changes parameters; its eta is the schedule's largest
    schedule          eta of each mini-batch
    epochs            how many at most
    early_stopping    when to end before that, or None
    shuffle           whether each epoch draws a new order of the rows
    by_weight         whether a mini-batch's mean is over its weights, else over its rows
    n_threads         None: as many as are found to be fastest
    """

    data: Data
    validation: Data | None
    rule: UpdateRule
    schedule: Schedule
    epochs: int
    early_stopping: EarlyStopping | None = None
    shuffle: bool = True
    by_weight: bool = False
    n_threads: int | None = None


@dataclass
class Recipe:
    """How to train, whatever the rows: `fit`'s keywords of the same names, checked when it is made.

    activations  of the hidden layers
    schedule     what the learning rate became; eta is its largest, above 0
    l1, l2, max_norm
                 become one number for each layer's weights, 0 for no limit
    proximal     whether `l1` is
    rates        of dropout: of each layer but the output, the input's first

    Raises TypeError or ValueError.
    """

    activations: InitVar[Sequence[Any]]
    epochs: int
    batch_size: int
    learning_rate: InitVar[Any]
    l2: Any
    l1: Any
    max_norm: Any
    dropout: InitVar[Any]
    input_dropout: InitVar[float]
    optimizer: Any
    shuffle: bool
    mean_over: str
    n_threads: int | None
    schedule: Schedule = field(init=False)
    eta: float = field(init=False)
    proximal: bool = field(init=False)
    rates: tuple[float, ...] = field(init=False)

    def __post_init__(
        self, activations: Sequence[Any], learning_rate: Any, dropout: Any, input_dropout: Any
    ) -> None:
        layers = len(activations) + 1
        self.epochs = checks.count("epochs", self.epochs)
        self.batch_size = checks.count("batch_size", self.batch_size)
        self.schedule = as_schedule("learning_rate", learning_rate)
        self.l1, self.proximal = as_l1("l1", self.l1, layers)
        self.l2 = per_layer("l2", self.l2, layers)
        self.max_norm = as_max_norm("max_norm", self.max_norm, layers)
        self.rates = dropout_rates(activations, dropout, input_dropout)
        self.optimizer: Optimizer = as_optimizer(self.optimizer)
        self.shuffle = checks.flag("shuffle", self.shuffle)
        self.mean_over = checks.option("mean_over", self.mean_over, _MEANS)
        if self.n_threads is not None:
            self.n_threads = checks.count("n_threads", self.n_threads)
        self.eta = self.schedule.largest(self.epochs)
        if isinstance(self.optimizer, LBFGS):
            self._check_smooth()

    def _check_smooth(self) -> None:
        """ValueError for what has kinks, or is drawn anew at each update: L-BFGS takes neither."""
        refused = {"l1": any(self.l1), "max_norm": any(self.max_norm), "dropout": any(self.rates)}
        for argument, given in refused.items():
            if given:
                raise ValueError(
                    f"{argument}: expected none with the optimizer lbfgs, which goes by the "
                    "gradient of a smooth cost; the others take it"
                )

    def settings(
        self, data: Data, validation: Data | None, seed: int, stopping: EarlyStopping | None
    ) -> Settings:
        """A training on these rows; the seed is of what is drawn without a generator."""
        rule = UpdateRule(
            self.batch_size,
            self.eta,
            self.l1,
            self.l2,
            len(data.x),
            **rule_settings(self.optimizer),
            proximal=self.proximal,
            max_norm=self.max_norm,
            drop=self.rates,
            drop_seed=seed,
            steady=isinstance(self.schedule, Constant),
        )
        return Settings(
            data,
            validation,
            rule,
            self.schedule,
            self.epochs,
            stopping,
            self.shuffle,
            self.mean_over == "weights",
            self.n_threads,
        )


def check_monitored(schedule: Schedule, stopping: EarlyStopping | None, rows: GivenRows) -> None:
    """ValueError unless the figures that these two go by are going to be measured."""
    targets = rows.data.targets, rows.measured
    monitoring.check_measured("learning_rate", schedule.monitored(), *targets)
    if stopping is not None:
        monitoring.check_measured("EarlyStopping", stopping.monitor, *targets)


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
