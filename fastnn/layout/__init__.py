"""What Python and kernels share: the arguments of kernels, and where things lie in memory.

A NamedTuple of arrays is one of pointers to kernels, see fastnn.native.keys.

layers      a network's layers, and the plan of its memory
unpacked    a network whose parameters stay where they are
rows        the rows of a data set
training    what a training reads and writes
evaluation  what an evaluation does
team        threads that run one kernel
codes       activations, costs and optimizers by number
figures     tables that kernels fill in
"""

from fastnn.layout.evaluation import Judged, Room, RowsToEvaluate
from fastnn.layout.rows import Bins, Columns, Dense, Nonzeros, PlacedRows, RawRows, Rows
from fastnn.layout.team import Member
from fastnn.layout.training import Data, Extras, Hyperparameters, Memory, Piece, State, Targets
from fastnn.layout.unpacked import Unpacked

__all__ = [
    "Bins",
    "Columns",
    "Data",
    "Dense",
    "Extras",
    "Hyperparameters",
    "Judged",
    "Member",
    "Memory",
    "Nonzeros",
    "Piece",
    "PlacedRows",
    "RawRows",
    "Room",
    "Rows",
    "RowsToEvaluate",
    "State",
    "Targets",
    "Unpacked",
]
