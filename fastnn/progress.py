"""The progress bar of `fit(verbose=1)`, on standard error; the only module that uses tqdm."""

from collections.abc import Callable
from types import TracebackType

from fastnn.history import Epoch

__all__ = ["CountBar", "ProgressBar", "both"]


class ProgressBar:
    """A bar over all epochs' rows, and a line an epoch above it."""

    def __init__(self, epochs: int, rows: int):
        from tqdm.auto import tqdm  # imported here: it takes longer than all of fastnn

        self._bar = tqdm(total=epochs * rows, unit=" rows", unit_scale=True, leave=False)
        self._finished_rows = 0

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def advance(self, done: int, total: int) -> None:
        """Show that `done` of this epoch's `total` rows are trained."""
        self._bar.update(self._finished_rows + done - self._bar.n)
        if done == total:
            self._finished_rows += total

    def epoch(self, epoch: Epoch) -> None:
        """Write an epoch's line."""
        self._bar.write(describe(epoch), file=self._bar.fp)


def describe(epoch: Epoch) -> str:
    """An epoch's figures in one line."""
    parts = [f"epoch {epoch.epoch:3d}", f"{epoch.seconds:7.3f} s"]
    parts.append(f"data cost {epoch.data_cost:.5f}")
    parts.append(f"penalty {epoch.penalty:.5f}")
    if epoch.accuracy is not None:
        parts.append(f"accuracy {epoch.accuracy:.2%}")
    if epoch.validation_data_cost is not None:
        parts.append(f"validation cost {epoch.validation_data_cost:.5f}")
    if epoch.validation_accuracy is not None:
        parts.append(f"validation accuracy {epoch.validation_accuracy:.2%}")
    return "  ".join(parts)


def both(
    first: Callable[[int, int], object] | None, second: Callable[[int, int], object] | None
) -> Callable[[int, int], object] | None:
    """A callback that calls both, if there are two."""
    if first is None or second is None:
        return first or second
    return lambda done, total: (first(done, total), second(done, total))


class CountBar:
    """A bar over things that are done one by one, in whatever order."""

    def __init__(self, total: int, unit: str):
        from tqdm.auto import tqdm

        self._bar = tqdm(total=total, unit=f" {unit}", leave=False)

    def __enter__(self) -> "CountBar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self) -> None:
        """One more is done."""
        self._bar.update()
        self._bar.refresh()
