"""`fastnn info`, `--version`, help, and the command line as a whole."""

import json
import subprocess
import sys
from pathlib import Path

import llvmlite
import numba
import numpy as np
import pytest

import fastnn
from fastnn.cli import info, machine, main
from fastnn.machine import choice, registers
from fastnn.machine.cache_folder import SUFFIX, cache_folder
from fastnn.machine.choice import CHOICE, Choice
from fastnn.machine.cpu import cpu_level
from fastnn.machine.libraries import Library
from fastnn.native import specializations


def test_info(process, command, trained):
    done = process("info")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("   ", 1) for line in done.stdout.splitlines()]
    values = {name: value.strip() for name, value in lines}
    assert values["fastnn"] == fastnn.__version__
    assert values["python"] == sys.version.split()[0]
    assert values["numpy"] == np.__version__
    assert values["numba"] == numba.__version__
    assert values["llvmlite"] == llvmlite.__version__
    assert values["CPU"]
    assert values["CPU level"] == cpu_level()
    assert values["kernels"] == f"{CHOICE.mode} for {CHOICE.level}"
    library = str(CHOICE.library.path) if CHOICE.library else f"none: {CHOICE.reason}"
    assert values["library"] == library
    assert values["SIMD registers"].startswith(f"{registers.REGISTER_BYTES} bytes: ")
    assert values["kernel cache"] == str(cache_folder)
    # The values are aligned: each begins behind a blank, in the same column.
    column = done.stdout.index(fastnn.__version__)
    assert all(line[column - 1] == " " != line[column] for line in done.stdout.splitlines())

    figures = json.loads(command("info", "--json").stdout)
    assert figures["cpu"]["lanes"] == {"float32": registers.lanes(4), "float64": registers.lanes(8)}
    assert figures["cpu"]["level"] == cpu_level()
    assert figures["cpu"]["name"] == values["CPU"]
    assert (figures["kernels"]["mode"], figures["kernels"]["reason"]) == (
        CHOICE.mode,
        CHOICE.reason,
    )
    assert figures["cpu"]["usable_cores"] >= 1
    cache = figures["cache"]
    assert cache["folder"] == str(cache_folder)
    assert (cache["exists"], cache["writable"]) == (cache_folder.is_dir(), True)
    sizes = [path.stat().st_size for path in cache_folder.glob(f"*{SUFFIX}")]
    assert (cache["kernels"], cache["bytes"]) == (len(sizes), sum(sizes))


def test_an_empty_cache(environment, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fastnn", "info", "--json"],
        env={**environment, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    cache = json.loads(done.stdout)["cache"]
    assert cache["folder"].startswith(str(tmp_path))
    assert (cache["kernels"], cache["bytes"]) == (0, 0)


@pytest.mark.parametrize(
    ("variables", "mode", "reason"),
    [
        ({"FASTNN_KERNELS": "compiled"}, "compiled", "FASTNN_KERNELS=compiled"),
        ({"FASTNN_KERNELS": "interpreted"}, "interpreted", "kernels are to be interpreted"),
    ],
)
def test_why_nothing_is_prebuilt(environment, variables, mode, reason):
    """And it takes no Numba to say so."""
    program = (
        "import sys; from fastnn.cli import main; main(['info']); print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    *lines, numba_is_imported = done.stdout.splitlines()
    values = {line.split("   ")[0]: line.split("   ")[-1].strip() for line in lines}
    assert values["kernels"].startswith(mode)
    assert values["library"] == f"none: {reason}"
    assert "functions in it" not in values
    assert numba_is_imported == "False"


@pytest.mark.parametrize(("wanted", "named"), [("usual", "usual"), ("full", "full"), (None, None)])
def test_a_library_is_shown(wanted, named, monkeypatch, capsys, tmp_path):
    keys = specializations.read(wanted) if wanted else ["finish(i8*,f4*,f8*)"]
    library = Library(tmp_path / "lib.so", "x86-64-v2", None, dict.fromkeys(keys, "symbol"))
    monkeypatch.setattr(choice, "CHOICE", Choice("prebuilt", "x86-64-v2", library, ""))
    shown = machine.kernels()
    assert (shown["library"], shown["set"]) == (str(library.path), named)
    assert main(["info"]) == 0
    lines = [line.split("   ") for line in capsys.readouterr().out.splitlines()]
    values = {line[0]: line[-1].strip() for line in lines}
    assert values["kernels"] == "prebuilt for x86-64-v2"
    assert values["functions in it"] == f"{len(keys)}" + (f", the set {named}" if named else "")


def test_version(process):
    done = process("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"fastnn {fastnn.__version__}\n", "")


def test_without_a_command_there_is_help_and_an_error(command):
    done = command()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: fastnn ")
    for name in ("train", "evaluate", "predict", "info"):
        assert name in done.stderr
    assert command("--help").stdout == done.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    {
        "trian": "argument COMMAND: invalid choice: 'trian'",
        "train": "the following arguments are required: DATASET; see 'fastnn train --help'",
        "evaluate": "the following arguments are required: MODEL",
        "predict model.npz": "the following arguments are required: FILE",
        "info cpu": "unknown: cpu; see 'fastnn info --help'",
    }.items(),
)
def test_wrong_command_lines(refused, line, message):
    assert refused(*line.split(), code=2).startswith(message)


def test_a_defect_is_one_line_too(refused, monkeypatch):
    def fail(*arguments):
        raise KeyError("one\ntwo")

    monkeypatch.setattr(info.machine, "versions", fail)
    line = refused("info")
    assert line.startswith("a defect in fastnn, please report it: KeyError: ")
    assert f"({Path(__file__).name}, line " in line


@pytest.mark.parametrize(
    ("folder", "writable", "place", "when"),
    [
        (None, False, "none, for lack of a folder that only you can write to", "at each start"),
        (Path("there"), False, "there, which can not be written to", "at each start"),
        (Path("there"), True, "there", "when first needed"),
    ],
)
def test_a_cache_that_can_not_be_written_to(folder, writable, place, when, monkeypatch, capsys):
    monkeypatch.setattr("fastnn.machine.cache_folder.cache_folder", folder)
    monkeypatch.setattr("fastnn.machine.cache_folder.writable", lambda _: writable)
    assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].split("   ")[-1].split(";")[0].strip() == place
    assert lines[-1].endswith(f"none yet: what no library has is compiled {when}")
    assert main(["info", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["cache"]
    assert (shown["folder"], shown["writable"]) == (folder and str(folder), writable)
