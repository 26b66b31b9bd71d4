"""A network measured on a data set."""

from fastnn.data.rows import Data
from fastnn.engine import Engine

__all__ = ["measure"]


def measure(engine: Engine, data: Data, n_threads: int | None = None) -> tuple[float, float | None]:
    """Mean data cost of a row, and the fraction classified correctly (None: no classes)."""
    x, targets, row_weights = data
    cost_sum, correct = engine.evaluate(
        x, targets.values, targets.multi_label, row_weights, n_threads
    )
    return cost_sum / len(x), correct / len(x) if targets.classes else None
