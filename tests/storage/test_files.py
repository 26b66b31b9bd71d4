"""Files that are written whole or not at all; those of storage are in test_saved_networks.py."""

import os
import stat
import sys
import time

import pytest

from fastnn import files

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and folders of POSIX")


def write(path, content=b"new"):
    with files.atomic_write(path) as file:
        file.write(content)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_a_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write(path)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_permissions_that_open_gives(tmp_path):
    write(tmp_path / "one")
    (tmp_path / "other").write_bytes(b"")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.skipif(not hasattr(os, "O_DIRECTORY"), reason="folders can't be opened here")
def test_content_then_name_then_folder_reach_the_disk(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace

    def sync(descriptor):
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "content")
        fsync(descriptor)

    def rename(source, target):
        done.append("name")
        replace(source, target)

    monkeypatch.setattr(files.os, "fsync", sync)
    monkeypatch.setattr(files.os, "replace", rename)
    write(tmp_path / "file")
    assert done == ["content", "name", "folder"]


@pytest.mark.skipif(not hasattr(os, "O_DIRECTORY"), reason="folders can't be opened here")
def test_a_file_system_that_cannot_sync_folders_will_do(tmp_path, monkeypatch):
    fsync = os.fsync

    def sync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError("not here")
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", sync)
    write(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_leftovers_of_killed_writers_are_removed_and_nothing_else(tmp_path):
    old, names = time.time() - 3600, [".file.1.2.tmp", ".file.1.3.tmp", ".other.1.2.tmp", "file"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".file.4.5.tmp").write_bytes(b"being written")
    files.remove_leftovers(tmp_path / "file")
    assert sorted(os.listdir(tmp_path)) == [".file.4.5.tmp", ".other.1.2.tmp", "file"]


def test_leftovers_in_a_folder_that_is_not_there(tmp_path):
    files.remove_leftovers(tmp_path / "nowhere" / "file")
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_written_is_known_before(tmp_path):
    missing = tmp_path / "missing" / "file"
    with pytest.raises(FileNotFoundError, match="checkpoint: expected an existing folder") as error:
        files.check_writable("checkpoint", missing)
    assert str(missing.parent) in str(error.value)
    with pytest.raises(IsADirectoryError, match="checkpoint: .*is a folder"):
        files.check_writable("checkpoint", tmp_path)
    path = tmp_path / "file"
    files.check_writable("checkpoint", path)
    path.write_bytes(b"old")
    files.check_writable("checkpoint", path)
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_pipe_is_no_place_for_a_file_that_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="none that can be replaced"):
        files.check_writable("checkpoint", tmp_path / "pipe")


def test_a_folder_that_refuses(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.tempfile, "NamedTemporaryFile", refuse)
    with pytest.raises(PermissionError, match="checkpoint: can't write .*file: Permission denied"):
        files.check_writable("checkpoint", tmp_path / "file")
