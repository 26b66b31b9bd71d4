"""fastnn's names are imported at their first use."""

import ast
import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import fastnn


def told_to_type_checkers():
    """module -> names, from the imports under `if TYPE_CHECKING`."""
    tree = ast.parse(Path(fastnn.__file__).read_text())
    (block,) = (node for node in tree.body if ast.unparse(node).startswith("if TYPE_CHECKING:"))
    return {
        node.module.removeprefix("fastnn."): [alias.name for alias in node.names]
        for node in block.body
    }


def test_all_lists_have_the_same_names():
    assert told_to_type_checkers() == fastnn._MODULES
    assert sorted(fastnn.__all__) == sorted(fastnn._MODULE_OF)


def test_each_name_is_what_its_module_defines():
    for name, module in fastnn._MODULE_OF.items():
        value = getattr(fastnn, name)
        assert value is getattr(sys.modules[f"fastnn.{module}"], name)
        assert name in dir(fastnn)


def test_import_of_everything():
    names = {}
    exec("from fastnn import *", names)
    assert set(fastnn.__all__) <= set(names)


def test_unknown_name():
    assert not hasattr(fastnn, "Netwrok")
    with pytest.raises(ImportError, match="Netwrok"):
        from fastnn import Netwrok  # noqa: F401


def test_pickles_in_a_process_that_has_used_no_name_yet():
    network = fastnn.Network([2, 3, 1], seed=0)
    program = "import sys, pickle, fastnn; print(pickle.load(sys.stdin.buffer).weights[0].sum())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(network),
        capture_output=True,
        check=True,
    )
    assert float(done.stdout) == pytest.approx(float(network.weights[0].sum()))
    assert copy.deepcopy(fastnn.Adam()) == fastnn.Adam()


# What takes long to import and what is seldom needed: nobody waits for it at a start.
SELDOM = [
    *("asyncio", "concurrent.futures", "decimal", "difflib", "email", "html"),
    *("importlib.metadata", "multiprocessing", "numpy.ma", "platform", "subprocess", "tempfile"),
    *("tqdm", "urllib.request", "zipfile"),
]
NEVER_FOR_HELP = [
    *SELDOM,
    *("dataclasses", "hashlib", "inspect", "json", "llvmlite", "numba", "numpy"),
]
IMPORTED_ANYWAY = "numpy, numba"  # by what is below the rooms that this is about


def imported(program, names, *arguments):
    """Those of the names that a new process imports for a program; nothing may go wrong in it."""
    program = f"import sys\n{program}\nprint([m for m in {names} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ["--version"]),
        (0, ["--help"]),
        (0, ["train", "mnist", "--help"]),
        (0, ["docs"]),
        (0, ["docs", "files"]),
        (2, []),
        (2, ["docs", "nonsense"]),
        (2, ["nonsense"]),
        (2, ["train", "mnist", "--epochs", "0"]),
        (2, ["train", "mnist", "--label-smoothing", "0.1", "--cost", "quadratic"]),
    ],
)
def test_help_waits_for_nothing(code, arguments):
    program = f"from fastnn.cli import main\nassert main(sys.argv[1:]) == {code}"
    names = [m for m in NEVER_FOR_HELP if m != "difflib" or code == 0]  # which finds what was meant
    assert imported(program, names, *arguments) == "[]"


def test_a_network_waits_for_nothing_that_is_seldom_needed():
    program = (
        f"import {IMPORTED_ANYWAY}\nbefore = set(sys.modules)\n"
        "import fastnn\nfastnn.Network, fastnn.load, fastnn.Adam, fastnn.History\n"
        "for module in before: sys.modules.pop(module, None)"
    )
    assert imported(program, SELDOM) == "[]"
