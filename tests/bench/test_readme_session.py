"""bench/readme_session.py: what it writes into README and pages."""

import pytest

from bench import pages
from bench import readme_session as script

SHORT = "fastnn train mnist --rows 300 --epochs 2 --hidden 9"


@pytest.mark.parametrize(("name", "epochs"), [("train", 2), ("regularized", 0)])
def test_session(name, epochs, tmp_path, monkeypatch):
    monkeypatch.setitem(script.SESSIONS, name, SHORT)
    page = tmp_path / pages.PAGES[name]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"before\n<!-- {name}:begin -->\nold\n<!-- {name}:end -->\nafter\n")
    script.main([name, "--root", str(tmp_path)])
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert f"$ {SHORT}" in lines
    assert "old" not in lines
    assert any(line.startswith("test accuracy ") for line in lines)
    assert any("network 784-9-10" in line for line in lines)
    assert sum(line.startswith(("    1 ", "    2 ")) for line in lines) == epochs
    assert ["", ""] not in [lines[i : i + 2] for i in range(len(lines))]
    assert sum(line.startswith("epoch ") for line in lines) == bool(epochs)
    assert sum(line.startswith("images per second") for line in lines) == (not epochs)


def test_pages_have_the_sessions_and_their_commands():
    for name, command in script.SESSIONS.items():
        assert "\n".join(script.wrapped(command.split())) in pages.read(name)


def test_a_long_command_is_one_for_the_shell():
    lines = script.wrapped(script.REGULARIZED.split())
    assert len(lines) > 1
    assert max(map(len, lines)) <= script.WIDTH
    assert all(line.endswith(" \\") for line in lines[:-1])
    joined = " ".join(line.removesuffix("\\").strip() for line in lines)
    assert joined == f"$ {script.REGULARIZED}"
