"""One process of a build: some functions of one level as an object file.

The width of a register is fixed when kernels are imported, hence a process a level.

    python -m fastnn.build.worker SYSTEM LEVEL MODULE:FUNCTION OBJECT <keys, a line each

FUNCTION(key) is the compiled function of a key. Prints `compiled KEY` after each, and at last
the CPU seconds of each step.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastnn.build.symbols import symbol
from fastnn.build.systems import SYSTEMS

__all__ = ["build_part"]


def build_part(
    keys: Sequence[str], compile_entry: Callable[[str], Any], machine: Any
) -> tuple[bytes, dict[str, float]]:
    """The object file of the functions of `keys`, and the CPU seconds that each step took."""
    from numba.core.compiler_lock import global_compiler_lock

    from fastnn.build.machine_code import as_object, merge

    start = time.process_time()
    functions = []
    for key in keys:
        functions.append((symbol(key), compile_entry(key)))
        print("compiled", key, flush=True)
    compiled = time.process_time()
    with global_compiler_lock:  # Numba wants it locked
        module = merge(functions, machine)
    merged = time.process_time()
    code, seconds = as_object(module, machine)
    return code, {"Numba": compiled - start, "merge": merged - compiled, **seconds}


def main(system: str, level: str, entries: str, file: str) -> None:
    """Build a part."""
    from fastnn.kernels import target  # before kernels, which are compiled for what it says

    machine = target.build_for(level, SYSTEMS[system].triple)
    imported = time.process_time()
    module, _, function = entries.partition(":")
    compile_entry = getattr(importlib.import_module(module), function)
    code, seconds = build_part(sys.stdin.read().splitlines(), compile_entry, machine)
    Path(file).write_bytes(code)
    print(json.dumps({"import": imported, **seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
