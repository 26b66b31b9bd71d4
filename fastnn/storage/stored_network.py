"""A network that can be put down and taken up again: saved, copied, pickled."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from fastnn.engine.being_trained import check_whole
from fastnn.model.architecture import Architecture
from fastnn.storage import networks, npz
from fastnn.storage.history_rows import HistoryRows
from fastnn.training.history import History
from fastnn.training.last_fit import LastFit
from fastnn.training.state import TrainingState

__all__ = ["StoredNetwork"]


class StoredNetwork(Architecture):
    """An architecture with what training changes of it, as one thing."""

    _state: TrainingState

    def _begin(self, seed: int | None, rng: np.random.Generator) -> None:
        size, layers = self._engine.parameters.size, len(self._sizes) - 1
        self._state = TrainingState.at_first(seed, rng, layers, size, self._dtype)
        self._history_rows = HistoryRows(layers)

    @property
    def history(self) -> History:
        """All epochs so far, also those of a fit that was interrupted."""
        return self._state.history

    @property
    def last_fit(self) -> LastFit | None:
        """What the last call of fit was asked for; None before the first."""
        state = self._state
        if not state.history.epoch and state.asked is None:
            return None
        return LastFit(state.optimizer, state.penalty, state.asked)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a file, atomically, with all that it takes to train on.

        Raises OSError as `open`; ValueError, and leaves an old file as it is, if parameters or the
        optimizer's memory are NaN or infinite, or the history's lists are none any more; and
        RuntimeError while another thread trains it: callbacks of that fit can save it.
        """
        check_whole(self._engine, "save")
        saved = self._as_saved()
        networks.check_finite(saved)
        npz.write(path, saved)

    def _as_saved(self) -> npz.Saved:
        return networks.as_saved(self, self._engine, self._state, self._history_rows)

    def _restore(self, saved: npz.Saved) -> None:
        networks.restore(self._engine, self._state, saved)

    def __copy__(self) -> StoredNetwork:
        """A copy that trains on by itself, as of deepcopy; attributes of others are shared."""
        twin = type(self).__new__(type(self))
        twin.__setstate__(self.__getstate__())
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copy: arrays instead of the engine. Raises RuntimeError as `save` does.

        Unlike `save` they take NaN and infinity as well: what has diverged can be looked at, also
        in another process.
        """
        check_whole(self._engine, "copy or pickle")
        state = self.__dict__.copy()
        for name in ("_engine", "_weights", "_biases", "_history_rows"):
            del state[name]
        arrays = networks.arrays_of(self._engine, self._state.memory)
        state["_state"] = self._state.without_arrays()
        return {**state, "arrays": arrays}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update((name, state[name]) for name in state if name != "arrays")
        self._make_engine()
        self._history_rows = HistoryRows(len(self._sizes) - 1)
        self._state = self._state.with_arrays(self._engine.parameters.size, self._dtype)
        for name, own in networks.arrays_of(self._engine, self._state.memory).items():
            for target, values in zip(own, state["arrays"][name], strict=True):
                target[...] = values
