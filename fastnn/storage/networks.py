"""A network as settings and arrays, and back: what is in its file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.engine import MOST_UPDATES, Engine, OptimizerMemory
from fastnn.model.architecture import Architecture
from fastnn.model.costs import smoothing_of
from fastnn.model.own_functions import named, underscored
from fastnn.storage.history_rows import HistoryRows, as_lists
from fastnn.storage.npz import Saved
from fastnn.training.collection import paused
from fastnn.training.history import Epoch, History
from fastnn.training.last_fit import Asked
from fastnn.training.optimizers import as_optimizer
from fastnn.training.penalty import Penalty, per_layer
from fastnn.training.state import TrainingState

__all__ = [
    "arrays_of",
    "as_saved",
    "check_alike",
    "check_finite",
    "generator_in",
    "history_in",
    "kind_of",
    "restore",
    "seed_in",
]

_MOST = 2**53  # rows or epochs: kernels count them in floats, too
_MOST_SEED = 2**32 - 1


def kind_of(net: Architecture) -> dict[str, Any]:
    """What network it is, whatever training has made of it."""
    return {
        "sizes": net.sizes,
        "activation": named(net.activation),
        "output_activation": named(net.output_activation),
        "cost": named(net.cost),
        "label_smoothing": smoothing_of(net.cost),
        "multi_label": net.multi_label,
        "dtype": net.dtype.name,
        "input_scale": net.input_scale,
    }


def as_saved(net: Architecture, engine: Engine, state: TrainingState, rows: HistoryRows) -> Saved:
    """All that it takes to train on. The arrays are the network's own, not copies.

    ValueError if the history is none that could be read again.
    """
    settings = {
        **kind_of(net),
        "regularization": state.penalty._asdict(),
        "history": _lists_of_others(state.history),
        "best_epoch": state.history.best_epoch,
        "optimizer": state.optimizer.name,
        "hyperparameters": state.optimizer._asdict(),
        "updates": state.memory.updates,
        "random_state": state.rng.bit_generator.state,
        "dropout_seed": state.dropout_seed,
        "flat_targets": state.flat_targets,
        "asked": state.asked and state.asked._asdict(),
    }
    return Saved(settings, arrays_of(engine, state.memory), rows.of(state.history))


def _lists_of_others(history: History) -> dict[str, list]:
    """What users have added; ValueError if it could not be read again."""
    import json

    others = {name: history[name] for name in history if name not in Epoch._fields}
    for name, figures in others.items():
        try:
            same = json.loads(json.dumps({name: figures}, allow_nan=True))
            fits = list(same) == [name] and isinstance(figures, list)
        except (TypeError, ValueError, RecursionError):
            fits = False
        if not fits:
            raise ValueError(
                f"history: {name!r}: expected a list that JSON can hold, under a name that is "
                f"text; got {checks.shown(figures)}"
            )
    return others


def check_finite(saved: Saved) -> None:
    """ValueError that says where, if there is NaN or infinity: `load` refuses it."""
    for name, layers in saved.arrays.items():
        for l, array in enumerate(layers):
            checks.finite(f"{name}[{l}]", array)


def arrays_of(engine: Engine, memory: OptimizerMemory) -> dict[str, list[NDArray]]:
    """The network's parameters and the optimizer's memory, as matrices.

    Not as they are packed: that depends on the CPU, and the next one may be another.
    """
    packed = {"": engine.parameters, "first_": memory.first, "second_": memory.second}
    arrays = {}
    for prefix, values in packed.items():
        if values.size:
            arrays[f"{prefix}weights"], arrays[f"{prefix}biases"] = engine.matrices(values)
    return arrays


def check_alike(net: Architecture, settings: dict[str, Any]) -> None:
    """ValueError unless they are a network's of the same layers, functions and dtype."""
    import json

    kind = kind_of(net)
    # Which older files don't have. Label smoothing was fit's then, as a checkpoint's digest of y.
    older = {"input_scale": 1.0, "multi_label": False, "label_smoothing": kind["label_smoothing"]}
    settings = {**older, **settings, "cost": underscored(settings.get("cost"))}
    for name, own in json.loads(json.dumps(kind)).items():  # tuples become lists
        if settings.get(name) != own:
            raise ValueError(f"expected a network with {name} {own!r}, got {settings.get(name)!r}")


def restore(engine: Engine, state: TrainingState, saved: Saved) -> None:
    """Make a network of the same sizes, functions and dtype what `as_saved` got.

    If something is wrong, one of npz.MEANINGLESS before anything has changed.
    """
    settings = saved.settings
    optimizer = as_optimizer(settings["optimizer"])
    # Older files don't have all of them.
    later = {"clip_norm": None, "epsilon_hat": False}
    older = {name: value for name, value in later.items() if name in optimizer._fields}
    hyperparameters = {**older, **settings["hyperparameters"]}
    if hyperparameters.keys() != optimizer._asdict().keys():
        raise ValueError(f"hyperparameters: expected those of {optimizer.name}")
    optimizer = as_optimizer(optimizer._replace(**hyperparameters))
    memory = OptimizerMemory(optimizer.name, engine.parameters.size, engine.dtype)
    memory.updates = checks.count("updates", settings["updates"], least=0, most=MOST_UPDATES)
    own = arrays_of(engine, memory)
    if own.keys() != saved.arrays.keys():
        raise ValueError(f"expected {', '.join(own)}; got {', '.join(saved.arrays)}")
    check_finite(saved)
    last_fit = settings["regularization"]
    layers = len(engine.sizes) - 1
    penalty = Penalty(
        per_layer("l1", last_fit["l1"], layers),
        per_layer("l2", last_fit["l2"], layers),
        checks.count("n", last_fit["n"], most=_MOST),
    )
    history, dropout_seed = history_in(saved, layers), seed_in(saved)
    flat_targets = checks.flag("flat_targets", settings.get("flat_targets", False))
    told = settings.get("asked")  # which files of 0.1 don't have, nor networks never trained
    asked = None if told is None else Asked.read(told, layers)
    rng = generator_in(settings["random_state"])

    for name in own:
        for target, values in zip(own[name], saved.arrays[name], strict=True):
            target[...] = values
    state.optimizer, state.memory, state.penalty = optimizer, memory, penalty
    state.dropout_seed, state.flat_targets, state.asked = dropout_seed, flat_targets, asked
    state.history.restore(history)
    state.history.best_epoch = history.best_epoch
    state.rng.bit_generator.state = rng.bit_generator.state


def generator_in(state: Any) -> np.random.Generator:
    """A generator in this state, such as JSON holds; an error unless it is one of NumPy's own."""
    rng = np.random.default_rng(0)
    rng.bit_generator.state = state
    if rng.bit_generator.state != state:  # NumPy takes what is nearly one
        raise ValueError("random_state: expected that of a generator")
    return rng


def seed_in(saved: Saved) -> int:
    """The seed of what is drawn without the network's generator."""
    return checks.count("dropout_seed", saved.settings["dropout_seed"], 0, _MOST_SEED)


def history_in(saved: Saved, layers: int) -> History:
    """The history of a network with so many layers of weights."""
    history, lists = History(), saved.settings["history"]
    with paused():
        if saved.history is not None:
            lists = {**lists, **as_lists(saved.history)}
        history.restore(lists)
        if saved.history is None:  # numbers that nobody has looked at
            history.restore({**history, **as_lists(HistoryRows(layers).of(history))})
    if (best := saved.settings.get("best_epoch")) is not None:
        history.best_epoch = checks.count("best_epoch", best, most=_MOST)
    return history
