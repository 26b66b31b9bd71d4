"""What kernels take that evaluate a network."""

from typing import Any, NamedTuple

from fastnn.layout.rows import Nonzeros, RawRows
from fastnn.layout.training import Targets

__all__ = ["Judged", "Room", "RowsToEvaluate"]


class RowsToEvaluate(NamedTuple):
    """The rows of a data set in one of two forms.

    raw         with all their zeros; none of them where they are
    compressed  whether there are only
    nonzeros    theirs, as layer 1 takes them: times what inputs are multiplied by
    """

    raw: RawRows
    compressed: bool
    nonzeros: Nonzeros


class Room(NamedTuple):
    """Memory of one thread for a block of rows, of any content: arrays, in kernels pointers.

    block                               how many rows are taken at a time
    scratch (s,)                        see layers.Plan
    order (block + 1,)                  int64: 0, 1, 2, ...
    starts (block + 1,)                 int64
    columns, values (block * inputs + SPARE,)  uint16 and the parameters' dtype; fewer for rows that
                                        are compressed
    costs (block,)                      float64
    scale                               what inputs are multiplied by, of the parameters' dtype
    """

    block: int
    scratch: Any
    order: Any
    starts: Any
    columns: Any
    values: Any
    costs: Any
    scale: float


class Judged(NamedTuple):
    """What outputs ought to be, and what there is to say of them: arrays, in kernels pointers.

    y                targets
    each             see costs.count_correct
    weighted         whether rows count differently:
    row_weights (rows,)  how much each row's cost does, the parameters' dtype
    costs (blocks,)  float64 out: the sum of data costs of each block
    correct (blocks,) int64 out: how many of its rows are right
    """

    y: Targets
    each: bool
    weighted: bool
    row_weights: Any
    costs: Any
    correct: Any
