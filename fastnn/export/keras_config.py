"""What a Keras model's config.json says: which layers there are, and how a row passes them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastnn.arguments.checks import shown
from fastnn.export.chain import LOG_SOFTMAX, LayerError

__all__ = ["ACTIVATION_LAYERS", "IDLE", "Layer", "activation_of", "layers_of"]

# fastnn's name of each activation that Keras has as a function.
_FUNCTIONS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "softplus": "softplus",
    "selu": "selu",
    "mish": "mish",
    "linear": "identity",
    "softmax": "softmax",
    "log_softmax": LOG_SOFTMAX,
    "exponential": "exponential",
}
# And as a layer, with the settings with which it is the same function.
ACTIVATION_LAYERS: dict[str, tuple[str, dict[str, tuple]]] = {
    "ReLU": ("relu", {"max_value": (None,), "negative_slope": (0,), "threshold": (0,)}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": (0.01,)}),
    "ELU": ("elu", {"alpha": (1,)}),
    "Softmax": ("softmax", {"axis": (-1, 1)}),
}
# What does something in training only.
IDLE = (
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
)


@dataclass(frozen=True)
class Layer:
    """A layer of a model.

    kind      Keras's class
    name      the user's, or Keras's
    settings  what it was made with
    path      of its group in the file of weights
    """

    kind: str
    name: str
    settings: dict[str, Any]
    path: str

    def __str__(self) -> str:
        return f"layer {self.name!r} ({self.kind})"

    def check(self, expected: dict[str, tuple]) -> None:
        """LayerError unless each setting that there is is one of these values."""
        for setting, values in expected.items():
            if (got := self.settings.get(setting)) not in values:
                wanted = " or ".join(map(repr, values))
                raise LayerError(f"{self}: expected {setting} {wanted}, got {shown(got)}")


def activation_of(layer: Layer, given: Any) -> str:
    """fastnn's name of the activation that a layer was made with.

    `given` is Keras's name, or the config of a layer. Raises LayerError for one that fastnn doesn't
    have.
    """
    if isinstance(given, dict):
        if given["class_name"] in ACTIVATION_LAYERS:
            inner = _layer(given, Counter())
            name, settings = ACTIVATION_LAYERS[inner.kind]
            inner.check(settings)
            return name
        given = given["config"] if given["class_name"] == "function" else given["class_name"]
    if given not in _FUNCTIONS:
        hint = ", whose slope is 0.2 there and 0.01 here" if given == "leaky_relu" else ""
        raise LayerError(
            f"{layer}: expected an activation that fastnn has, of {', '.join(_FUNCTIONS)}; "
            f"got {shown(given)}{hint}"
        )
    return _FUNCTIONS[given]


def layers_of(model: dict[str, Any]) -> list[Layer]:
    """All layers, in the order in which a row passes them.

    Raises LayerError for a model other than a chain of layers, and anything for a `model` that is
    no config of Keras's.
    """
    kind, config = model["class_name"], model["config"]
    if kind not in ("Sequential", "Functional"):
        raise LayerError(f"expected a Sequential or a Functional model, got {kind!r}")
    seen: Counter[str] = Counter()
    layers = [_layer(each, seen) for each in config["layers"]]
    if layers[0].kind != "InputLayer":
        raise LayerError(f"{layers[0]}: expected an Input before it, as a model has that was built")
    if kind == "Sequential":
        return layers
    return _in_order(config, layers, [each["inbound_nodes"] for each in config["layers"]])


def _layer(item: dict[str, Any], seen: Counter[str]) -> Layer:
    """Of a list, with `seen` counting its classes: by those, groups of weights are numbered."""
    kind = item["class_name"]
    snake = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    snake = re.sub("([a-z])([A-Z])", r"\1_\2", snake).lower()
    path = f"layers/{snake}_{seen[snake]}" if seen[snake] else f"layers/{snake}"
    seen[snake] += 1
    layer = Layer(kind, item.get("name") or item["config"].get("name", ""), item["config"], path)
    if item.get("registered_name") is not None or item["module"] != "keras.layers":
        raise LayerError(f"{layer}: expected layers of Keras's own, got {shown(item['module'])}")
    return layer


def _in_order(config: dict[str, Any], layers: list[Layer], nodes: list[Any]) -> list[Layer]:
    """A Functional model's, which says of each layer where its input comes from."""
    by_name = {layer.name: layer for layer in layers}
    (source,), (sink,) = _ends(config["input_layers"]), _ends(config["output_layers"])
    following = {}
    for layer, calls in zip(layers, nodes, strict=True):
        if layer.name == source:
            continue
        if len(calls) != 1:
            raise LayerError(f"{layer}: expected it to be called once, got {len(calls)} calls")
        if told := {k: v for k, v in calls[0]["kwargs"].items() if v not in (None, False)}:
            raise LayerError(f"{layer}: expected no more than its input, got {shown(told)}")
        tensors = calls[0]["args"]
        single = len(tensors) == 1 and isinstance(tensors[0], dict)
        before, *indices = tensors[0]["config"]["keras_history"] if single else [None]
        if before in following or indices != [0, 0]:
            raise LayerError(f"{layer}: expected one layer after the other, without branches")
        following[before] = layer
    chain = [by_name[source]]
    while chain[-1].name in following:
        chain.append(following.pop(chain[-1].name))  # or a circle would have no end
    if following or chain[-1].name != sink:
        raise LayerError(f"{by_name[sink]}: expected it to be the last of a chain of layers")
    return chain


def _ends(tensors: list[Any]) -> list[str]:
    """The layers of a model's inputs, or outputs: [name, 0, 0], or a list of such."""
    several = tensors if isinstance(tensors[0], list) else [tensors]
    if len(several) != 1:
        raise LayerError(f"expected a model of one input and one output, got {len(several)}")
    return [name for name, *_ in several]
