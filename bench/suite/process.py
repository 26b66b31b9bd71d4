"""A worker process as the runner sees it: started, asked, paused, ended.

Each competitor has a process of its own, because the number of BLAS and OpenMP threads is
settled when a library is imported, and because memory can be measured only from the start.
All workers of a case live at the same time and take turns. On Linux, one that is not asked
anything is stopped (SIGSTOP): threads that spin while they wait for work, as OpenMP's do, then
take no time from the one at work, and no library has to be told to wait less eagerly than it
does by default. Elsewhere they are told so: a stopped process could outlive a killed parent.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

__all__ = ["Worker", "WorkerError", "meetings", "program", "thread_variables"]

_ROOT = str(Path(__file__).parents[2])

_PAUSES = sys.platform == "linux"  # see worker._die_with_parent
_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}


def program(module: str) -> str:
    """What `python -c` is given to run the main function of a module of bench, wherever it starts.

    The checkout comes last, also where the run was started in it: so the process imports the fastnn
    that is installed, as the user's programs do.
    """
    return f"""
import sys
sys.path[:] = [*(folder for folder in sys.path if folder not in ("", {_ROOT!r})), {_ROOT!r}]
from {module} import main
sys.exit(main())
"""


class WorkerError(Exception):
    """A worker could not do what it was asked; `status` is "missing", "unsupported", "failed"."""

    def __init__(self, status: str, reason: str):
        super().__init__(reason)
        self.status = status


def thread_variables(threads: int) -> dict[str, str]:
    """What tells each library how many threads to use, before it is imported."""
    names = [
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMBA_NUM_THREADS",
        "NPROC",  # the size of XLA's thread pools
    ]
    return dict.fromkeys(names, str(threads))


class Worker:
    """A competitor in its own process, with so many threads; with one, on one core.

    cache      folder for what Numba compiles, so that a run starts from an empty cache
    python     of the environment whose libraries are measured
    variables  of the process, beside those of this one
    """

    def __init__(
        self,
        competitor: str,
        threads: int,
        cache: Path,
        python: str = sys.executable,
        variables: Mapping[str, str] | None = None,
    ):
        self.competitor, self.threads = competitor, threads
        environment = {
            **os.environ,
            **thread_variables(threads),
            **({} if _PAUSES else _PATIENT),
            "NUMBA_CACHE_DIR": str(cache),
            **(variables or {}),
        }
        self._errors = TemporaryFile("w+")  # noqa: SIM115  lives as long as the worker
        with _on_one_core(threads == 1):
            self._process = subprocess.Popen(
                [python, "-c", program("bench.suite.worker")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                env=environment,
                # Else a shell that ends would hang up on a group with stopped processes.
                start_new_session=True,
            )

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Have the worker do something, and nobody else; raises WorkerError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._signal("SIGCONT")
        try:
            json.dump({"command": command, **arguments}, self._process.stdin)
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError("failed", self._last_words())
        self._signal("SIGSTOP")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["status"], answer["error"])
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _signal(self, name: str) -> None:
        if _PAUSES:
            self._process.send_signal(getattr(signal, name))

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return f"ended with {self._process.returncode}: {lines[-1] if lines else 'no message'}"


@contextmanager
def meetings(threads: Iterable[int]) -> Iterator[Callable[[], dict[int, list[float]]]]:
    """A function that measures the nanoseconds of a meeting, for each number of several threads.

    A number's list has one figure, or none with a fastnn whose threads do not meet as today's do.
    """
    with TemporaryDirectory() as cache, ExitStack() as stack:
        workers = {
            n: stack.enter_context(Worker("fastnn", n, Path(cache))) for n in threads if n > 1
        }

        def meet() -> dict[int, list[float]]:
            met: dict[int, list[float]] = {n: [] for n in workers}
            for n, worker in workers.items():
                with suppress(WorkerError):
                    met[n].append(worker.ask("meeting", threads=n)["nanoseconds"])
            return met

        yield meet


@contextmanager
def _on_one_core(wanted: bool) -> Iterator[None]:
    """Processes started meanwhile stay on one core, the last one, where the system can do it.

    Thread counts are also asked for by variables, but not every library obeys one.
    """
    if not wanted or not hasattr(os, "sched_setaffinity"):
        yield
        return
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(usual)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)
