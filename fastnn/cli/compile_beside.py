"""Compiling on two cores at a first start: one kernel here, another in a process beside.

Python compiles one kernel at a time, and that is nearly all of the time of a first start. What
evaluates is needed only when the first epoch is done, so it is made meanwhile; both processes
keep their kernels in the same cache.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["evaluation_compiled_beside"]

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
import numpy as np
import fastnn

fastnn.Network([1, 1]).evaluate(np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32))
"""


@contextmanager
def evaluation_compiled_beside() -> Iterator[None]:
    """While this lasts, another process compiles `evaluate` for float32, if nobody has yet.

    Nothing waits for it: what is not in the cache when it is needed is compiled as always.
    """
    from fastnn.engine.threads import available_cores
    from fastnn.kernels.cache import SUFFIX, cache_folder, writable

    compiled = f"evaluation.evaluate-*{SUFFIX}"
    if (
        available_cores() < 2
        or cache_folder is None
        or any(cache_folder.glob(compiled))
        or not writable(cache_folder)
    ):
        yield
        return
    beside = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(sys.path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is not for it
    )
    try:
        yield
    finally:
        beside.kill()  # files of the cache are written whole or not at all
        beside.wait()
