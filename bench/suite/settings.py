"""How a run is measured."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bench.suite.machine import usable_threads

__all__ = ["Progress", "Settings"]

# Told what is going on.
Progress = Callable[[str], object]


@dataclass(frozen=True)
class Settings:
    """How a run is measured.

    threads    numbers of threads, each measured
    rounds     turns of everyone
    patience   seconds after which a slow competitor gets no more turns, though at least 3
    peers      those to measure; None: all that a case names
    quick      rough figures only
    cpu_level  that everyone is held to, see cpu_level; None: whatever the CPU has
    """

    threads: tuple[int, ...]
    rounds: int = 9
    patience: float = 20.0
    peers: tuple[str, ...] | None = None
    quick: bool = False
    cpu_level: str | None = None

    @staticmethod
    def usual(
        *,
        quick: bool = False,
        threads: Sequence[int] = (),
        peers: Sequence[str] | None = None,
        cpu_level: str | None = None,
    ) -> "Settings":
        """One thread and all cores, unless told otherwise."""
        numbers = tuple(threads or sorted({1, usable_threads()}))
        wanted = None if peers is None else tuple(peers)
        settings = Settings(numbers, peers=wanted, cpu_level=cpu_level)
        return replace(settings, rounds=3, patience=5.0, quick=True) if quick else settings

    def as_json(self) -> dict[str, Any]:
        """For a results file."""
        peers = None if self.peers is None else list(self.peers)
        return {**asdict(self), "threads": list(self.threads), "peers": peers}
