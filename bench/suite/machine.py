"""What the figures were measured on: CPU, system, versions, date."""

import os
import platform
import time
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.suite.process import Worker
from fastnn.cli.errors import CommandError

__all__ = [
    "Others",
    "cpu_model",
    "describe",
    "fastnn_versions",
    "installed",
    "processor",
    "slug",
    "usable_threads",
]


def usable_threads() -> int:
    """Cores that this process may use, or OMP_NUM_THREADS if that is less."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    return min(cores, int(os.environ.get("OMP_NUM_THREADS") or cores))


def installed(distribution: str) -> str | None:
    """A package's version, without importing it."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def fastnn_versions() -> dict[str, str]:
    """Of fastnn and of what its speed depends on."""
    return {
        name: found
        for name in ("fastnn", "numba", "llvmlite", "numpy")
        if (found := installed(name)) is not None
    }


class Others:
    """Measures what other processes take meanwhile: they disturb the figures.

    with Others() as others: ...
    others.cores    how many cores' time they took on average; None where unknown
    """

    cores: float | None = None

    def __enter__(self) -> "Others":
        self._start = time.perf_counter()
        self._busy, self._own = _busy_seconds(), _own_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return
        others = busy - self._busy - (_own_seconds() - self._own)
        self.cores = round(max(0.0, others) / (time.perf_counter() - self._start), 2)


def _busy_seconds() -> float | None:
    """Seconds that all cores together were not idle since the system started; Linux only."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        ticks = [int(field) for field in fields]
    except (OSError, ValueError, IndexError):
        return None
    idle = ticks[3] + ticks[4]
    guests = sum(ticks[8:10])  # counted among the others already
    return (sum(ticks) - guests - idle) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Of this process, and of its children that have ended."""
    return sum(os.times()[:4])


def describe(cpu_level: str | None = None) -> dict[str, Any]:
    """The machine, for a results file.

    cpu_level  that everyone is held to; then what a process of fastnn's says of itself counts
    """
    with Worker("fastnn", 1, Path()) as worker:
        code = worker.ask("code")
    if cpu_level not in (None, code["llvm_cpu"]):
        raise CommandError(
            f"--cpu-level: expected fastnn to have code for {cpu_level}, got {code['llvm_cpu']}; "
            f"python -m fastnn.build --set full --level {cpu_level} makes it"
        )
    return {
        "cpu": cpu_model(),
        **code,
        "cpu_level": cpu_level,
        "cores": usable_threads(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def slug(machine: dict[str, Any]) -> str:
    """A name for the machine's results file, such as amd-epyc-znver5-2-cores-2026-01-31."""
    held = "held to" if machine.get("cpu_level") else ""
    text = f"{machine['cpu']} {held} {machine['llvm_cpu']} {machine['cores']} cores"
    text += f" {machine['date'][:10]}"
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return "-".join(dict.fromkeys(words[:-3])) + "-" + "-".join(words[-3:])


def processor(machine: dict[str, Any]) -> str:
    """The CPU, the level of fastnn's code, and whether everyone was held to that."""
    held = "everyone held to " if machine.get("cpu_level") else ""  # older results files lack it
    return f"{machine['cpu']} ({held}{machine['llvm_cpu']})"


def cpu_model() -> str:
    """The processor's name, as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None
