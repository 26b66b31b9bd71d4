"""Everybody held to a level of instructions, each by a switch of its own.

Libraries decide by environment variables, once, when they are imported: so all processes that are
started while `held` is in force obey, and this one, which measures nothing itself, does not.

What no switch reaches: XLA obeys in all code that it compiles, but for products of large matrices
it calls a library within it that does not. Held to v2, they are as fast as with AVX2.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from fastnn.cli.errors import UsageError
from fastnn.machine.cpu import BELOW, cpu_level, full_name

__all__ = ["check", "held", "variables"]

_LEVELS = ("x86-64-v2", "x86-64-v3", "x86-64-v4")

# Whose switch -> its values, from the lowest level up.
_SWITCHES = {
    "FASTNN_CPU_LEVEL": _LEVELS,
    "OPENBLAS_CORETYPE": ("Nehalem", "Haswell", "SkylakeX"),  # of NumPy and of SciPy
    "ATEN_CPU_CAPABILITY": ("default", "avx2", "avx512"),  # PyTorch's own loops
    "ONEDNN_MAX_CPU_ISA": ("SSE41", "AVX2", "AVX512_CORE"),
    "MKL_ENABLE_INSTRUCTIONS": ("SSE4_2", "AVX2", "AVX512"),
}
_XLA_ISA = ("SSE4_2", "AVX2", "AVX512")


def check(name: str | None) -> str | None:
    """A level's full name; None for none. Raises UsageError if the CPU lacks it."""
    if name is None:
        return None
    level, own = full_name(name), cpu_level()
    usable = [each for each in _LEVELS if own and each in (own, *BELOW[own])]
    if level not in usable:
        expected = " or ".join(each.removeprefix("x86-64-") for each in usable)
        raise UsageError(
            f"--cpu-level: expected {expected or 'none'}, which this CPU has, got {name!r}"
        )
    return level


def variables(level: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What holds a process to a level, given what the environment says already."""
    number = _LEVELS.index(level)
    found = {name: values[number] for name, values in _SWITCHES.items()}
    # Of a flag that is given twice, XLA takes the last one.
    flags = [environment.get("XLA_FLAGS", ""), f"--xla_cpu_max_isa={_XLA_ISA[number]}"]
    found["XLA_FLAGS"] = " ".join(flags).strip()
    disabled = environment.get("NPY_DISABLE_CPU_FEATURES", "").replace(",", " ").split()
    disabled += [name for name in _numpy_features() if _level_of(name) > number]
    if disabled:
        found["NPY_DISABLE_CPU_FEATURES"] = " ".join(dict.fromkeys(disabled))
    return found


@contextmanager
def held(level: str | None) -> Iterator[None]:
    """Processes that are started meanwhile are held to this level, if any."""
    added = {} if level is None else variables(level, os.environ)
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _numpy_features() -> list[str]:
    """For which of the CPU's features NumPy has code of its own; it warns of any other."""
    features: list[str] = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return features


def _level_of(feature: str) -> int:
    """The lowest level that has it, counted from 0, by NumPy's name for the feature."""
    if feature.startswith("AVX512") or feature == "X86_V4":
        return 2
    return int(feature.startswith(("AVX", "FMA", "F16C", "XOP", "X86_V3")))
