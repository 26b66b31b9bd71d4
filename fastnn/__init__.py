"""fastnn: a feedforward neural network for the CPU with a native-compiled core.

    net = fastnn.Network([784, 100, 10], seed=0)
    net.fit(x, y, epochs=5, l2=5.0)

`fastnn.book` is a drop-in for the code of Michael Nielsen's book, `fastnn.datasets` has
MNIST and a reader of IDX files, `fastnn.reference` the same network in plain NumPy.
"""

from importlib.metadata import PackageNotFoundError, version

from fastnn.early_stopping import EarlyStopping
from fastnn.history import Epoch, Evaluation, History
from fastnn.network import Gradients, Network, load
from fastnn.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSProp
from fastnn.schedules import Cosine, Exponential, HalveOnPlateau, OneCycle, Step, WarmUp

__all__ = [
    "SGD", "Adam", "AdamW", "Cosine", "EarlyStopping", "Epoch", "Evaluation", "Exponential",
    "Gradients", "HalveOnPlateau", "History", "Momentum", "Nesterov", "Network", "OneCycle",
    "RMSProp", "Step", "WarmUp", "load",
]  # fmt: skip

try:
    __version__ = version("fastnn")
except PackageNotFoundError:  # run from a source tree that isn't installed
    __version__ = "0+unknown"
