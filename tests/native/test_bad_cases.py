"""Packages as they may lie on a disk: each is told in words, and runs all the same."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import fastnn
from fastnn.machine.choice import CHOICE, PREBUILT

pytestmark = pytest.mark.skipif(CHOICE.mode != PREBUILT, reason="nothing is prebuilt")

PACKAGE = Path(fastnn.__file__).parent
SAYS = """
import hashlib
import json
from fastnn.machine.choice import CHOICE
path = None if CHOICE.library is None else str(CHOICE.library.path)
print(json.dumps({"mode": CHOICE.mode, "reason": CHOICE.reason, "library": path}))
"""
# One kernel, which Numba compiles within a second where no library has it.
SHUFFLES = """
import random
import numpy as np
from fastnn.native.kernels import shuffle
random.seed(1)
state, order, expected = np.array(random.getstate()[1]), np.arange(50), list(range(50))
shuffle(state, order, 50)
random.shuffle(expected)
assert order.tolist() == expected
"""


def copied(to):
    """The package without its digits."""
    shutil.copytree(
        PACKAGE, to / "fastnn", ignore=shutil.ignore_patterns("mnist", "__pycache__", "docs")
    )
    return to / "fastnn"


def run(program, *path, command=(sys.executable,), **variables):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FASTNN_", "NUMBA_"))}
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "FASTNN_CPU_LEVEL": str(CHOICE.level),  # which may be a lower one than the CPU's
        **variables,
    }
    return subprocess.run(
        [*command, "-c", program], env=environment, check=True, capture_output=True, text=True,
        cwd=path[0] if os.path.isdir(path[0]) else None,
    )  # fmt: skip


def decided(*path, **settings):
    """What a process decides that imports fastnn from there."""
    return json.loads(run(SAYS, *path, **settings).stdout)


def reason_to_compile(*path, **settings):
    """Why a process that imports fastnn from there compiles, which it must."""
    said = decided(*path, **settings)
    assert said["mode"] == "compiled"
    return said["reason"]


def library_in(package):
    return package / CHOICE.library.path.relative_to(PACKAGE)


def test_a_copy_runs_its_own_library(tmp_path):
    package = copied(tmp_path)
    said = decided(tmp_path)
    assert said == {"mode": "prebuilt", "reason": "", "library": str(library_in(package))}
    done = run(f"{SHUFFLES}\nimport sys\nassert 'numba' not in sys.modules", tmp_path)
    assert done.stderr == ""


def test_a_library_that_was_cut_short(tmp_path):
    library = library_in(copied(tmp_path))
    library.write_bytes(library.read_bytes()[:5000])
    assert "is damaged" in reason_to_compile(tmp_path)
    assert run(SHUFFLES, tmp_path).stderr == ""


def test_a_library_of_which_a_part_was_lost(tmp_path):
    library = library_in(copied(tmp_path))
    content = library.read_bytes()
    library.write_bytes(content[:1000] + bytes(len(content) - 1000))
    assert "is damaged" in reason_to_compile(tmp_path)


def test_kernels_that_were_changed_since(tmp_path):
    package = copied(tmp_path)
    with open(package / "kernels" / "shuffle.py", "a") as source:
        source.write("\n# changed\n")
    assert "was built from other sources of the kernels than those beside it" in reason_to_compile(
        tmp_path
    )
    assert run(SHUFFLES, tmp_path).stderr == ""


def test_a_library_of_another_system(tmp_path):
    library = library_in(copied(tmp_path))
    library.write_bytes(b"MZ" + bytes(5000))  # as Windows' begin
    index = json.loads(library.with_suffix(".json").read_text())
    index["sha256"] = hashlib.sha256(library.read_bytes()).hexdigest()
    library.with_suffix(".json").write_text(json.dumps(index))
    assert "can't be loaded" in reason_to_compile(tmp_path)


def test_a_zip_file(tmp_path):
    copied(tmp_path / "copy")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((tmp_path / "copy").rglob("*")):
            file.write(path, path.relative_to(tmp_path / "copy"))
    assert decided(archive)["mode"] == "compiled"
    run(SHUFFLES, archive)


def test_two_packages_in_one_path(tmp_path):
    first, second = copied(tmp_path / "first"), copied(tmp_path / "second")
    said = decided(tmp_path / "first", tmp_path / "second")
    assert said["library"] == str(library_in(first))
    shutil.rmtree(library_in(first).parent)
    said = decided(tmp_path / "first", tmp_path / "second")  # nor does it run another's
    assert said["mode"] == "compiled"
    assert decided(tmp_path / "second")["library"] == str(library_in(second))


def test_a_filesystem_from_which_nothing_may_be_run(tmp_path):
    mounts = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o noexec tmpfs {tmp_path} && "$@"']
    if (
        getattr(os, "geteuid", lambda: 1)()
        or subprocess.run([*mounts, "sh", "true"], capture_output=True).returncode
    ):
        pytest.skip("needs root, and namespaces")
    copied(tmp_path / "copy")
    source = tmp_path.with_name(f"{tmp_path.name}-copy")
    shutil.move(tmp_path / "copy", source)
    mounts[-1] = (
        f'mount -t tmpfs -o noexec tmpfs {tmp_path} && cp -r {source}/. {tmp_path} && exec "$@"'
    )
    assert "can't be loaded" in reason_to_compile(tmp_path, command=[*mounts, "sh", sys.executable])
    run(SHUFFLES, tmp_path, command=[*mounts, "sh", sys.executable])
