"""What a wheel gets, and what happens where none can be built."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fastnn.build import __main__ as command
from fastnn.build import linking, wheel
from fastnn.build.systems import SYSTEMS, this_system
from fastnn.datasets import _mnist

DIGITS = sorted(file.name for file in _mnist._FILES)

LINUX = SYSTEMS["linux-x86_64"]


@pytest.fixture(params=[True, False], ids=["with cc", "without"])
def compiler(request, monkeypatch):
    """Whether there is a C compiler; the system is Linux."""
    for module in (wheel, linking):
        monkeypatch.setattr(module, "own_linker", lambda: ["cc"] if request.param else None)
        monkeypatch.setattr(module, "this_system", lambda: LINUX)
    return request.param


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, (LINUX, False, "usual")),
        ({"FASTNN_BUILD": "full"}, (LINUX, False, "full")),
        ({"FASTNN_BUILD": "none"}, None),
        ({"FASTNN_BUILD_SYSTEM": "macos-arm64"}, (SYSTEMS["macos-arm64"], True, "usual")),
        ({"FASTNN_BUILD_SYSTEM": "linux-x86_64"}, (LINUX, True, "usual")),
    ],
)
def test_wishes(compiler, environment, wanted):
    assert wheel.wish(environment) == wanted


@pytest.mark.parametrize("name", ["FASTNN_BUILD", "FASTNN_BUILD_SYSTEM"])
def test_a_wish_for_what_there_is_not(name):
    with pytest.raises(ValueError, match=f"{name}: expected .*, got 'much'"):
        wheel.wish({name: "much"})


def test_requirements(compiler):
    here = wheel.Wish(LINUX, False, "usual")
    assert wheel.requirements(None) == []
    assert wheel.requirements(here) == ([wheel.NUMBA] if compiler else [wheel.NUMBA, wheel.ZIG])
    assert wheel.requirements(here._replace(portable=True)) == [wheel.NUMBA, wheel.ZIG]


def test_tags(compiler):
    here = wheel.Wish(LINUX, False, "usual")
    local = "py3-none-linux_x86_64" if compiler else "py3-none-manylinux_2_17_x86_64"
    assert wheel.tag(here) == local
    assert wheel.tag(here._replace(portable=True)) == "py3-none-manylinux_2_17_x86_64"
    assert wheel.tag(wheel.Wish(SYSTEMS["windows-x86_64"], True, "full")) == "py3-none-win_amd64"


def test_the_linker(compiler, monkeypatch):
    monkeypatch.setattr(linking.importlib.util, "find_spec", lambda name: None)
    if compiler:
        assert linking.linker(LINUX, portable=False) == ["cc"]
    else:
        with pytest.raises(linking.LinkingError, match=r"expected a C compiler \(cc\) or .*zig"):
            linking.linker(LINUX, portable=False)
    with pytest.raises(linking.LinkingError, match="macos-arm64: expected the package ziglang"):
        linking.linker(SYSTEMS["macos-arm64"], portable=True)
    monkeypatch.setattr(linking.importlib.util, "find_spec", lambda name: object())
    assert linking.linker(SYSTEMS["macos-arm64"], portable=True)[-1] == "aarch64-macos.11.0"


def test_digits_stay_packed_where_nothing_unpacks_them(hook, monkeypatch):
    def unpack(folder):
        raise ImportError("No module named 'numpy'")

    monkeypatch.setattr(_mnist, "unpack", unpack)
    monkeypatch.setenv("FASTNN_BUILD", "none")
    data = {"force_include": {}, "pure_python": True}
    hook[0].initialize("standard", data)
    packed = [f"fastnn/datasets/mnist/{name}.gz" for name in DIGITS]
    assert sorted(data["force_include"].values()) == packed


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """The build hook, and what it told."""
    pytest.importorskip("hatchling")
    from fastnn.build.hook import KernelsHook

    told = []
    app = SimpleNamespace(display_info=told.append, display_warning=told.append)
    metadata = SimpleNamespace(version="1.2.3")
    made = KernelsHook(str(tmp_path), {}, None, metadata, str(tmp_path), "wheel", app)
    monkeypatch.setattr(wheel, "this_system", lambda: LINUX)
    monkeypatch.setattr(_mnist, "unpack", lambda folder: (folder / DIGITS[0]).write_bytes(b"raw"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("FASTNN_BUILD", "FASTNN_BUILD_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    return made, told


def test_a_wheel_with_libraries(hook, monkeypatch):
    def build(wanted, version, folder):
        assert version == "1.2.3"
        folder.mkdir(parents=True)
        (folder / "fastnn-x86-64-v3.so").write_bytes(b"code")

    monkeypatch.setattr(wheel, "build_libraries", build)
    made, _ = hook
    data = {"force_include": {}, "pure_python": True}
    made.initialize("standard", data)
    (file, place), (digits, unpacked) = data["force_include"].items()
    assert place == "fastnn/native/libraries/fastnn-x86-64-v3.so"
    assert (Path(digits).read_bytes(), unpacked) == (b"raw", f"fastnn/datasets/mnist/{DIGITS[0]}")
    assert (data["pure_python"], data["tag"]) == (False, wheel.tag(wheel.wish({})))
    assert Path(file).read_bytes() == b"code"
    made.finalize("standard", data, "")
    assert not Path(file).exists()


@pytest.mark.parametrize("trouble", ["no linker", OSError("disk full")])
def test_trouble_makes_a_pure_wheel(hook, monkeypatch, trouble):
    def build(*arguments):
        if isinstance(trouble, Exception):
            raise trouble
        return trouble

    monkeypatch.setattr(wheel, "build_libraries", build)
    made, told = hook
    data = {"force_include": {}, "pure_python": True}
    made.initialize("standard", data)
    made.finalize("standard", data, "")
    assert data.pop("force_include")  # the digits
    assert data == {"pure_python": True}
    assert "no machine code was built" in told[-1]
    assert str(trouble) in told[-1]
    assert "compiled at first use" in told[-1]


def test_the_trouble_is_what_the_command_said(tmp_path, monkeypatch):
    said = SimpleNamespace(returncode=1, stdout="", stderr="long\nfastnn.build: no linker\n")
    monkeypatch.setattr(wheel.subprocess, "run", lambda *arguments, **options: said)
    wanted = wheel.Wish(LINUX, False, "usual")
    assert wheel.build_libraries(wanted, "1.2.3", tmp_path) == "no linker"


def test_no_libraries_wanted(hook, monkeypatch):
    monkeypatch.setenv("FASTNN_BUILD", "none")
    made, told = hook
    data = {"force_include": {}, "pure_python": True}
    made.initialize("standard", data)
    assert data.pop("force_include")
    assert data == {"pure_python": True}
    assert told == ["fastnn: no machine code, kernels are compiled at first use"]


@pytest.mark.skipif(this_system() is None, reason="there are no libraries for this system")
def test_a_command_that_fails_says_why(tmp_path, capsys):
    (tmp_path / "list.txt").write_text("[usual]\n[full]\n")
    empty = ["--keys-file", str(tmp_path / "list.txt"), "--out", str(tmp_path)]
    assert command.main(empty) == 1
    assert "--set usual: expected functions to build, got none" in capsys.readouterr().err
    assert command.main([*empty, "--system", "linux-arm64", "--level", "x86-64-v3"]) == 1
    assert "expected functions to build" in capsys.readouterr().err
