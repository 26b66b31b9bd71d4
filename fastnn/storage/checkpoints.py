"""Checkpoints: a training that was stopped, or killed, goes on as if nothing had happened.

    checkpoint = fastnn.Checkpoint("run.npz", resume="if there")
    net.fit(x, y, epochs=100, callbacks=[checkpoint])  # is killed
    net.fit(x, y, epochs=100, callbacks=[checkpoint])  # goes on, and ends with the same bits

A checkpoint is a network's file, which `fastnn.load` reads as any other, with the position of
the training in it and a description of the settings and data that it must go on with.
"""

import errno
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastnn import files
from fastnn.arguments import checks
from fastnn.engine import Trainer
from fastnn.model.architecture import Architecture
from fastnn.storage import networks, npz
from fastnn.storage.fingerprint import describe, differences
from fastnn.storage.npz import Saved
from fastnn.training.callbacks import Behaviour
from fastnn.training.full_batch import FullBatchTraining
from fastnn.training.history import Epoch
from fastnn.training.loop import Position, Training
from fastnn.training.optimizers import LBFGS, Optimizer
from fastnn.training.settings import Settings

__all__ = ["Checkpoint", "Resumed", "Saver", "as_network", "check", "read"]

logger = logging.getLogger(__name__)

_KEY, _BEST = "checkpoint", "best_"
_IF_THERE = "if there"


@dataclass(frozen=True)
class Checkpoint(Behaviour):
    """A file from which a fit can go on: `fit(callbacks=[fastnn.Checkpoint("run.npz")])`.

    path           the file, replaced by each new checkpoint, whole or not at all
    every_epochs   one after so many epochs of this fit; the default is 1
    every_seconds  instead, one after at least so many seconds, also within an epoch
    resume         True: go on from the file, of a fit with the same settings and data, whatever
                   the network was, and end with the same bits as if that fit had not been
                   stopped; raises FileNotFoundError if there is no file. "if there": go on if
                   there is one, else begin. False: begin, and write over a file that is there

    One more is written when the training ends, and when Ctrl-C ends it within an epoch. It
    costs the time to write the parameters and the optimizer's memory, and to have the disk
    confirm it. A network whose parameters have become NaN or infinite is not written, so that
    the last good checkpoint stays.
    """

    path: str | os.PathLike[str]
    every_epochs: int | None = None
    every_seconds: float | None = None
    resume: bool | str = False

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, os.PathLike)):
            raise TypeError(f"Checkpoint: expected a path, got {self.path!r}")
        if self.every_epochs is not None and self.every_seconds is not None:
            raise ValueError(
                "Checkpoint: expected every_epochs or every_seconds, got both: "
                f"{self.every_epochs!r} and {self.every_seconds!r}"
            )
        if self.every_epochs is not None:
            checks.count("Checkpoint: every_epochs", self.every_epochs)
        if self.every_seconds is not None:
            checks.number("Checkpoint: every_seconds", self.every_seconds, positive=True)
        if not isinstance(self.resume, bool) and self.resume != _IF_THERE:
            raise ValueError(
                f"Checkpoint: resume: expected True, False or {_IF_THERE!r}, "
                f"got {checks.shown(self.resume)}"
            )


class Saver:
    """Writes a fit's checkpoints; with `checkpoint` None it does nothing."""

    def __init__(
        self,
        checkpoint: Checkpoint | None,
        training: Training | FullBatchTraining,
        content: Callable[[], Saved],
    ):
        """`training` is about to begin, or to go on; `content()` is the network as its file's."""
        self._checkpoint, self._training, self._content = checkpoint, training, content
        self._written = time.monotonic()
        if checkpoint is not None and isinstance(training, Training):
            self._settings = describe(training.settings)
            files.remove_leftovers(checkpoint.path)

    @property
    def saves(self) -> bool:
        """Whether checkpoints are written at all."""
        return self._checkpoint is not None

    @property
    def progress(self) -> Callable[[int, int], object] | None:
        """To be called between the pieces of an epoch, if anything is to be done there."""
        return None if self._checkpoint is None else self._between_pieces

    def _between_pieces(self, done: int, total: int) -> None:
        if self._due():
            self._write()

    def epoch_ended(self) -> None:
        """The epoch is in the history, and its callbacks were called."""
        if self._checkpoint is None or self._training.complete:  # `training_ended` comes next
            return
        every = self._checkpoint.every_epochs
        if every is None and self._checkpoint.every_seconds is None:
            every = 1
        if self._due() or (every is not None and len(self._training.epochs) % every == 0):
            self._write()

    def training_ended(self) -> None:
        """The network is what fit leaves."""
        if self._checkpoint is not None:
            self._write(finished=True)

    def interrupted(self) -> None:
        """Ctrl-C has ended the training within an epoch."""
        if self._checkpoint is not None:
            self._write()

    def _due(self) -> bool:
        every = None if self._checkpoint is None else self._checkpoint.every_seconds
        return every is not None and time.monotonic() - self._written >= every

    def _write(self, *, finished: bool = False) -> None:
        assert self._checkpoint is not None
        start, path = time.perf_counter(), self._checkpoint.path
        assert isinstance(self._training, Training)
        position = self._training.position()
        saved = self._content()
        saved.settings[_KEY] = {
            "position": position._asdict(),
            "finished": finished,
            "settings": self._settings,
        }
        saved.settings["updates"] = Trainer.updates_in(position.progress)
        if not finished and (best := self._training.best_parameters()) is not None:
            saved.arrays[f"{_BEST}weights"], saved.arrays[f"{_BEST}biases"] = best
        if not all(np.isfinite(a).all() for layers in saved.arrays.values() for a in layers):
            logger.warning("no checkpoint: the network holds NaN or infinity; %s stays", path)
            return
        npz.write(path, saved)
        self._written = time.monotonic()
        logger.debug(
            "checkpoint %s: epoch %d, row %d, in %.0f ms",
            os.fsdecode(path),
            position.epochs + 1,
            position.done,
            1e3 * (time.perf_counter() - start),
        )


class Resumed:
    """A checkpoint that has been read, to go on from.

    path      of its file
    position  where the training was
    finished  whether it was over
    seed      the network's, of what is drawn without its generator
    """

    def __init__(self, path: str | os.PathLike[str], saved: Saved):
        """One of npz.MEANINGLESS for what makes no sense."""
        header = saved.settings[_KEY]
        self.path, self.finished = os.fsdecode(path), checks.flag("finished", header["finished"])
        self.position = _as_position(header["position"])
        self.seed = networks.seed_in(saved)
        if saved.settings["updates"] != Trainer.updates_in(self.position.progress):
            raise ValueError(f"updates: expected the progress's, got {saved.settings['updates']}")
        self._settings, self._network = header["settings"], as_network(saved)
        self._first_weights = saved.arrays["weights"][0]  # within an epoch they may lack a factor
        self._best = {n: a for n, a in saved.arrays.items() if n.startswith(_BEST)}
        if self._best and self._best.keys() != {f"{_BEST}weights", f"{_BEST}biases"}:
            raise ValueError(f"expected {_BEST}weights and {_BEST}biases, got {[*self._best]}")
        networks.check_finite(saved)
        self._epochs: list[Epoch] = []

    def restore_network(self, restore: Callable[[Saved], None], settings: Settings) -> None:
        """Make the network what it was, whole; ValueError unless fit's settings and data are its.

        `restore(saved)` makes it what its file holds.

        Or if anything in the file makes no sense, before anything has changed: what follows, in
        `restore_training` or in the training, finds nothing that it could not go on with.
        """
        import json

        here = json.loads(json.dumps(describe(settings)))
        try:
            found = differences(self._settings, here)
        except npz.MEANINGLESS as error:
            raise _damaged(self.path, error) from None
        if found:
            raise ValueError(
                f"Checkpoint: resume: expected the settings and data of {self.path}, got others: "
                + "; ".join(f"{name} is {new}, was {old}" for name, old, new in found)
            )
        try:
            self._check_rows(len(settings.data.x), settings.rule.mini_batch_size)
            self._epochs = self._complete_epochs(len(self._network.settings["sizes"]) - 1)
            self._check_figures(settings)
            restore(self._network)
        except npz.MEANINGLESS as error:
            raise _damaged(self.path, error) from None

    def _check_rows(self, n: int, m: int) -> None:
        done, progress = self.position.done, self.position.progress
        if done > n or (done % m and done < n):
            raise ValueError(f"no mini-batch ends after {done} rows")
        if -(-done // m) > Trainer.updates_in(progress):
            raise ValueError(f"{done} rows need more updates than there were")
        if Trainer.correct_in(progress) > (done or n):
            raise ValueError("more rows are correct than there were")

    def _complete_epochs(self, layers: int) -> list[Epoch]:
        """Those of the fit that goes on."""
        history, count = networks.history_in(self._network, layers), self.position.epochs
        figures = list(zip(*(history[name] for name in Epoch._fields), strict=True))
        if count > len(figures):
            raise ValueError(f"the history lacks some of {count} epochs")
        return [Epoch(*row) for row in figures[len(figures) - count :]]

    def _check_figures(self, settings: Settings) -> None:
        """What a training with these settings goes by must be there."""
        stopping, validated = settings.early_stopping, settings.validation is not None
        for epoch in self._epochs:
            if (epoch.validation_data_cost is not None) != validated:
                raise ValueError(f"epoch {epoch.epoch} has other validation figures than fit's")
        for monitor in (settings.schedule.monitored(), stopping and stopping.monitor):
            if monitor and any(getattr(epoch, monitor) is None for epoch in self._epochs):
                raise ValueError(f"the history lacks {monitor}, which fit goes by")
        best = stopping.best(self._epochs) if stopping and stopping.restore_best else None
        if (best is not None and not self.finished) != bool(self._best):
            raise ValueError("expected the best epoch's parameters where fit goes back to them")

    def restore_training(self, training: Training) -> None:
        """Let the training go on from where it was."""
        best = (self._best[f"{_BEST}weights"], self._best[f"{_BEST}biases"]) if self._best else None
        training.resume(
            self.position, self._epochs, best, self._first_weights, finished=self.finished
        )
        logger.debug(
            "resumed %s: epoch %d, row %d", self.path, len(self._epochs) + 1, self.position.done
        )


def check(checkpoint: Checkpoint | None, optimizer: Optimizer) -> None:
    """OSError if it could not be written; ValueError if nobody could go on from it."""
    if checkpoint is not None:
        if isinstance(optimizer, LBFGS):
            raise ValueError(
                "callbacks: expected no Checkpoint with the optimizer lbfgs, whose memory "
                "can't be saved; net.save(path) in a function of yours saves the network"
            )
        files.check_writable("Checkpoint", checkpoint.path)


def read(checkpoint: Checkpoint | None, net: Architecture) -> Resumed | None:
    """What fit goes on from, of a network like this one; None if it begins.

    OSError as `open`, or ValueError for a file that is foreign or damaged.
    """
    if checkpoint is None or not checkpoint.resume:
        return None
    path = checkpoint.path
    name = os.fsdecode(path)
    try:
        saved = npz.read(path)
    except FileNotFoundError:
        if checkpoint.resume == _IF_THERE:
            return None
        raise FileNotFoundError(
            errno.ENOENT,
            f"Checkpoint: resume=True: expected a file to go on from, found none (resume="
            f"{_IF_THERE!r} begins where there is none)",
            name,
        ) from None
    if _KEY not in saved.settings:
        raise ValueError(
            f"Checkpoint: resume: expected a checkpoint that fit wrote, got a network without the "
            f"position of a training: {name}; fastnn.load reads it"
        )
    try:
        networks.check_alike(net, saved.settings)
    except ValueError as error:
        raise ValueError(f"Checkpoint: resume: {name}: {error}") from None
    try:
        return Resumed(path, saved)
    except npz.MEANINGLESS as error:
        raise _damaged(name, error) from None


def as_network(saved: Saved) -> Saved:
    """A file's content without the position of a training, if there is one.

    One of npz.MEANINGLESS for what makes no sense.
    """
    if _KEY not in saved.settings:
        return saved
    position = _as_position(saved.settings[_KEY]["position"])
    settings = {name: value for name, value in saved.settings.items() if name != _KEY}
    arrays = dict(_parameters_only(saved).arrays)
    first, *others = arrays["weights"]
    factor = first.dtype.type(Trainer.factor_in(position.progress))
    return saved._replace(
        settings=settings, arrays={**arrays, "weights": [first * factor, *others]}
    )


def _parameters_only(saved: Saved) -> Saved:
    arrays = {name: a for name, a in saved.arrays.items() if not name.startswith(_BEST)}
    return saved._replace(arrays=arrays)


def _as_position(values: dict[str, Any]) -> Position:
    position = Position(**values)
    checks.count("epochs", position.epochs, least=0)
    checks.count("done", position.done, least=0)
    checks.number("seconds", position.seconds)
    Trainer.check_state(position.progress)
    networks.generator_in(position.random_state)
    return position


def _damaged(path: str, error: Exception) -> ValueError:
    return ValueError(f"{path}: the file is damaged: {error}")
