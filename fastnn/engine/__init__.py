"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters, a trainer all that a training needs besides.
They take arrays that the faces have validated, hand them to the kernels, and unpack what
comes back. They check nothing and print nothing.

arrays       as kernels take them
compression  the non-zeros of rows that come in pieces
inputs       the rows of a data set, dense or by their non-zeros
passes       Engine: packed parameters, outputs, cost and accuracy
columns      Columns: outputs and gradients of a few rows, on parameters that stay unpacked
rule         how a training changes parameters
targets      OneHot: rows of ones and zeros in the memory of their labels
trainer      Trainer: the kernels at work on parameters and data
"""

from fastnn.engine.columns import Columns
from fastnn.engine.compression import MOST_COLUMNS, Compressor
from fastnn.engine.inputs import Inputs, share_inputs
from fastnn.engine.passes import BLOCK, Engine, Predictor
from fastnn.engine.rule import MOST_UPDATES, OptimizerMemory, UpdateRule
from fastnn.engine.targets import OneHot
from fastnn.engine.trainer import EpochsFigures, Trainer, gradients, shuffle, train
from fastnn.kernels.functions.by_name import ACTIVATIONS, COSTS

__all__ = [
    "ACTIVATIONS",
    "BLOCK",
    "COSTS",
    "MOST_COLUMNS",
    "MOST_UPDATES",
    "Columns",
    "Compressor",
    "Engine",
    "EpochsFigures",
    "Inputs",
    "OneHot",
    "OptimizerMemory",
    "Predictor",
    "Trainer",
    "UpdateRule",
    "gradients",
    "share_inputs",
    "shuffle",
    "train",
]
