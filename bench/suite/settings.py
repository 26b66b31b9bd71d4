"""How a run is measured."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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
    """

    threads: tuple[int, ...]
    rounds: int = 9
    patience: float = 20.0
    peers: tuple[str, ...] | None = None
    quick: bool = False

    @staticmethod
    def usual(
        *, quick: bool = False, threads: Sequence[int] = (), peers: Sequence[str] | None = None
    ) -> "Settings":
        """One thread and all cores, unless told otherwise."""
        numbers = tuple(threads or sorted({1, usable_threads()}))
        wanted = None if peers is None else tuple(peers)
        if quick:
            return Settings(numbers, rounds=3, patience=5.0, peers=wanted, quick=True)
        return Settings(numbers, peers=wanted)

    def as_json(self) -> dict[str, Any]:
        """For a results file."""
        peers = None if self.peers is None else list(self.peers)
        return {**asdict(self), "threads": list(self.threads), "peers": peers}
