"""`fit_many`: many networks trained over one copy of the data, one a core."""

import os
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from concurrent.futures import wait as wait_for
from contextlib import ExitStack, nullcontext, suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.data.rows import ValidationData
from fastnn.engine import Inputs, SparseRows, share_inputs
from fastnn.engine.threads import available_cores
from fastnn.network import Network
from fastnn.storage.checkpoints import Checkpoint
from fastnn.sweeps.shared_arrays import MappedArrays, SharedArrays
from fastnn.sweeps.specs import Keywords, Spec, split
from fastnn.training.bars import CountBar
from fastnn.training.callbacks import Progress, as_callbacks, only
from fastnn.training.early_stopping import EarlyStopping
from fastnn.training.history import History

__all__ = ["FitManyError", "Fitted", "fit_many"]


class Fitted(NamedTuple):
    """What `fit_many` made of a spec.

    spec     as given, with the keywords common to all
    net      the network, None if there is none
    history  the network's
    error    why its training failed, None if it didn't; the network has then learned what it
             had learned until then
    """

    spec: Spec
    net: Network | None
    history: History
    error: Exception | None = None


class FitManyError(RuntimeError):
    """Some trainings failed. `results` has all networks, with the errors of those that did."""

    def __init__(self, results: list[Fitted]):
        super().__init__(results)
        self.results = results

    def __str__(self) -> str:
        failed = [(i, fitted) for i, fitted in enumerate(self.results) if fitted.error]
        lines = [f"specs[{i}]: {type(f.error).__name__}: {f.error}" for i, f in failed]
        heading = f"{len(failed)} of {len(self.results)} networks could not be trained"
        return "\n".join([f"{heading}; all others are in this error's `results`", *lines])


def fit_many(
    specs: Iterable[Spec],
    x: ArrayLike,
    y: ArrayLike,
    *,
    validation_data: ValidationData | None = None,
    executor: Executor | None = None,
    on_error: str = "raise",
    on_fitted: Callable[[int, Fitted], object] | None = None,
    verbose: int = 0,
    **common: Any,
) -> list[Fitted]:
    """Train a network for each spec, all on the same rows; the results in the specs' order.

        specs = fastnn.grid(l2=[0, 1, 5], seed=range(3))
        results = fastnn.fit_many(specs, x, y, sizes=[784, 30, 10], epochs=30)

    specs            dicts of what `Network` and `Network.fit` take as keywords, in one: `sizes`,
                     `seed`, `l2`, `epochs`, ... `fastnn.grid` and `fastnn.random_draws` make them
    x, y             as for `fit`; all networks use one copy
    validation_data  (x, y) or (x, y, sample_weight), measured after each epoch
    executor         any concurrent.futures.Executor, which is not shut down. None takes a thread
                     a core. Other processes read the data from temporary files, so they have to
                     be on this machine; what a spec holds must be picklable for them
    on_error         "raise" a FitManyError, or "return" failed ones among the results
    on_fitted        called with (index, Fitted) as each network is ready, in whatever order
    verbose          1 shows a progress bar over the networks on standard error
    **common         keywords for all specs that don't have their own

    Each training runs on one thread (`n_threads` in `common` changes that). With a `seed` each
    network is, to the bit, the one that a `fit` of its own would make, on any executor.

    Names, sizes and data are checked before anything is trained: TypeError or ValueError, naming
    the spec. An error within a training, by value or by divergence, ends only that training; it
    is raised, as `on_error` says, when all others are done. So do errors of the executor: if a
    worker is killed, networks that were trained before are among the results. On
    KeyboardInterrupt, or an exception in `on_fitted`, trainings that wait are cancelled and those
    that run stop within a fraction of a second.
    """
    checks.known("on_error", on_error, ("raise", "return"))
    checks.callback("on_fitted", on_fitted)
    if not isinstance(verbose, bool):
        verbose = checks.count("verbose", verbose, least=0)
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(f"executor: expected a concurrent.futures.Executor, got {executor!r}")
    specs = _listed(specs)
    keywords = _keywords(specs, common)
    arrays = _arrays(keywords, x, y, validation_data)
    bar = CountBar(len(specs), "networks") if verbose else None
    results: list[Fitted | None] = [None] * len(specs)
    with bar or nullcontext(), SharedArrays(arrays) as shared, ExitStack() as stack:
        if executor is None:
            executor = stack.enter_context(ThreadPoolExecutor(available_cores(), "fastnn-many"))
        stack.enter_context(_shared_inputs(keywords, arrays))
        _compile(keywords, arrays)
        futures: dict[Future, int] = {}
        try:
            for i, words in enumerate(keywords):
                futures[_submit(executor, shared, words)] = i
            for future in as_completed(futures):
                i = futures[future]
                spec = {**specs[i], **common, **specs[i]}  # its own keywords first, and they win
                results[i] = fitted = _result(spec, future)
                if bar is not None:
                    bar.advance()
                if on_fitted is not None:
                    on_fitted(i, fitted)
        except BaseException:
            shared.stop()
            wait_for([future for future in futures if not future.cancel()])
            raise
    done = [fitted for fitted in results if fitted is not None]
    if on_error == "raise" and any(fitted.error for fitted in done):
        raise FitManyError(done) from next(fitted.error for fitted in done if fitted.error)
    return done


def _listed(specs: Any) -> list[Spec]:
    if isinstance(specs, (str, bytes, dict)) or not isinstance(specs, Iterable):
        raise TypeError(f"specs: expected a list of dicts, got {checks.shown(specs)}")
    return list(specs)


def _keywords(specs: Sequence[Spec], common: dict[str, Any]) -> list[Keywords]:
    """What each network and its fit are called with."""
    shared = split("fit_many", {"n_threads": 1, **common})
    result = []
    for i, spec in enumerate(specs):
        own = split(f"specs[{i}]", spec)
        words = Keywords({**shared.network, **own.network}, {**shared.fit, **own.fit})
        if "sizes" not in words.network:
            names = ", ".join(spec) or "none"
            raise TypeError(f"specs[{i}]: expected the keyword sizes, got {names}")
        result.append(words)
    _check_callbacks(result)
    return result


def _check_callbacks(keywords: Sequence[Keywords]) -> None:
    """TypeError or ValueError for callbacks that are none, or networks that share a file."""
    writers: dict[str, int] = {}
    for i, words in enumerate(keywords):
        argument = f"specs[{i}]: callbacks"
        given = as_callbacks(argument, words.fit.get("callbacks"))
        checkpoint = only(argument, given, Checkpoint)
        only(argument, given, EarlyStopping)
        if checkpoint is None:
            continue
        path = os.path.realpath(checkpoint.path)
        if path in writers:
            raise ValueError(
                f"{argument}: expected a Checkpoint of its own, got one of the file "
                f"that specs[{writers[path]}] writes: {os.fsdecode(checkpoint.path)}"
            )
        writers[path] = i


def _arrays(
    keywords: Sequence[Keywords], x: Any, y: Any, validation_data: Any
) -> dict[str, NDArray | SparseRows]:
    """All that trainings read, by name, having checked that every network can be trained on it.

    Rows are there once for each dtype of the networks.
    """
    arrays: dict[str, NDArray | SparseRows] = {}
    given = {"": (x, y, None)}
    if validation_data is not None:
        given["validation "] = checks.rows_and_targets("validation_data", validation_data)
    checked = []
    for i, words in enumerate(keywords):
        try:
            net = Network(**words.network)
        except (TypeError, ValueError) as error:
            raise type(error)(f"specs[{i}]: {error}") from None
        kind = net.row_format
        if kind in checked:
            continue
        checked.append(kind)
        for prefix, (rows, targets, weights) in given.items():
            try:
                data = net.row_format.read(rows, targets, prefix, weights)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{error} (for specs[{i}])") from None
            arrays.setdefault(f"{prefix}x {net.dtype}", data.x)
            arrays.setdefault(f"{prefix}y", checks.real(f"{prefix}y", targets, labels=True))
            if data.row_weights is not None:
                arrays.setdefault(f"{prefix}weights", data.row_weights)
    return arrays


def _rows(arrays: Mapping[str, NDArray | SparseRows], net: Network) -> dict[str, Any]:
    """The part of fit's arguments that are arrays."""
    validation = None
    if "validation y" in arrays:
        names = (f"validation x {net.dtype}", "validation y", "validation weights")
        validation = tuple(arrays[name] for name in names if name in arrays)
    return {"x": arrays[f"x {net.dtype}"], "y": arrays["y"], "validation_data": validation}


def _compile(keywords: Sequence[Keywords], arrays: Mapping[str, NDArray | SparseRows]) -> None:
    """What the first network of each dtype runs: once, and not in each worker."""
    first: dict[np.dtype, Keywords] = {}
    for words in keywords:
        first.setdefault(np.dtype(words.network.get("dtype", "float32")), words)
    for words in first.values():
        net = Network(**words.network)
        with suppress(TypeError, ValueError):  # its own fit will raise them
            net.compile(**_rows(arrays, net), **words.fit)


def _shared_inputs(
    keywords: Sequence[Keywords], arrays: dict[str, NDArray | SparseRows]
) -> ExitStack:
    """A context in which trainings in this process share what they make of the rows."""
    stack = ExitStack()
    scales = {float(words.network.get("input_scale", 1.0)) for words in keywords}
    for dtype in ("float32", "float64"):
        x = arrays.get(f"x {dtype}")
        if isinstance(x, np.ndarray):
            for scale in scales:
                stack.enter_context(share_inputs(Inputs(x, dtype, scale)))
    return stack


class _StoppedError(Exception):
    """Nobody waits for this training any more."""


def _submit(executor: Executor, shared: SharedArrays, words: Keywords) -> Future:
    try:
        return executor.submit(_fit, shared, words)
    except Exception as error:  # a worker died, or it was shut down: what was trained is not lost
        future: Future = Future()
        future.set_exception(error)
        return future


def _fit(
    shared: SharedArrays | MappedArrays, words: Keywords
) -> tuple[Network | None, Exception | None]:
    """A task: train one network, in whatever thread or process."""
    net = None

    def obey(*_: object) -> None:
        if shared.stopped:
            raise _StoppedError

    try:
        obey()
        net, arrays = Network(**words.network), shared.arrays
        callbacks = [Progress(obey), *as_callbacks("callbacks", words.fit.get("callbacks"))]
        net.fit(**_rows(arrays, net), **{**words.fit, "callbacks": callbacks})
    except Exception as error:
        return net, error if isinstance(shared, SharedArrays) else _portable(error)
    return net, None


def _portable(error: Exception) -> Exception:
    """The error, or if it is one that can't travel between processes, its text."""
    try:
        return pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _result(spec: Spec, future: Future) -> Fitted:
    """A finished task's result, also if the executor lost it."""
    try:
        net, error = future.result()
    except SystemExit as end:  # a callback's, which would end all the others' trainings as well
        net, error = None, RuntimeError(f"the training ended its process: {end!r}")
    except Exception as lost:
        net, error = None, lost
    return Fitted(spec, net, net.history if net else History(), error)
