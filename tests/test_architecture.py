"""The borders between layers, and what importing costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fastnn

PACKAGE = Path(fastnn.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path):
    """Full names of all modules that a file imports, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_kernels_import_nothing_of_the_layers_above():
    allowed = {"numpy", "numba", "llvmlite", *sys.stdlib_module_names}
    files = [path for path in MODULES if "kernels" in path.parts]
    assert len(files) > 10
    for path in files:
        for name in imported(path):
            inside = name.startswith("fastnn.kernels")
            assert inside or name.split(".")[0] in allowed, f"{path.name} imports {name}"


def test_only_the_engine_calls_kernels():
    """The other layers may name cache, CPU and threads, but no kernel.

    benchmarks/peak.py measures the CPU with kernels of its own.
    """
    facts = ("fastnn.kernels.cache", "fastnn.kernels.simd.registers", "fastnn.kernels.team")
    for path in MODULES:
        if {"kernels", "engine"} & set(path.parts) or path.name == "peak.py":
            continue
        for name in imported(path):
            assert not name.startswith("fastnn.kernels") or name.startswith(facts), (
                f"{path.name} imports {name}"
            )


def test_reference_shares_no_code():
    for path in PACKAGE.glob("reference*.py"):
        own = {name for name in imported(path) if name.startswith("fastnn")}
        assert all(name.startswith("fastnn.reference.network") for name in own), path


@pytest.mark.parametrize("library", ["tqdm", "PIL", "matplotlib", "sklearn"])
def test_each_further_library_is_imported_by_one_module_at_most(library):
    users = [p.name for p in MODULES if any(n.split(".")[0] == library for n in imported(p))]
    assert len(users) <= 1, users


def test_nothing_needs_scipy():
    users = [p.name for p in MODULES if any(n.split(".")[0] == "scipy" for n in imported(p))]
    assert not users


def test_importing_compiles_nothing_and_loads_no_extras():
    """Numba itself imports SciPy where it is installed; that is not ours to prevent."""
    program = (
        "import sys, numpy, numba\n"
        "before = set(sys.modules)\n"
        "import fastnn.book.network2, fastnn.datasets, fastnn.network\n"
        "from fastnn.kernels import epoch, evaluation\n"
        "kernels = [epoch.train, evaluation.evaluate, evaluation.outputs]\n"
        "print([k for k in kernels if getattr(k, 'signatures', [])])\n"
        "extras = {'tqdm', 'PIL', 'matplotlib', 'scipy', 'sklearn'}\n"
        "print(sorted(extras & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "[]"]
