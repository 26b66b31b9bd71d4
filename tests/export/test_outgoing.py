"""Whatever a writer is given becomes a portable network."""

import numpy as np
import pytest
from exported import CLASSES, everything, kinds

import fastnn
from fastnn.export.outgoing import as_dtype, as_portable
from fastnn.model.portable import PortableNetwork


def test_a_network_and_a_portable_one():
    net = kinds()["classes"]
    portable = as_portable(net)
    assert everything(portable) == everything(PortableNetwork.of(net))
    assert portable.classes is None
    assert as_portable(portable) is portable
    named = as_portable(portable, CLASSES)
    assert named.classes == tuple(CLASSES)
    assert everything(named) == everything(as_portable(net, CLASSES))
    assert as_portable(named).classes == tuple(CLASSES)
    with pytest.raises(ValueError, match="classes: expected 3 names, got 2"):
        as_portable(portable, ["a", "b"])


def test_another_dtype():
    portable = as_portable(fastnn.Network([3, 4, 2], seed=0, input_scale=0.1))
    wide = as_dtype(portable, "float64")
    assert wide.dtype == np.float64
    assert everything(as_dtype(wide, "float32")) == everything(portable)
    assert as_dtype(portable, "float32") is portable
