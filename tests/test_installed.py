"""Which copy of fastnn is tested: the installed one, and in processes of their own the same."""

import json
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

import fastnn

FILE = Path(fastnn.__file__)


def test_the_installed_copy_is_imported():
    installed = distribution("fastnn")
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    folder = Path(str(installed.locate_file("")))
    if origin.get("dir_info", {}).get("editable"):
        folder = Path(url2pathname(urlparse(origin["url"]).path))
    assert folder.resolve() / "fastnn" / "__init__.py" == FILE.resolve()


SCRIPT = Path(sysconfig.get_path("scripts"), "fastnn")
PRINT = "import fastnn.__main__; print(fastnn.__file__)"


@pytest.mark.parametrize("as_file", [False, True])
def test_processes_import_the_same(as_file, tmp_path):
    (tmp_path / "program.py").write_text(PRINT)
    arguments = [tmp_path / "program.py"] if as_file else ["-c", PRINT]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(FILE)


@pytest.mark.skipif(not SCRIPT.exists(), reason="the command is installed elsewhere")
def test_the_command_is_there():
    done = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"fastnn {fastnn.__version__}\n"
