"""`to_c`: a network enters, a header leaves."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.data.targets import Targets
from fastnn.export.c99.figures import Written, measure, written
from fastnn.export.c99.floats import Floats
from fastnn.export.c99.header import header
from fastnn.export.c99.int8 import Int8
from fastnn.export.c99.labels import labels_of
from fastnn.export.c99.literals import as_prefix
from fastnn.export.c99.self_test import self_test
from fastnn.files import atomic_write
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["to_c"]


def to_c(
    net: Network,
    path: str | os.PathLike[str],
    *,
    prefix: str = "fastnn",
    classes: Sequence[str] | None = None,
    int8: bool = False,
    rows: tuple[ArrayLike, ArrayLike] | None = None,
) -> Written:
    """Write the network as a header of C99, which C++ compilers take as well.

    prefix   what all names in it begin with, macros in capitals: headers with several networks
             go into one program
    classes  what outputs are called, one for each; of a single output, what 0 and 1 are called
    int8     whether weights become bytes: a quarter of the memory, and sums in whole numbers, for
             processors without floats; else they are float32, also those of a float64 network
    rows     (x, y) as for `Network.evaluate`: to tell how accurate the header is, and the self
             test takes some of the rows. Without, it takes random ones

    The file is written whole or not at all, and the same network gives the same file. Functions
    in it: PREFIX_predict; PREFIX_label, or for multi-label networks PREFIX_has_label, none for
    regression; PREFIX_class_name if there are `classes`; PREFIX_self_test. The comment that it
    begins with tells the rest.

    Returns what the header takes of memory and work; `print` it. Raises TypeError or ValueError,
    also for activations of the user's own, numbers that float32 can't hold, and with int8 for
    layers of more than 133,144 inputs; OSError as `open` does; and RuntimeError while another
    thread trains the network.
    """
    if not isinstance(net, Network):
        raise TypeError(f"net: expected a fastnn.Network, got {checks.shown(net)}")
    prefix, int8 = as_prefix("prefix", prefix), checks.flag("int8", int8)
    given = None if rows is None else _read(net, rows)
    network = PortableNetwork.of(net, classes)
    arithmetic = Int8(network) if int8 else Floats(network)
    labels = labels_of(network)
    test = self_test(arithmetic, given[0] if given else None)
    takes = written(
        arithmetic,
        test.constants,
        labels.names.nbytes if labels.names else 0,
        measure(net, arithmetic, *given) if given else None,
    )
    name = os.path.basename(os.fsdecode(path))
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):  # which a comment would not take
        name = f"{prefix}.h"
    text = header(arithmetic, labels, test, takes, prefix, name)
    with atomic_write(path) as file:
        file.write(text.encode("ascii"))
    return takes


def _read(net: Network, rows: tuple[ArrayLike, ArrayLike]) -> tuple[NDArray, Targets]:
    """x (rows, inputs) and its targets, checked; TypeError or ValueError."""
    if not isinstance(rows, (tuple, list)) or len(rows) != 2:
        raise TypeError(f"rows: expected (x, y), got {checks.shown(rows)}")
    x, targets, _ = net.row_format.read(*rows, "rows' ")
    if not isinstance(x, np.ndarray):
        raise TypeError("rows' x: expected an array, got a sparse matrix; x.toarray() is one")
    return x, targets
