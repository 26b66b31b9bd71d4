"""`fastnn compile`, and what the first compile of a process tells."""

import os
import re
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest

import fastnn
from fastnn.cli import main
from fastnn.machine import cache_folder, choice
from fastnn.machine.choice import Choice
from fastnn.machine.libraries import Library
from fastnn.native import preparing, specializations

KEYS = ["finish(i8*,f4*,f8*)", "shuffle(i8*,i8*,i8)"]  # of which each takes a second
COMPILE = f"""
from fastnn.native import preparing

if __name__ == "__main__":
    for key, compiled, kept, _, troubles in preparing.prepare({KEYS}, 2):
        print(key.partition("(")[0], compiled, kept, troubles)
"""


@pytest.fixture
def nothing_prebuilt(monkeypatch):
    made = Choice("compiled", "x86-64-v3", None, "there is no library for x86-64-v3")
    for module in (choice, preparing):
        monkeypatch.setattr(module, "CHOICE", made)


@pytest.fixture
def asked(monkeypatch):
    """The keys that are compiled; here none is."""
    found = []

    def prepare(keys, processes):
        found.extend(keys)
        for i, key in enumerate(keys):
            yield preparing.Prepared(key, i > 0, True, 1.5, [])

    monkeypatch.setattr(preparing, "prepare", prepare)
    return found


def test_with_a_library_there_is_nothing_to_do(asked, monkeypatch, capsys, tmp_path):
    functions = dict.fromkeys(specializations.read("full"), "symbol")
    library = Library(tmp_path, "x86-64-v3", None, functions)
    made = Choice("prebuilt", "x86-64-v3", library, "")
    for module in (choice, preparing):
        monkeypatch.setattr(module, "CHOICE", made)
    monkeypatch.setattr(cache_folder, "cache_folder", None)  # which nobody needs then
    assert main(["compile", "--for", "all"]) == 0
    said = f"{len(functions)} functions are prebuilt for x86-64-v3\nnothing to compile\n"
    assert capsys.readouterr().out == said
    assert not asked


def test_only_what_the_library_is_without(asked, monkeypatch, capsys, tmp_path):
    keys = specializations.read("usual")
    library = Library(tmp_path, "x86-64-v3", None, dict.fromkeys(keys, "symbol"))
    for module in (choice, preparing):
        monkeypatch.setattr(module, "CHOICE", Choice("prebuilt", "x86-64-v3", library, ""))
    monkeypatch.setattr(cache_folder, "cache_folder", tmp_path / "cache")
    assert main(["compile", "--for", "all"]) == 0
    assert asked == specializations.read("full")[len(keys) :]
    assert (
        f"{len(asked)} functions to compile: the library is without them" in capsys.readouterr().out
    )


@pytest.mark.parametrize("purpose", [None, "all", "float32", "float64"])
def test_which_functions(purpose, asked, nothing_prebuilt, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cache_folder, "cache_folder", tmp_path / "cache")
    arguments = ["compile"]
    if purpose == "all":
        arguments += ["--for", "all"]
    elif purpose:
        file = tmp_path / "net.npz"
        fastnn.Network([2, 1], dtype=purpose, seed=0).save(file)
        arguments += ["--for", str(file)]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{len(asked)} functions to compile: there is no library for x86-64-v3"
    assert len(lines) == len(asked) + 2
    assert lines[1].endswith("   was compiled before")
    assert all(line.endswith("   1.50 s") for line in lines[2:-1])
    assert len(set(lines)) == len(lines)  # each function has a name of its own
    names = {key.partition("(")[0] for key in asked}
    assert {"train", "finish", "evaluate", "outputs", "shuffle"} <= names
    assert ("called.gelu" in names) == (purpose is not None)
    floats = [key for key in asked if key.startswith("train")]
    assert len(floats) == (2 if purpose == "all" else 1)
    if purpose != "all":
        assert ("State(f8*" in floats[0]) == (purpose == "float64")


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_keys_of_a_dtype(dtype):
    keys = specializations.read("full")
    of_both = [specializations.of_dtype(keys, each) for each in ("f4", "f8")]
    assert set(of_both[0]) | set(of_both[1]) == set(keys)
    assert [key.partition("(")[0] for key in keys if key in of_both[0] and key in of_both[1]] == [
        "find_columns",
        "find_middles",
        "shuffle",
    ]
    other = {"f4": "f8", "f8": "f4"}[dtype]
    chosen = specializations.of_dtype(keys, dtype)
    assert f"measure(i8*,{dtype}*,f8*)" in chosen
    assert f"measure(i8*,{other}*,f8*)" not in chosen


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (None, "there is no folder for compiled kernels that only you can write to"),
        ("file", "compiled kernels can not be written there"),
    ],
)
def test_without_a_cache_it_fails(
    folder, said, asked, nothing_prebuilt, refused, monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    place = folder and tmp_path / folder / "cache"
    monkeypatch.setattr(cache_folder, "cache_folder", place)
    assert said in refused("compile")
    assert not asked


def test_what_can_not_be_kept_is_a_failure(nothing_prebuilt, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cache_folder, "cache_folder", tmp_path)
    lost = preparing.Prepared("shuffle(i8*,i8*,i8)", True, False, 1.0, ["the disk is full"])
    monkeypatch.setattr(preparing, "prepare", lambda keys, processes: iter([lost]))
    assert main(["compile"]) == 1
    errors = capsys.readouterr().err
    assert "fastnn: warning: the disk is full\n" in errors
    assert "functions could not be kept in the cache" in errors


def test_interpreted_kernels_are_not_compiled(refused, monkeypatch):
    made = Choice("interpreted", None, None, "kernels are to be interpreted")
    monkeypatch.setattr(choice, "CHOICE", made)
    assert refused("compile") == "nothing to compile: kernels are to be interpreted"


def test_a_file_that_is_none(refused, tmp_path):
    assert "no.npz" in refused("compile", "--for", tmp_path / "no.npz")


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    """Of a process without libraries and with an empty cache."""
    folder = tmp_path_factory.mktemp("cache")
    return {**os.environ, "FASTNN_KERNELS": "compiled", "NUMBA_CACHE_DIR": str(folder)}


def run(program, variables, folder):
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, file]
    return subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_processes_compile_the_same_at_once_and_later_ones_load(variables, tmp_path):
    both = [run(COMPILE, variables, tmp_path) for _ in range(2)]
    for process in both:
        output, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        assert sorted(line.split()[0] for line in output.splitlines()) == ["finish", "shuffle"]
        assert all(line.endswith(" True []") for line in output.splitlines())
    output, errors = run(COMPILE, variables, tmp_path).communicate()
    assert (sorted(output.splitlines()), errors) == (
        ["finish False True []", "shuffle False True []"],
        "",
    )
    (folder,) = os.listdir(variables["NUMBA_CACHE_DIR"])
    files = os.listdir(os.path.join(variables["NUMBA_CACHE_DIR"], folder))
    assert sorted(re.sub("-.*[.]", ".", name) for name in files) == [
        "finish.kernel",
        "shuffle.kernel",
    ]


def test_what_was_not_kept_is_told(variables, tmp_path):
    (tmp_path / "file").touch()
    nowhere = {**variables, "NUMBA_CACHE_DIR": str(tmp_path / "file")}
    output, errors = run(COMPILE, nowhere, tmp_path).communicate()
    lines = sorted(output.splitlines())
    assert errors == ""
    assert [line.split()[:3] for line in lines] == [
        ["finish", "True", "False"],
        ["shuffle", "True", "False"],
    ]
    assert all("kernel cache: " in line for line in lines)


def test_a_process_that_dies_is_a_failure(nothing_prebuilt, refused, monkeypatch, tmp_path):
    def dies(keys, processes):
        raise BrokenProcessPool

    monkeypatch.setattr(preparing, "prepare", dies)
    monkeypatch.setattr(cache_folder, "cache_folder", tmp_path)
    monkeypatch.setattr("fastnn.cli.compile.Results.say", lambda *_: None)
    assert refused("compile") == "a process that compiled ended early, for want of memory?"


@pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
def test_ctrl_c_ends_it_in_one_line(variables, tmp_path):
    """A terminal sends it to all processes of the command."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fastnn", "compile"],
        env={**variables, "NUMBA_CACHE_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    for _ in range(2):  # one function is done
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "fastnn: error: interrupted\n")


TELLS = """
import logging, sys
if sys.argv[1:]:
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
from fastnn.native import calling
calling.address("shuffle(i8*,i8*,i8)")
calling.address("find_middles(i8*,u2*,i8,i8,i8*)")
"""


def test_the_first_compile_of_a_process_is_one_line_of_the_log(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(TELLS)
    told = []
    for i, arguments in enumerate(([], ["aloud"])):
        variables = {
            **os.environ,
            "FASTNN_KERNELS": "compiled",
            "NUMBA_CACHE_DIR": str(tmp_path / f"cache{i}"),
        }
        done = subprocess.run(
            [sys.executable, program, *arguments],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(done.stderr.splitlines())
    assert told == [
        [],
        [
            "fastnn.kernels.jit INFO compiling shuffle(i8*,i8*,i8), which takes some seconds, "
            "and what else is needed: FASTNN_KERNELS=compiled"
        ],
    ]
    again = [sys.executable, program, "aloud"]  # from the cache
    assert subprocess.run(again, env=variables, capture_output=True, text=True).stderr == ""


def test_why_a_function_is_compiled(monkeypatch, tmp_path):
    from fastnn.kernels import jit

    library = Library(tmp_path / "fastnn-x86-64-v3.so", "x86-64-v3", None, {})
    assert jit._why("") == "it is the user's own function"
    monkeypatch.setattr(jit, "CHOICE", Choice("prebuilt", "x86-64-v3", library, ""))
    assert jit._why("train(f4*)") == "fastnn-x86-64-v3.so is without it"
    monkeypatch.setattr(jit, "CHOICE", Choice("compiled", "x86-64-v3", None, "there is none"))
    assert jit._why("train(f4*)") == "there is none"
