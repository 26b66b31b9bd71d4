"""Where compiled kernels are kept: the user's folder alone, named after what shapes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastnn.machine import cache_folder as folders


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An installation that can't be written to, and a user whose home is tmp_path / "home"."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(folders, "writable", lambda folder: False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home / ".cache" / f"fastnn-{folders.compilation_digest()}"


needs_users = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights work otherwise there")


@needs_users
def test_the_users_folder_is_the_users_alone(place, tmp_path, monkeypatch):
    assert folders._choose_folder() == place
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o770)
    assert folders._choose_folder() is None
    place.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)
    assert folders._choose_folder() is None
    place.unlink()
    place.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert folders._choose_folder() is None


@needs_users
def test_users_without_a_folder(place, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert folders._choose_folder() == tmp_path / "xdg" / place.name
    for variable in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", variable)
        assert folders._choose_folder() == place
    (tmp_path / "file").touch()
    for home in ("missing", "file", "file/below"):
        monkeypatch.setenv("HOME", str(tmp_path / home))
        assert folders._choose_folder() is None
    assert not (tmp_path / "missing").exists()

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    assert folders._choose_folder() is None


def test_a_folder_that_the_user_names_is_taken_as_it_is(place, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    assert folders._choose_folder() == tmp_path / "named" / place.name
    assert not (tmp_path / "named").exists()
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "relative")
    assert folders._choose_folder() == gone / "relative" / place.name
    gone.rmdir()
    assert folders._choose_folder() == Path("relative", place.name)
    monkeypatch.setattr(folders, "sources_digest", lambda: "")  # nothing to name it after
    assert folders._choose_folder() is None


def test_writable(tmp_path):
    assert folders.writable(tmp_path)
    assert folders.writable(tmp_path / "not" / "there")
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").touch()
    assert not folders.writable(tmp_path / "file")
    assert not folders.writable(tmp_path / "file" / "below")


def test_the_name_depends_on_all_that_shapes_the_code(monkeypatch):
    seen = {folders.compilation_digest()}
    for name in ("sources_digest", "version"):
        with monkeypatch.context() as patch:
            patch.setattr(folders, name, lambda *_: "another")
            seen.add(folders.compilation_digest())

    def missing(_):
        raise folders.PackageNotFoundError

    monkeypatch.setattr(folders, "version", missing)
    seen.add(folders.compilation_digest())
    assert len(seen) == 4


def test_each_kind_of_registers_has_a_folder(monkeypatch):
    digests = set()
    for register_bytes, tile_rows in ((64, 8), (32, 4), (16, 4), (16, 8)):
        monkeypatch.setattr(folders, "REGISTER_BYTES", register_bytes)
        monkeypatch.setattr(folders, "TILE_ROWS", tile_rows)
        digests.add(folders.compilation_digest())
    assert len(digests) == 4


def test_it_is_numbas_version_that_counts(monkeypatch):
    asked = []
    monkeypatch.setattr(folders, "version", lambda package: asked.append(package) or "1")
    folders.compilation_digest()
    assert asked == ["numba"]


def test_the_folder_is_found_without_numba():
    program = "import sys; import fastnn.machine.cache_folder; print('numba' in sys.modules)"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FASTNN_")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
