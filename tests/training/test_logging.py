"""What the logger "fastnn" is told; nothing is printed by that."""

import logging
import os
import re
import subprocess
import sys

from samples import labelled, small

import fastnn
from fastnn.engine import thread_choice
from fastnn.engine.thread_choice import ThreadChoice

X, LABELS = labelled()


def test_an_epoch_is_a_line_of_level_info(caplog, capfd):
    net = small()
    with caplog.at_level(logging.INFO, "fastnn"):
        net.fit(X, LABELS, epochs=2, l2=1.0)
    assert [(r.name.split(".")[0], r.levelname) for r in caplog.records] == 2 * [("fastnn", "INFO")]
    for record, cost in zip(caplog.records, net.history.data_cost, strict=True):
        assert f"data cost {cost:.5f}" in record.getMessage()
    assert capfd.readouterr() == ("", "")


def test_the_lines_are_those_of_verbose(caplog, capfd):
    with caplog.at_level(logging.INFO, "fastnn"):
        small().fit(X, LABELS, epochs=2, verbose=2)
    assert capfd.readouterr().err.splitlines() == caplog.messages


def test_silent_unless_asked_to_speak():
    """Without any configuration: Python's last resort would print warnings of bare loggers."""
    program = (
        "import logging, numpy as np, fastnn\n"
        "fastnn.Network([2, 2], seed=0).fit(np.eye(2), [0, 1], epochs=1)\n"
        "logging.getLogger('fastnn').error('lost')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_the_choice_of_threads_is_a_line_of_level_debug(caplog, monkeypatch):
    monkeypatch.setattr(thread_choice, "available_cores", lambda: 2)
    choice = ThreadChoice(None, 1000, 10**6)
    with caplog.at_level(logging.DEBUG, "fastnn"):
        for _ in range(5):
            choice.measured(1000, 1e-5 / choice.next())
    assert choice.chosen == 2
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert caplog.messages[0].startswith("2 threads are the fastest")


def test_preparing_kernels_is_a_line_of_level_debug():
    """Unless they are prebuilt, where nothing is to prepare."""
    program = (
        "import logging, fastnn\n"
        "logging.basicConfig(level='DEBUG', format='%(levelname)s:%(name)s:%(message)s')\n"
        "logging.getLogger('numba').setLevel('ERROR')\n"
        "fastnn.Network([2, 2], seed=0).feedforward([[1, 2]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "FASTNN_KERNELS": "compiled", "NUMBA_DISABLE_JIT": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stderr.splitlines()
    assert done.stdout == ""
    told = re.compile(r"DEBUG:fastnn\.kernels\.jit:outputs\(.*\) (loaded|compiled) in \d+\.\d\d s")
    assert any(map(told.fullmatch, lines)), lines


def test_the_logger_is_the_packages():
    handlers = logging.getLogger(fastnn.__name__).handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
