"""The libraries of a system: workers compile side by side, then each level is linked."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from fastnn.build.cpu_level import NAME, cpu_level_object
from fastnn.build.linking import link
from fastnn.build.symbols import symbol
from fastnn.build.systems import System
from fastnn.machine.registers import KINDS
from fastnn.machine.sources import sources_digest
from fastnn.native.specializations import in_parts

__all__ = ["BuildError", "Plan", "build"]

_PACKAGE = Path(__file__).parents[1]


class BuildError(Exception):
    """A worker failed: how, in a line, and all that it said."""

    def __str__(self) -> str:
        return str(self.args[0])


class Plan(NamedTuple):
    """What to build.

    system     for which system
    levels     for which levels of its CPUs
    keys       which functions
    linker     by which command they are linked
    version    fastnn's
    entries    "module:function" that compiles the function of a key
    processes  how many compile side by side
    """

    system: System
    levels: Sequence[str]
    keys: Sequence[str]
    linker: Sequence[str]
    version: str
    entries: str
    processes: int


def build(plan: Plan, folder: Path, progress: Callable[[str], None]) -> dict[str, float]:
    """Put the libraries, their indexes and the one that tells the level into `folder`.

    Returns the CPU seconds of each step, of all levels together. What is in the folder under the
    names of other levels stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="fastnn-build-") as name:
        temporary = Path(name)
        parts = in_parts(plan.keys, plan.processes)
        objects = {
            level: [temporary / f"{level}-{i}.o" for i in range(len(parts))]
            for level in plan.levels
        }
        counting = _Counting(len(plan.keys) * len(plan.levels), progress)
        with ThreadPoolExecutor(plan.processes) as pool:
            workers = [
                pool.submit(_work, plan, level, part, file, counting)
                for level in plan.levels
                for part, file in zip(parts, objects[level])
            ]
            try:
                for worker in workers:
                    seconds.update(worker.result())
            finally:
                pool.shutdown(cancel_futures=True)
        progress("linking")
        for level in plan.levels:
            index = {
                "version": plan.version,
                "level": level,
                "triple": plan.system.triple,
                "sources": sources_digest(),
                "functions": {key: symbol(key) for key in plan.keys},
            }
            _put(plan, folder / f"fastnn-{level}{plan.system.suffix}", objects[level], index)
        if len(plan.system.levels) > 1:
            file = temporary / f"{NAME}.o"
            file.write_bytes(cpu_level_object(plan.system))
            _put(plan, folder / f"{NAME}{plan.system.suffix}", [file], {})
    return dict(seconds)


class _Counting:
    """How many functions are compiled; threads count together."""

    def __init__(self, all_of_them: int, progress: Callable[[str], None]):
        self._all, self._done, self._progress = all_of_them, 0, progress

    def one_more(self) -> None:
        self._done += 1
        self._progress(f"{self._done} of {self._all} functions compiled")


def _work(
    plan: Plan, level: str, keys: Sequence[str], file: Path, counting: _Counting
) -> dict[str, float]:
    command = [sys.executable, "-m", "fastnn.build.worker"]
    environment = {
        **os.environ,
        "FASTNN_KERNELS": "compiled",
        "FASTNN_REGISTERS": KINDS[level],
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(_PACKAGE.parent), os.environ.get("PYTHONPATH")])
        ),
    }
    for variable in (
        "FASTNN_CPU_LEVEL",
        "NUMBA_DISABLE_JIT",
        "NUMBA_CPU_NAME",
        "NUMBA_CPU_FEATURES",
    ):
        environment.pop(variable, None)
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [*command, plan.system.name, level, plan.entries, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=environment,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            try:
                process.stdin.write("\n".join(keys))
                process.stdin.close()
                last = ""
                for line in process.stdout:
                    last = line
                    if line.startswith("compiled "):
                        counting.one_more()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            text = said.read().strip() or f"exit status {process.returncode}"
            raise BuildError(f"{level}: {text.splitlines()[-1]}", text)
    return json.loads(last)


def _put(plan: Plan, library: Path, objects: Sequence[Path], index: dict[str, Any]) -> None:
    """A library first, then the index, without which nobody loads it; both beside the objects."""
    linked, file = objects[0].parent / library.name, library.with_suffix(".json")
    link(plan.linker, objects, linked, plan.system)
    index["sha256"] = hashlib.sha256(linked.read_bytes()).hexdigest()
    written = linked.with_suffix(".json")
    written.write_text(json.dumps(index, indent=0) + "\n", encoding="utf-8")
    file.unlink(missing_ok=True)
    _move(linked, library)
    _move(written, file)


def _move(source: Path, to: Path) -> None:
    """Replace a file by one of another filesystem, in one step: programs may have it open."""
    beside = to.with_name(f"{to.name}.{os.getpid()}.new")
    beside.write_bytes(source.read_bytes())
    os.replace(beside, to)
