"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters, a trainer all that a training needs besides.
They take arrays that the faces have validated, hand them to the kernels, and unpack what
comes back. They check nothing and print nothing.

engine          Engine: packed parameters, outputs, cost and accuracy
trainer         Trainer: the kernels at work on parameters and data
full_batch      FullBatch: the cost of all rows and its gradient
progress        how far a training has come
strategy        which way layer 1 takes the rows
memory          what a training needs of memory, and the rows as layer 1 takes them
inputs          the rows of a data set, dense or by their non-zeros
sparse_rows     SparseRows: rows that come as their non-zeros
compression     the non-zeros of rows that come in pieces
placed          rows where they lie, of a matrix or not
targets         OneHot: rows of ones and zeros in the memory of their labels
rule            how a training changes parameters
columns         Columns: outputs and gradients of a few rows, on parameters that stay unpacked
weight_figures  what the weights of each layer look like
threads         a team of threads at work on one call; thread_choice says how many
buffer_pool     large pieces of memory, used again
arrays          as kernels take them
being_trained   one training of a network at a time
"""

from fastnn.engine.columns import Columns
from fastnn.engine.compression import MOST_COLUMNS, Compressor
from fastnn.engine.engine import BLOCK, Engine, Predictor
from fastnn.engine.full_batch import FullBatch
from fastnn.engine.inputs import Inputs, are_shared, share_inputs
from fastnn.engine.placed import copy_rows, find_rows
from fastnn.engine.rule import MOST_UPDATES, OptimizerMemory, UpdateRule
from fastnn.engine.sparse_rows import SparseRows
from fastnn.engine.targets import Counting, OneHot
from fastnn.engine.trainer import Trainer, gradients, shuffle, train
from fastnn.engine.weight_figures import EpochsFigures
from fastnn.layout.codes import ACTIVATIONS, COSTS

__all__ = [
    "ACTIVATIONS",
    "BLOCK",
    "COSTS",
    "MOST_COLUMNS",
    "MOST_UPDATES",
    "Columns",
    "Compressor",
    "Counting",
    "Engine",
    "EpochsFigures",
    "FullBatch",
    "Inputs",
    "OneHot",
    "OptimizerMemory",
    "Predictor",
    "SparseRows",
    "Trainer",
    "UpdateRule",
    "are_shared",
    "copy_rows",
    "find_rows",
    "gradients",
    "share_inputs",
    "shuffle",
    "train",
]
