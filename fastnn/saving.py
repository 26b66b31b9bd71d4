"""A network as settings and arrays, and back: what is in its file."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastnn import checks
from fastnn.engine import OptimizerMemory
from fastnn.history import History
from fastnn.optimizers import as_optimizer
from fastnn.penalty import Penalty, per_layer
from fastnn.storage import Saved
from fastnn.user_functions import named

if TYPE_CHECKING:
    from fastnn.architecture import Architecture

__all__ = ["arrays_of", "as_saved", "check_alike", "restore"]

# What training changes, or makes; all other settings say what network it is.
_OF_TRAINING = (
    "regularization", "history", "best_epoch", "optimizer", "hyperparameters", "updates",
    "random_state", "dropout_seed", "flat_targets",
)  # fmt: skip


def as_saved(net: "Architecture") -> Saved:
    """All that it takes to train on. The arrays are the network's own, not copies."""
    settings = {
        "sizes": net.sizes,
        "activation": named(net.activation),
        "output_activation": named(net.output_activation),
        "cost": named(net.cost),
        "multi_label": net.multi_label,
        "dtype": net.dtype.name,
        "input_scale": net.input_scale,
        "regularization": net._penalty._asdict(),
        "history": net.history,
        "best_epoch": net.history.best_epoch,
        "optimizer": net._optimizer.name,
        "hyperparameters": net._optimizer._asdict(),
        "updates": net._optimizer_memory.updates,
        "random_state": net._rng.bit_generator.state,
        "dropout_seed": net._dropout_seed,
        "flat_targets": net._flat_targets,
    }
    return Saved(settings, arrays_of(net, net._optimizer_memory))


def arrays_of(net: "Architecture", memory: OptimizerMemory) -> dict[str, list[NDArray]]:
    """The network's parameters and the optimizer's memory, as matrices.

    Not as they are packed: that depends on the CPU, and the next one may be another.
    """
    packed = {"": net._engine.parameters, "first_": memory.first, "second_": memory.second}
    arrays = {}
    for prefix, values in packed.items():
        if values.size:
            matrices = net._engine.matrices(values)
            arrays[f"{prefix}weights"], arrays[f"{prefix}biases"] = matrices
    return arrays


def check_alike(net: "Architecture", settings: dict[str, Any]) -> None:
    """ValueError unless they are a network's of the same layers, functions and dtype."""
    kind = {name: v for name, v in as_saved(net).settings.items() if name not in _OF_TRAINING}
    # Which older files don't have.
    settings = {"input_scale": 1.0, "multi_label": False, **settings}
    for name, own in json.loads(json.dumps(kind)).items():  # tuples become lists
        if settings.get(name) != own:
            raise ValueError(f"expected a network with {name} {own!r}, got {settings.get(name)!r}")


def restore(net: "Architecture", saved: Saved) -> None:
    """Make a network of the same sizes, functions and dtype what `as_saved` got.

    If something is wrong, KeyError, TypeError, ValueError or OverflowError before anything
    has changed.
    """
    settings = saved.settings
    optimizer = as_optimizer(settings["optimizer"])
    optimizer = as_optimizer(optimizer._replace(**settings["hyperparameters"]))
    memory = OptimizerMemory(optimizer.name, net._engine.parameters.size, net.dtype)
    memory.updates = checks.count("updates", settings["updates"], least=0)
    own = arrays_of(net, memory)
    if own.keys() != saved.arrays.keys():
        raise ValueError(f"expected {', '.join(own)}; got {', '.join(saved.arrays)}")
    arrays = {
        name: [checks.numeric(f"{name}[{l}]", a, net.dtype) for l, a in enumerate(layers)]
        for name, layers in saved.arrays.items()
    }
    last_fit = settings["regularization"]
    layers = len(net.sizes) - 1
    penalty = Penalty(
        per_layer("l1", last_fit["l1"], layers),
        per_layer("l2", last_fit["l2"], layers),
        checks.count("n", last_fit["n"]),
    )
    history = History()
    history.restore(settings["history"])
    if (best := settings.get("best_epoch")) is not None:
        history.best_epoch = checks.count("best_epoch", best)
    dropout_seed = checks.count("dropout_seed", settings["dropout_seed"], least=0)
    flat_targets = checks.flag("flat_targets", settings.get("flat_targets", False))
    rng = np.random.default_rng(0)
    rng.bit_generator.state = settings["random_state"]

    for name in own:
        for target, values in zip(own[name], arrays[name], strict=True):
            target[...] = values
    net._optimizer, net._optimizer_memory = optimizer, memory
    net._penalty, net._dropout_seed, net._flat_targets = penalty, dropout_seed, flat_targets
    net._history.restore(history)
    net._history.best_epoch = history.best_epoch
    net._rng.bit_generator.state = rng.bit_generator.state
