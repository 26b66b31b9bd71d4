"""bench/readme_session.py: what it writes into the README."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = "fastnn train mnist --rows 300 --epochs 2 --hidden 9"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("readme_session")


@pytest.mark.parametrize(("name", "epochs"), [("train", 2), ("regularized", 0)])
def test_session(script, name, epochs, tmp_path, monkeypatch):
    monkeypatch.setitem(script.SESSIONS, name, SHORT)
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n<!-- {name}:begin -->\nold\n<!-- {name}:end -->\nafter\n")
    script.main([name, "--readme", str(readme)])
    lines = readme.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert f"$ {SHORT}" in lines
    assert "old" not in lines
    assert any(line.startswith("test accuracy ") for line in lines)
    assert any("network 784-9-10" in line for line in lines)
    assert sum(line.startswith(("    1 ", "    2 ")) for line in lines) == epochs
    assert ["", ""] not in [lines[i : i + 2] for i in range(len(lines))]
    assert sum(line.startswith("epoch ") for line in lines) == bool(epochs)


def test_readme_has_the_sessions_and_their_commands(script):
    text = (ROOT / "README.md").read_text()
    for name, command in script.SESSIONS.items():
        block = text.split(f"<!-- {name}:begin -->")[1].split(f"<!-- {name}:end -->")[0]
        assert "\n".join(script.wrapped(command.split())) in block


def test_a_long_command_is_one_for_the_shell(script):
    lines = script.wrapped(script.REGULARIZED.split())
    assert len(lines) > 1
    assert max(map(len, lines)) <= script.WIDTH
    assert all(line.endswith(" \\") for line in lines[:-1])
    joined = " ".join(line.removesuffix("\\").strip() for line in lines)
    assert joined == f"$ {script.REGULARIZED}"
