"""A process that is killed while it writes checkpoints leaves a whole one, old or new."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import killed
import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import same_bits, small

import fastnn
from fastnn.training import pieces

KILLS = 6
CHILD = Path(killed.__file__)


class Enough(Exception):
    pass


def position(path):
    """Epochs and rows done; fails if the file is not whole."""
    net = fastnn.load(path)
    with np.load(path) as archive:
        header = str(archive["header"])
    done = int(header.split('"done": ')[1].split(",")[0])
    return len(net.history.epoch), done


def wait_for_changes(path, count, child):
    """Until the file has been another one so many times."""
    seen = set()
    while len(seen) <= count and child.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            about = os.stat(path)
            seen.add((about.st_ino, about.st_mtime_ns))
        time.sleep(0.0005)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="takes minutes without kernels")
def test_killed_again_and_again(tmp_path, monkeypatch):
    """Each child goes on from what the one before has left, and the last from all of that.

    The moment is random, and a child does little but write.
    """
    path, rng, positions = tmp_path / "run.npz", np.random.default_rng(), []
    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, CHILD, path], stdout=subprocess.PIPE, text=True)
        try:
            assert child.stdout.readline() == "ready\n"
            wait_for_changes(path, rng.integers(1, 5), child)
            time.sleep(rng.uniform(0.0, 0.003))
        finally:
            child.kill()
            child.communicate()
        assert child.returncode == -signal.SIGKILL
        positions.append(position(path))
    assert positions == sorted(set(positions))  # each of them got somewhere

    # The same training in one go, to the same mini-batch.
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    epochs, done = positions[-1]
    expected = small(5, "float32")

    def stop(rows, total):
        if (len(expected.history.epoch), rows) == (epochs, done):
            raise Enough

    if done:
        with pytest.raises(Enough):
            expected.fit(*killed.data(), **killed.SETTINGS, callbacks=fastnn.Progress(stop))
    else:
        expected.fit(*killed.data(), **{**killed.SETTINGS, "epochs": epochs})
    assert same_bits(fastnn.load(path), expected)


def test_a_killed_writer_leaves_a_file_beside_that_the_next_training_removes(tmp_path):
    path, hour_ago = tmp_path / "run.npz", time.time() - 3600
    leftover = tmp_path / ".run.npz.4711.4712.tmp"
    leftover.write_bytes(b"half a checkpoint")
    os.utime(leftover, (hour_ago, hour_ago))
    small().fit(*killed.data(), epochs=1, callbacks=fastnn.Checkpoint(path))
    assert os.listdir(tmp_path) == ["run.npz"]
