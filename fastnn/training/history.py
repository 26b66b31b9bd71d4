"""What training and evaluation report: figures as plain numbers."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

from fastnn.arguments.hints import hint

__all__ = ["Epoch", "Evaluation", "History"]


class Evaluation(NamedTuple):
    """A network measured on a data set.

    data_cost  mean cost of a row, without the penalty
    penalty    lambda2 / (2 n) sum w^2 + lambda1 / n sum |w|, with the lambdas and the
               training set's size n of the last fit; 0 before the first
    accuracy   fraction of the rows classified correctly; None where the targets name no class
    weight_norms, zero_shares, largest_weights
               of the weights of each layer, see Epoch
    """

    data_cost: float
    penalty: float
    accuracy: float | None
    weight_norms: tuple[float, ...]
    zero_shares: tuple[float, ...]
    largest_weights: tuple[float, ...]

    @property
    def cost(self) -> float:
        """data_cost + penalty: what training minimizes."""
        return self.data_cost + self.penalty


class Epoch(NamedTuple):
    """One epoch of training.

    epoch                 counted from 1, over all calls of fit
    seconds               of training, without the validation; of short epochs that were trained
                          in one piece, each one's share
    data_cost, accuracy   over the training rows, each measured just before the update of its
                          own mini-batch: free of cost, and a little behind the network that
                          the epoch leaves (evaluate(x, y) measures that)
    penalty               of the weights that the epoch leaves
    validation_data_cost, validation_accuracy
                          of the network that the epoch leaves; None without validation data
    learning_rate         eta of the epoch's last update
    weight_norms          sqrt(sum w^2) of the weights that the epoch leaves, one item a layer,
                          biases not counted
    zero_shares           fraction of them that are exactly 0
    largest_weights       max |w|

    Costs are means over rows; accuracies are fractions, None where the targets name no class.
    The last three are None for epochs from a file of a version that did not measure them.
    """

    epoch: int
    seconds: float
    data_cost: float
    penalty: float
    accuracy: float | None
    validation_data_cost: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float | None = None
    weight_norms: tuple[float, ...] | None = None
    zero_shares: tuple[float, ...] | None = None
    largest_weights: tuple[float, ...] | None = None

    @property
    def cost(self) -> float:
        """data_cost + penalty: what training minimizes."""
        return self.data_cost + self.penalty


class History(dict[str, list]):
    """Epochs, of a fit or all so far: a dict with a list for each of Epoch's fields.

    The lists have one item an epoch, and are attributes as well: history["penalty"] is
    history.penalty.

    best_epoch  an attribute only: the number of the epoch that early stopping found best in this,
                or in the last, fit; None if that had no early stopping
    """

    best_epoch: int | None

    def __init__(self) -> None:
        super().__init__({name: [] for name in Epoch._fields})
        self.best_epoch = None

    @classmethod
    def of(cls, epochs: Sequence[Epoch], best_epoch: int | None) -> "History":
        """That of these epochs."""
        history = cls()
        history.follow(epochs, 0)
        history.best_epoch = best_epoch
        return history

    def append(self, epoch: Epoch) -> None:
        """Add an epoch's figures."""
        for name, value in zip(Epoch._fields, epoch, strict=True):
            self[name].append(value)

    def follow(self, epochs: Sequence[Epoch], past: int) -> None:
        """Add those of a fit's epochs that are not here yet; `past` epochs went before the fit."""
        first = len(self[Epoch._fields[-1]])  # the list that is complete last, if this is cut off
        for name, figures in zip(Epoch._fields, zip(*epochs[first - past :])):
            self[name][first:] = figures

    def table(self) -> dict[str, list]:
        """All figures as columns of plain numbers, one item an epoch: ready for a data frame.

        Figures of each layer become a column a layer, counted from 1: weight_norms becomes
        weight_norm_1, weight_norm_2 and so on. The lists are copies.
        """
        columns: dict[str, list] = {}
        for name, figures in self.items():
            layers = max((len(f) for f in figures if isinstance(f, tuple)), default=0)
            if not layers:
                columns[name] = list(figures)
            for l in range(layers):
                column = f"{name.removesuffix('s')}_{l + 1}"
                columns[column] = [None if f is None else f[l] for f in figures]
        return columns

    def plot(self, *, ax: Any = None) -> Any:
        """Costs over the epochs, and beside them accuracies where targets name classes.

        Data costs of training and validation, the penalty and their sum, if there is a penalty;
        and the epoch that early stopping found best, else that of the lowest validation cost.

        ax  Axes of Matplotlib's to draw on, which are returned: two, or one for the costs alone;
            None makes a figure and returns it. A notebook shows it, `savefig` writes it

        Raises ValueError before the first epoch, and ImportError without Matplotlib (extra plot).
        """
        from fastnn.plots.drawing.training import plot_history

        return plot_history(self, self.best_epoch, ax)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from fastnn.training.history_table import as_html

        return as_html(self, self.best_epoch)

    def restore(self, lists: dict[str, list]) -> None:
        """Become these lists; ValueError unless they are Epoch's fields, equally long.

        A figure that has a default is one that older versions didn't measure.
        """
        if isinstance(lists, dict) and isinstance(lists.get("epoch"), list):
            rows = len(lists["epoch"])
            unknown = {name: [value] * rows for name, value in Epoch._field_defaults.items()}
            lists = {**unknown, **lists}
        if not isinstance(lists, dict) or any(
            not isinstance(lists.get(name), list) or len(lists[name]) != len(lists["epoch"])
            for name in Epoch._fields
        ):
            raise ValueError(f"history: expected lists of one length: {', '.join(Epoch._fields)}")
        for name, figures in lists.items():
            self[name] = [tuple(f) if type(f) is list else f for f in figures]  # as JSON has them

    def __getattr__(self, name: str) -> list:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(
                f"history has no {name!r}; it has {', '.join(self)}{hint(name, self)}"
            ) from None

    def copy(self) -> "History":
        """A history of its own, as copy.copy and copy.deepcopy make; dict(history) shares lists."""
        twin = History()
        for name, figures in self.items():
            plain = name in Epoch._fields  # numbers and tuples of numbers, which nobody changes
            twin[name] = list(figures) if plain else copy.deepcopy(figures)
        twin.best_epoch = self.best_epoch
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> "History":
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return History, (), {"best_epoch": self.best_epoch}, None, iter(self.items())
