"""Kernels are compiled one after the other, and a fork while one is leaves nothing locked."""

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from numba.core import config

from fastnn.kernels import jit

pytestmark = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")


class Dispatcher:
    """Counts how many compile while it does."""

    def __init__(self, begun, other_begun, compiling):
        self.begun, self.other_begun, self.compiling = begun, other_begun, compiling

    def compile(self, signature):
        self.compiling.append(self)
        together = len(self.compiling)
        self.begun.set()
        self.other_begun.wait(0.3)
        self.compiling.remove(self)
        return together


def test_two_threads_compile_one_after_the_other():
    events, compiling = [Event(), Event()], []
    dispatchers = [
        jit._compiled_alone(Dispatcher(*pair, compiling)) for pair in (events, events[::-1])
    ]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda dispatcher: dispatcher.compile(None), dispatchers))
    assert together == [1, 1]
    assert gc.isenabled()


FORK = """
import gc, os, threading
from fastnn.kernels import jit

compiling = threading.Event()

class Slow:
    def compile(self, signature):
        compiling.set()
        threading.Event().wait(0.5)

class Quick:
    def compile(self, signature):
        return gc.isenabled()

thread = threading.Thread(target=jit._compiled_alone(Slow()).compile, args=(None,))
thread.start()
compiling.wait()
child = os.fork()
if not child:
    fine = gc.isenabled() and jit._compiled_alone(Quick()).compile(None) is False
    os._exit(0 if fine else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
thread.join()
print(jit._compiled_alone(Quick()).compile(None), gc.isenabled())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_is_forked_while_a_thread_compiles():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["0", "False True"], done.stderr
