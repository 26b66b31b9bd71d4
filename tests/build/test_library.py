"""A small library: built, loaded and called; and what its index says."""

import ctypes
import json
from pathlib import Path

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from mini_entries import ROWS

from fastnn.build.library import BuildError, Plan, build
from fastnn.build.linking import own_linker
from fastnn.build.symbols import symbol
from fastnn.build.systems import this_system
from fastnn.kernels.functions.calls import Called
from fastnn.kernels.levels import host
from fastnn.machine.sources import sources_digest

KEYS = ["gelu(f4*)", "huber(f8*)", "total(i8*)"]
HELPERS = str(Path(__file__).parents[1] / "helpers")

pytestmark = pytest.mark.skipif(
    own_linker() is None or this_system() is None or host().level is None,
    reason="there is no C compiler here, or no level",
)


def plan(keys):
    return Plan(
        this_system(), [host().level], keys, own_linker(), "1.2.3", "mini_entries:compile_entry", 1
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder, and what the progress said."""
    folder, said = tmp_path_factory.mktemp("libraries"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", HELPERS)
        build(plan(KEYS), folder, said.append)
    return folder, said


@pytest.fixture
def index(built):
    return json.loads((built[0] / f"fastnn-{host().level}.json").read_text())


@pytest.fixture
def library(built):
    return ctypes.CDLL(str(built[0] / f"fastnn-{host().level}{this_system().suffix}"))


def test_the_index(index):
    assert {name: index[name] for name in ("version", "level", "triple", "sources")} == {
        "version": "1.2.3",
        "level": host().level,
        "triple": this_system().triple,
        "sources": sources_digest(),
    }
    assert index["functions"] == {key: symbol(key) for key in KEYS}


def test_progress(built):
    assert built[1] == [*(f"{i} of 3 functions compiled" for i in (1, 2, 3)), "linking"]


def test_each_function_of_the_index_is_there(library, index):
    for name in index["functions"].values():
        assert getattr(library, name)
    assert not hasattr(library, "fastnn_yield")  # seen from outside are those alone


def test_a_function_of_a_block(library, index):
    function = library[index["functions"]["total(i8*)"]]
    function.restype = ctypes.c_int64
    block = np.array([3, 10, -4, 1 << 40, 99])
    assert function(ctypes.c_void_p(block.ctypes.data)) == 6 + (1 << 40)


def test_the_same_bits_as_compiled_here(library, index):
    z = np.linspace(-6, 6, 64, dtype=np.float32)
    results = []
    for address in (library[index["functions"]["gelu(f4*)"]], None):
        a, slope = z.copy(), np.empty_like(z)
        if address is None and KERNELS_ARE_INTERPRETED:
            ROWS["gelu"](2, 32, 32, a, slope, slope)
        else:
            called = Called(ROWS["gelu"], np.dtype("f4")) if address is None else None
            _rows_function(address if called is None else called.address)(
                2, 32, 32, a.ctypes.data, slope.ctypes.data, slope.ctypes.data
            )
        results.append((a, slope))
    for built, here in zip(*results):
        assert np.ptp(built) > 1
        if KERNELS_ARE_INTERPRETED:
            np.testing.assert_allclose(built, here, rtol=1e-5, atol=1e-6)
        else:
            np.testing.assert_array_equal(built, here)


def _rows_function(function):
    address = function if isinstance(function, int) else ctypes.cast(function, ctypes.c_void_p)
    kind = ctypes.CFUNCTYPE(ctypes.c_double, *(ctypes.c_int64,) * 3, *(ctypes.c_void_p,) * 3)
    return kind(getattr(address, "value", address))


@pytest.mark.skipif(len(this_system().levels if this_system() else ()) < 2, reason="one level")
def test_the_level_of_this_cpu(built):
    probe = ctypes.CDLL(str(built[0] / f"cpu{this_system().suffix}"))
    assert f"x86-64-v{probe.fastnn_cpu_level()}" == host().level


def test_a_function_that_cannot_be_compiled(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", HELPERS)
    with pytest.raises(BuildError, match=f"{host().level}: KeyError: 'unheard_of'"):
        build(plan(["unheard_of(f4*)"]), tmp_path, lambda text: None)
    assert not list(tmp_path.iterdir())
