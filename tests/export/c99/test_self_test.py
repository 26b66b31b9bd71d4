"""The self test of a header fails where something is wrong, and nowhere else."""

import re

import numpy as np
import pytest
from c_programs import compiled, run

import fastnn
from fastnn.export.c99 import to_c
from fastnn.export.c99.floats import Floats
from fastnn.export.c99.int8 import Int8
from fastnn.export.c99.self_test import self_test
from fastnn.model.portable import PortableNetwork

PROGRAM = """\
#include <stdio.h>
#include "net.h"
int main(void)
{
    static float scratch[NET_SCRATCH];
    printf("%d", net_self_test(scratch));
    return 0;
}
"""


def result(folder, *options):
    return int(run(compiled(folder, PROGRAM, *(options or ["-std=c99", "-O2"]))))


def net(**options):
    made = {"sizes": [6, 8, 3], "cost": "log_likelihood", "seed": 0, **options}
    return fastnn.Network(**made)


def change(path, pattern, new, count=1):
    text = path.read_text()
    changed = re.sub(pattern, new, text, count=count)
    assert changed != text
    path.write_text(changed)


@pytest.mark.parametrize("weight", [99, -99])
@pytest.mark.parametrize("int8", [False, True])
def test_it_notices_a_weight_that_changed(tmp_path, int8, weight):
    to_c(net(cost="quadratic"), tmp_path / "net.h", prefix="net", int8=int8)
    assert result(tmp_path) == 0
    first = r"(weights_2\[3 \* 8\] = \{\n(?: +/.*\n)? +)[-\d.e]+f?,"
    change(tmp_path / "net.h", first, rf"\g<1>{weight},")
    assert result(tmp_path) == 1


def test_it_notices_nan_and_tells_the_row(tmp_path):
    to_c(net(), tmp_path / "net.h", prefix="net")
    change(tmp_path / "net.h", r"(test_inputs\[.*\n.*\n +)[-\d.e]+f,", r"\g<1>(0.0f / 0.0f),")
    assert result(tmp_path) == 2


def test_it_notices_arithmetic_that_is_less_than_float32(tmp_path):
    """An exponential with four digits."""
    to_c(net(), tmp_path / "net.h", prefix="net")
    change(tmp_path / "net.h", r"\bexpf\(", "1.0001f * expf(", count=0)
    assert result(tmp_path) > 0


@pytest.mark.parametrize("options", ["-O2 -march=native", "-O2 -mfma"])
@pytest.mark.parametrize("int8", [False, True])
def test_it_passes_with_fused_additions(tmp_path, options, int8):
    """Which -std=gnu allows; a byte that lay on the edge would be another one."""
    if "-mfma" in options:
        from fastnn.machine.cpu import cpu_level

        if not cpu_level().startswith(("x86-64-v3", "x86-64-v4")):
            pytest.skip("not a task for this: it has no fused additions to ask for")
    wide = net(sizes=[6, 100, 50, 3], activation="tanh")
    to_c(wide, tmp_path / "net.h", prefix="net", int8=int8)
    assert result(tmp_path, *options.split()) == 0


def test_rows_are_the_users_if_there_are_any(tmp_path):
    x = np.arange(60).reshape(10, 6).astype(np.uint8)
    to_c(net(input_scale=1 / 255), tmp_path / "net.h", prefix="net", rows=(x, np.arange(10) % 3))
    found = re.search(r"net_test_inputs\[3 \* 6\] = \{\n(.*?)\};", text(tmp_path), re.DOTALL)
    values = [float(number) for number in re.findall(r"[\d.]+(?=f)", found[1])]
    assert values == x[[0, 4, 9]].ravel().tolist()
    assert result(tmp_path) == 0


def test_a_single_row_is_enough(tmp_path):
    to_c(net(), tmp_path / "net.h", prefix="net", rows=(np.ones((1, 6)), [2]))
    assert "#define NET_TEST_ROWS                 1 " in text(tmp_path)
    assert result(tmp_path) == 0


def text(folder):
    return (folder / "net.h").read_text()


@pytest.mark.parametrize("scale", [1 / 255, 1.0, 1e-3, 40.0])
def test_random_rows_are_in_the_range_of_inputs(scale):
    made = self_test(Floats(PortableNetwork.of(net(input_scale=scale))), None)
    scaled = made.x * scale
    assert scaled.min() >= (-1 if scale == 1 else 0)
    assert 0.5 < scaled.max() <= 1
    assert len(np.unique(made.x)) > 10


def test_rows_of_bytes_are_the_certain_ones():
    network = PortableNetwork.of(net(sizes=[6, 200, 3]))
    int8 = Int8(network)
    x = np.random.default_rng(5).standard_normal((32, 6)).astype(np.float32)
    chosen = int8.certainty(self_test(int8, x).x)
    assert sorted(int8.certainty(x))[-3:] == sorted(chosen)


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_the_tolerance_goes_with_the_outputs(factor):
    """Or a network with small outputs would pass whatever it computes."""
    regression = net(activation="relu", cost="quadratic")
    regression.weights[-1][:] *= factor
    regression.biases[-1][:] *= factor
    made = self_test(Floats(PortableNetwork.of(regression)), None)
    assert 1e-5 <= made.tolerance / np.abs(made.outputs).max() < 1e-4


def test_outputs_that_overflow_are_refused(tmp_path):
    overflowing = net(cost="poisson")
    overflowing.biases[-1][:] = 200
    with pytest.raises(ValueError, match=r"rows: expected .* outputs float32 can hold, got random"):
        to_c(overflowing, tmp_path / "net.h")
    with pytest.raises(ValueError, match=r"rows: expected .* float32 can hold, got such"):
        to_c(overflowing, tmp_path / "net.h", rows=(np.ones((5, 6)), np.ones((5, 3))))
