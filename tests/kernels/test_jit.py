"""Kernels are compiled one after the other, and a fork while one is leaves nothing locked."""

import gc
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numba
import pytest
from interpreted import KERNELS_ARE_INTERPRETED

from fastnn.kernels import jit

pytestmark = pytest.mark.skipif(KERNELS_ARE_INTERPRETED, reason="nothing is compiled")


def seven():
    return 7


def eight():
    return 8


SIGNATURE = (), numba.types.int64


def test_two_threads_compile_one_after_the_other(monkeypatch):
    begun, compiling, together = {"seven": Event(), "eight": Event()}, [], []

    def compile(self):
        """Count how many compile while it does."""
        name = self.__name__
        compiling.append(name)
        begun[name].set()
        begun["eight" if name == "seven" else "seven"].wait(0.3)
        together.append(len(compiling))
        compiling.remove(name)

    monkeypatch.setattr(jit.KernelFunction, "compile", compile)
    with ThreadPoolExecutor(2) as pool:
        for function in (seven, eight):
            pool.submit(jit.c_function, function, SIGNATURE)
    assert together == [1, 1]
    assert gc.isenabled()


FORK = """
import gc, os, threading
import numba
from fastnn.kernels import jit

compiling, collecting = threading.Event(), []

def compile(self):
    self._pyfunc()

def slow():
    compiling.set()
    threading.Event().wait(0.5)

def quick():
    collecting.append(gc.isenabled())

jit.KernelFunction.compile = compile
signature = (), numba.types.int64
thread = threading.Thread(target=jit.c_function, args=(slow, signature))
thread.start()
compiling.wait()
child = os.fork()
if not child:
    fine = gc.isenabled()
    jit.c_function(quick, signature)
    os._exit(0 if fine and collecting == [False] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
thread.join()
jit.c_function(quick, signature)
print(collecting, gc.isenabled())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_is_forked_while_a_thread_compiles():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["0", "[False] True"], done.stderr


def test_the_log_tells_of_what_was_compiled(caplog):
    with caplog.at_level(logging.DEBUG, "fastnn.kernels.jit"):
        result = jit.c_function(seven, SIGNATURE)
    assert result.ctypes() == 7
    (record,) = (record for record in caplog.records if hasattr(record, "kernel"))
    told = vars(record)
    assert (told["kernel"], told["loaded"]) == ("seven", False)
    assert told["seconds"] > 0
    assert record.message == f"seven compiled in {told['seconds']:.2f} s"
