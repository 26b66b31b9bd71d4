"""Compiling changes what all of Numba goes by: for nobody else, and not for ever."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from numba.core import config

from fastnn.kernels import jit

pytestmark = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")


class Dispatcher:
    """Notes at which optimization level it compiles, and how many do so with it."""

    def __init__(self, begun, other_begun, compiling):
        self.begun, self.other_begun, self.compiling = begun, other_begun, compiling

    def compile(self, signature):
        self.compiling.append(self)
        together = len(self.compiling)
        self.begun.set()
        self.other_begun.wait(0.3)
        self.compiling.remove(self)
        return int(config.OPT), together


def test_two_threads_compile_one_after_the_other():
    events, compiling, usual = [Event(), Event()], [], int(config.OPT)
    dispatchers = [
        jit._compiled_within(partial(jit._optimization, level), Dispatcher(*pair, compiling))
        for level, pair in ((0, events), (1, events[::-1]))
    ]
    with ThreadPoolExecutor(2) as pool:
        levels = list(pool.map(lambda dispatcher: dispatcher.compile(None), dispatchers))
    assert levels == [(0, 1), (1, 1)]
    assert int(config.OPT) == usual


FORK = """
import os, threading
from functools import partial
from numba.core import config
from fastnn.kernels import jit

usual, compiling = int(config.OPT), threading.Event()

class Slow:
    def compile(self, signature):
        compiling.set()
        threading.Event().wait(0.5)

class Quick:
    def compile(self, signature):
        return int(config.OPT)

def dispatcher(kind):
    return jit._compiled_within(partial(jit._optimization, 0), kind())

thread = threading.Thread(target=dispatcher(Slow).compile, args=(None,))
thread.start()
compiling.wait()
child = os.fork()
if not child:
    fine = int(config.OPT) == usual and dispatcher(Quick).compile(None) == 0
    os._exit(0 if fine else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
thread.join()
print(dispatcher(Quick).compile(None), int(config.OPT) == usual)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_is_forked_while_a_thread_compiles():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["0", "0 True"], done.stderr
