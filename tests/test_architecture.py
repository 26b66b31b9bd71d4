"""The borders between modules, and what importing costs."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
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


def name(path):
    """`fastnn.engine` for fastnn/engine/__init__.py."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_module_imports_itself_through_others():
    """Not even for types alone. The order of rooms is a contract in pyproject.toml."""
    modules = {name(path): imported(path) for path in MODULES}

    def module(full_name):
        """What holds it: full_name can be a module's own, or of something in it."""
        return full_name if full_name in modules else full_name.rpartition(".")[0]

    arrows = {own: {module(other) for other in others} for own, others in modules.items()}
    assert sum(len(others & set(modules)) for others in arrows.values()) > 300
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_kernels_need_few_libraries():
    allowed = {"fastnn", "numpy", "numba", "llvmlite", *sys.stdlib_module_names}
    files = [path for path in MODULES if "kernels" in path.parts]
    assert len(files) > 10
    for path in files:
        others = {full_name.split(".")[0] for full_name in imported(path)} - allowed
        assert not others, f"{path}: {others}"


@pytest.mark.parametrize("library", ["tqdm", "PIL", "matplotlib", "sklearn", "scipy", "torch"])
def test_each_further_library_is_imported_by_one_module_at_most(library):
    users = [p.name for p in MODULES if any(n.split(".")[0] == library for n in imported(p))]
    assert len(users) <= 1, users


def test_importing_compiles_nothing_and_loads_no_extras():
    """Numba itself imports SciPy where it is installed; that is not ours to prevent."""
    program = (
        "import sys, numpy, numba\n"
        "before = set(sys.modules)\n"
        "import fastnn.book.network2, fastnn.datasets, fastnn.network\n"
        "from fastnn.native import calling\n"
        "print(sorted(calling.reached))\n"
        "extras = {'tqdm', 'PIL', 'matplotlib', 'scipy', 'sklearn'}\n"
        "print(sorted(extras & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "[]"]
