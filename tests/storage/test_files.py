"""Files that are written whole or not at all; those of storage are in test_saved_networks.py."""

import errno
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


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_umasks_permissions_from_the_start(tmp_path, umask):
    before = os.umask(umask)
    try:
        with files.atomic_write(tmp_path / "one"):
            (temporary,) = tmp_path.iterdir()
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o666 & ~umask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o666 & ~umask


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_what_replaces_a_file_is_private_until_it_is_complete(tmp_path, mode, monkeypatch):
    """Who may not read the old content may not read the new one either, at any moment."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    modes, replace = [], os.replace

    def look(source, target):
        modes.append(stat.S_IMODE(os.stat(source).st_mode))
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", look)
    with files.atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        (temporary,) = set(tmp_path.iterdir()) - {path}
        modes.append(stat.S_IMODE(temporary.stat().st_mode))
    assert modes == [0o600, mode]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_a_file_keeps_its_owner(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 4321, 8765)
    path.chmod(0o640)
    write(path)
    about = path.stat()
    assert (about.st_uid, about.st_gid, stat.S_IMODE(about.st_mode)) == (4321, 8765, 0o640)


@posix
def test_a_group_that_cannot_be_kept_gets_another_ones_rights_no_more(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o664)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "chown", refuse)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path, monkeypatch):
    """Whoever may write in the folder puts it there, and names can be foreseen or tried."""
    victim, names = tmp_path / "victim", iter(["0" * 16, "1" * 16])
    victim.write_bytes(b"precious")
    (tmp_path / f".file.{'0' * 16}.tmp").symlink_to(victim)
    monkeypatch.setattr(files.os, "urandom", lambda _: bytes.fromhex(next(names)))
    write(tmp_path / "file")
    assert victim.read_bytes() == b"precious"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert not (tmp_path / "file").is_symlink()


def test_temporary_names_are_others_each_time(tmp_path):
    names = set()
    for _ in range(20):
        with files.atomic_write(tmp_path / "file"):
            (name,) = set(os.listdir(tmp_path)) - {"file"}
            names.add(name)
    assert len(names) == 20
    assert all(len(name) == len(".file..tmp") + 16 for name in names)


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_is_an_error_that_names_the_file(tmp_path, existing):
    path = tmp_path / "file"
    if existing:
        path.write_bytes(b"old")
    with pytest.raises(OSError, match="No space left on device") as caught:  # noqa: SIM117
        with files.atomic_write(path):
            raise FULL
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert str(caught.value).endswith(f"No space left on device: '{path}'")
    assert os.listdir(tmp_path) == (["file"] if existing else [])
    assert not existing or path.read_bytes() == b"old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
def test_a_full_device_is_named(tmp_path):
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write("/dev/full")


def test_an_error_without_a_number_keeps_its_words(tmp_path):
    with (
        pytest.raises(OSError, match="^12 requested and 3 written$"),
        files.atomic_write(tmp_path / "file"),
    ):
        raise OSError("12 requested and 3 written")


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
    """Those of version 0.1, and of this one."""
    old, leftovers = time.time() - 3600, [".file.1.2.tmp", f".file.{'0a' * 8}.tmp"]
    others = [
        ".other.1.2.tmp",
        "file",
        ".file.tmp",
        ".file.mine.tmp",
        ".file.1.2.tmp.bak",
        f".file.{'0a' * 8}",
        f".file.x.{'0a' * 8}.tmp",
    ]
    for name in leftovers + others:
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".file.4.5.tmp").write_bytes(b"being written")
    files.remove_leftovers(tmp_path / "file")
    assert sorted(os.listdir(tmp_path)) == sorted([".file.4.5.tmp", *others])


@posix
def test_what_a_killed_writer_leaves_is_removed(tmp_path):
    """Whatever a temporary file is called."""
    with files.atomic_write(tmp_path / "file") as file:
        file.write(b"half")
        file.flush()
        (name,) = os.listdir(tmp_path)
        os.link(tmp_path / name, tmp_path / "kept")
    os.rename(tmp_path / "kept", tmp_path / name)
    os.utime(tmp_path / name, (0, 0))
    files.remove_leftovers(tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]


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
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.os, "open", refuse)
    with pytest.raises(PermissionError, match="checkpoint: can't write .*file: Permission denied"):
        files.check_writable("checkpoint", tmp_path / "file")
