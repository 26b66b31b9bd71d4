"""How kernels run: what the environment, the CPU and the libraries that are there decide."""

import _ctypes
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from fastnn.machine import choice, cpu, libraries
from fastnn.machine.sources import sources_digest

VARIABLES = ("FASTNN_KERNELS", "FASTNN_CPU_LEVEL", "FASTNN_REGISTERS", "NUMBA_DISABLE_JIT")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of libraries, a CPU of level v3, and no variable set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(libraries, "FOLDER", tmp_path)
    monkeypatch.setattr(choice, "cpu_level", lambda: "x86-64-v3")
    return tmp_path


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put_library(folder, library_level, changes=()):
    """A library that can be loaded, and its index."""
    path = folder / f"fastnn-{library_level}{libraries.SUFFIX}"
    shutil.copy(_ctypes.__file__, path)
    index = {
        "level": library_level,
        "sources": sources_digest(),
        "sha256": digest_of(path),
        "functions": {"finish(f4*)": "fastnn_finish"},
        **dict(changes),
    }
    path.with_suffix(".json").write_text(json.dumps(index))
    return path


def test_the_library_of_the_cpus_level_is_used(folder):
    put_library(folder, "x86-64-v2")
    path = put_library(folder, "x86-64-v3")
    decided = choice._decide()
    assert decided.mode == "prebuilt"
    assert decided.level == "x86-64-v3"
    assert decided.library.path == path
    assert decided.library.functions == {"finish(f4*)": "fastnn_finish"}


def test_the_next_lower_one_where_the_right_one_is_missing(folder):
    put_library(folder, "x86-64-v2")
    put_library(folder, "x86-64-v4")  # which this CPU can't run
    decided = choice._decide()
    assert (decided.level, decided.library.level) == ("x86-64-v2", "x86-64-v2")
    assert decided.reason == "there is no fastnn-x86-64-v3"


def test_without_a_library_kernels_are_compiled_for_the_cpus_level(folder):
    decided = choice._decide()
    assert (decided.mode, decided.level, decided.library) == ("compiled", "x86-64-v3", None)
    assert decided.reason == "there is no fastnn-x86-64-v3"


def test_a_folder_in_a_zip_file_has_no_library(folder, monkeypatch):
    archive = folder / "all.zip"
    archive.write_bytes(b"")
    monkeypatch.setattr(libraries, "FOLDER", archive / "libraries")
    assert choice._decide().mode == "compiled"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sources": "0123456789abcdef"}, "was built from other sources of the kernels"),
        ({"sha256": "0" * 64}, "is damaged: it is not what its index is of"),
        ({"level": "x86-64-v2"}, "is damaged"),
        ({"functions": None}, "is damaged"),
        ({"sha256": 12}, "is damaged"),
    ],
)
def test_a_library_that_does_not_fit_is_refused_in_words(folder, changes, reason):
    put_library(folder, "x86-64-v3", changes)
    decided = choice._decide()
    assert decided.mode == "compiled"
    assert reason in decided.reason


def test_a_truncated_library_is_not_loaded(folder):
    path = put_library(folder, "x86-64-v3")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    decided = choice._decide()
    assert decided.mode == "compiled"
    assert "is damaged" in decided.reason


def test_what_the_system_does_not_load_is_told(folder):
    path = folder / f"fastnn-x86-64-v3{libraries.SUFFIX}"
    path.write_bytes(b"nothing")
    put_library(folder, "x86-64-v3", {"sha256": digest_of(path)})
    path.write_bytes(b"nothing")
    decided = choice._decide()
    assert decided.mode == "compiled"
    assert "can't be loaded" in decided.reason


def test_an_index_that_is_none(folder):
    put_library(folder, "x86-64-v3").with_suffix(".json").write_text("{")
    assert "is damaged" in choice._decide().reason


def test_one_without_its_index_is_not_used(folder):
    put_library(folder, "x86-64-v3").with_suffix(".json").unlink()
    assert choice._decide().mode == "compiled"


def test_a_lower_level_can_be_asked_for(folder, monkeypatch):
    put_library(folder, "x86-64-v2")
    put_library(folder, "x86-64-v3")
    for name in ("v2", "x86-64-v2"):
        monkeypatch.setenv("FASTNN_CPU_LEVEL", name)
        assert choice._decide().level == "x86-64-v2"


@pytest.mark.parametrize("level", ["v4", "arm64", "x86-64-v4"])
def test_no_level_that_the_cpu_has_not(folder, monkeypatch, level):
    monkeypatch.setenv("FASTNN_CPU_LEVEL", level)
    with pytest.raises(ValueError, match=f"FASTNN_CPU_LEVEL: expected at most.*got '{level}'"):
        choice._decide()
    monkeypatch.setenv("FASTNN_KERNELS", "interpreted")  # as which any level runs
    assert choice._decide().level == cpu.full_name(level)


@pytest.mark.parametrize(("name", "value"), [("FASTNN_CPU_LEVEL", "v5"), ("FASTNN_KERNELS", "jit")])
def test_words_that_are_none_of_those_known(folder, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name}: expected .*got '{value}'"):
        choice._decide()


def test_compiled_and_interpreted_can_be_asked_for(folder, monkeypatch):
    put_library(folder, "x86-64-v3")
    monkeypatch.setenv("FASTNN_KERNELS", "compiled")
    assert choice._decide()[:3] == ("compiled", "x86-64-v3", None)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # then Numba compiles nothing
    with pytest.raises(ValueError, match="expected no 'compiled' beside NUMBA_DISABLE_JIT"):
        choice._decide()
    monkeypatch.delenv("FASTNN_KERNELS")
    assert choice._decide().mode == "interpreted"
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    monkeypatch.setenv("FASTNN_KERNELS", "interpreted")
    assert choice._decide().mode == "interpreted"


def test_prebuilt_that_is_asked_for_and_not_there(folder, monkeypatch):
    monkeypatch.setenv("FASTNN_KERNELS", "prebuilt")
    with pytest.raises(ValueError, match="FASTNN_KERNELS: expected prebuilt .* there is no fastnn"):
        choice._decide()


def test_registers_of_another_kind_are_for_compiled_kernels(folder, monkeypatch):
    put_library(folder, "x86-64-v3")
    monkeypatch.setenv("FASTNN_REGISTERS", "sse2")
    assert choice._decide().mode == "compiled"


def test_a_cpu_below_all_levels_is_compiled_for(folder, monkeypatch):
    put_library(folder, "x86-64-v2")
    monkeypatch.setattr(choice, "cpu_level", lambda: None)
    assert choice._decide()[:3] == ("compiled", None, None)


def test_the_digest_is_that_of_every_source(tmp_path):
    package = Path(libraries.__file__).parent.parent
    copy = tmp_path / "fastnn"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("*.gz", "__pycache__", "*.so"))
    assert sources_digest(copy) == sources_digest()
    for file in ("kernels/products.py", "layout/layers.py", "machine/registers.py"):
        with open(copy / file, "a") as source:
            source.write("# more\n")
        assert sources_digest(copy) != sources_digest()
    assert sources_digest(tmp_path) == ""
