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


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["train", "mnist", "--help"]])
def test_help_waits_for_nothing(arguments):
    program = (
        "import sys\nfrom fastnn.cli import main\nassert main(sys.argv[1:]) == 0\n"
        "print([m for m in ('numpy', 'numba', 'tqdm') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
