"""--cpu-level: every library's own switch is set, and does what it is for."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from bench.__main__ import main
from bench.pages import ROOT
from bench.suite import cpu_level, machine
from bench.suite.settings import Settings
from fastnn.cli.errors import CommandError
from fastnn.machine import cpu

LEVELS = ("x86-64-v2", "x86-64-v3", "x86-64-v4")
OWN = cpu.cpu_level()
USABLE = [level for level in LEVELS if OWN and level in (OWN, *cpu.BELOW[OWN])]

# Each prints what its library says of itself, or does, in a process of its own.
QUESTIONS = {
    "bench": """
import numpy as np
from bench.suite import peak
peak._fma_loop(np.ones(1024, np.float32), 1)
(code,) = peak._fma_loop.inspect_asm().values()
print(max(kind for kind in ("xmm", "ymm", "zmm") if f"%{kind}" in code))
""",
    "fastnn": """
from fastnn.machine.choice import CHOICE
print(CHOICE.level)
""",
    "numpy": """
import json, numpy
print(json.dumps(numpy.show_config(mode="dicts")["SIMD Extensions"].get("found", [])))
""",
    "threadpoolctl": """
import json, numpy, threadpoolctl
print(json.dumps([each.get("architecture") for each in threadpoolctl.threadpool_info()]))
""",
    "torch": """
import torch
print(torch.backends.cpu.get_cpu_capability())
""",
    # PyTorch's oneDNN tells its instructions when it is first used.
    "torch.backends.mkldnn": """
import torch
with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
    torch.nn.functional.conv2d(torch.ones(4, 16, 64, 64), torch.ones(16, 16, 3, 3))
""",
    # A fused multiply-add, which v3 has and v2 lacks, rounds once: 2**-24 is left of a square.
    "jax": """
import jax, numpy as np
square = np.full(64, 1 + 2**-11, np.float32)
f = jax.jit(lambda x, y: x * x - y)
print(float(f(np.full(64, 1 + 2**-12, np.float32), square)[0]) * 2**24)
""",
}


@pytest.fixture(autouse=True)
def _usual_kernels(monkeypatch):
    for name in ("FASTNN_REGISTERS", "FASTNN_KERNELS", "FASTNN_CPU_LEVEL", "NUMBA_DISABLE_JIT"):
        monkeypatch.delenv(name, raising=False)


def answer(library, level):
    """What the library says in a process that is held to a level."""
    if find_spec(library.split(".")[0]) is None:
        pytest.skip(f"{library} is not installed")
    with cpu_level.held(level):
        done = subprocess.run(
            [sys.executable, "-c", QUESTIONS[library]],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "JAX_PLATFORMS": "cpu"},
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("level", USABLE)
class TestSwitchesAct:
    def test_fastnn(self, level):
        assert answer("fastnn", level) == level

    def test_the_measured_peak(self, level):
        assert answer("bench", level) == ("xmm", "ymm", "zmm")[LEVELS.index(level)]

    def test_numpy(self, level):
        found = json.loads(answer("numpy", level))
        assert all(cpu_level._level_of(name) <= LEVELS.index(level) for name in found)

    def test_openblas(self, level):
        names = {name for name in json.loads(answer("threadpoolctl", level)) if name}
        if not names:
            pytest.skip("NumPy has another BLAS")
        assert names == {dict(zip(LEVELS, ("Nehalem", "Haswell", "SkylakeX")))[level]}

    def test_pytorch(self, level):
        assert answer("torch", level) == dict(zip(LEVELS, ("DEFAULT", "AVX2", "AVX512")))[level]

    def test_onednn(self, level):
        told = answer("torch.backends.mkldnn", level)
        (line,) = [line for line in told.splitlines() if "info,cpu,isa:" in line]
        wanted = ("Intel SSE4.1", "Intel AVX2", "Intel AVX-512")[LEVELS.index(level)]
        assert line.partition("isa:")[2].startswith(wanted)

    def test_jax(self, level):
        assert float(answer("jax", level)) == (level != "x86-64-v2")

    def test_the_machine_is_described_as_held_to_it(self, level):
        with cpu_level.held(level):
            about = machine.describe(level)
        assert (about["llvm_cpu"], about["cpu_level"]) == (level, level)
        assert about["simd_bytes"] == (16, 32, 64)[LEVELS.index(level)]
        assert machine.processor(about).endswith(f"(everyone held to {level})")
        assert f"held-to-{level}" in machine.slug(about)


def test_what_the_user_has_set_stays():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLA_FLAGS", "--xla_dump_to=x")
        patch.setenv("NPY_DISABLE_CPU_FEATURES", "AVX512_SPR,AVX512_ICL")
        before = dict(os.environ)
        with cpu_level.held("x86-64-v3"):
            assert os.environ["XLA_FLAGS"] == "--xla_dump_to=x --xla_cpu_max_isa=AVX2"
            disabled = os.environ["NPY_DISABLE_CPU_FEATURES"].split()
            assert disabled[:2] == ["AVX512_SPR", "AVX512_ICL"]
            assert len(set(disabled)) == len(disabled)
        assert os.environ == before


def test_numpy_loses_what_the_level_lacks_and_the_cpu_has(monkeypatch):
    monkeypatch.setattr(cpu_level, "_numpy_features", lambda: ["SSE42", "FMA3", "AVX512_SKX"])
    disabled = [cpu_level.variables(level, {}).get("NPY_DISABLE_CPU_FEATURES") for level in LEVELS]
    assert disabled == ["FMA3 AVX512_SKX", "AVX512_SKX", None]


@pytest.mark.parametrize(
    ("own", "asked", "expected"),
    [
        ("x86-64-v3", "v4", "--cpu-level: expected v2 or v3, which this CPU has, got 'v4'"),
        ("x86-64-v4", "avx2", "--cpu-level: expected v2 or v3 or v4, which"),
        ("arm64", "v2", "--cpu-level: expected none, which this CPU has, got 'v2'"),
        (None, "v2", "--cpu-level: expected none, which this CPU has, got 'v2'"),
    ],
)
def test_a_level_that_the_cpu_lacks_is_refused(monkeypatch, capsys, own, asked, expected):
    monkeypatch.setattr(cpu_level, "cpu_level", lambda: own)
    assert main(["--cpu-level", asked, "--cases", "import"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


def test_a_fastnn_without_code_for_the_level_says_how_to_make_it():
    with pytest.raises(CommandError) as error:
        machine.describe("x86-64-v9")  # nobody is held to it
    assert "expected fastnn to have code for x86-64-v9, got" in str(error.value)
    assert "python -m fastnn.build --set full --level x86-64-v9 makes it" in str(error.value)


@pytest.mark.skipif(len(USABLE) < 2, reason="needs a CPU with two levels")
def test_a_run_names_its_level_and_goes_on_with_no_other(tmp_path, capsys):
    file = tmp_path / "figures.json"
    arguments = ["--cases", "import", "--quick", "--json", str(file), "--cpu-level"]
    before = dict(os.environ)
    assert main([*arguments, "v2"]) == 0
    assert "(everyone held to x86-64-v2)" in capsys.readouterr().out
    assert os.environ == before
    figures = json.loads(file.read_text())
    assert figures["machine"]["cpu_level"] == figures["settings"]["cpu_level"] == LEVELS[0]
    assert main([*arguments, "v3", "--resume"]) == 1
    assert "--resume:" in capsys.readouterr().err
    assert main([*arguments, "x86-64-v2", "--resume"]) == 0
    assert json.loads(file.read_text()) == figures


def test_files_from_before_there_were_levels_are_gone_on_with(tmp_path, monkeypatch):
    file = tmp_path / "figures.json"
    arguments = ["--cases", "import", "--quick", "--json", str(file)]
    assert main(arguments) == 0
    figures = json.loads(file.read_text())
    del figures["machine"]["cpu_level"], figures["settings"]["cpu_level"]
    file.write_text(json.dumps(figures))
    assert main([*arguments, "--resume"]) == 0
    assert Settings.usual(quick=True).as_json()["cpu_level"] is None
