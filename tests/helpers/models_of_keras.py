"""The model in tests/export/small.keras, and changes of it: its numbers are known without Keras."""

import json
import zipfile
from pathlib import Path

import numpy as np

SMALL = Path(__file__).parents[1] / "export" / "small.keras"

PICTURES = (np.arange(36) * 53 % 256).reshape(3, 4, 3).astype("float32")
# What Keras 3.15.1 made of them.
OUTPUTS = np.array(
    [
        [0.3558408, 0.32945794, 0.31470126],
        [0.43379822, 0.30131915, 0.26488265],
        [0.31859645, 0.28933966, 0.39206392],
    ],
    np.float32,
)


def small_arrays():
    """Kernel and bias of each layer, numbers that float32 holds exactly."""
    shapes = [(12, 6), (6,), (6, 5), (5,), (5, 3)]
    return [
        ((np.arange(np.prod(shape)) * 37 % 101 - 50) / 64).reshape(shape).astype("float32")
        for shape in shapes
    ]


def small_model(keras):
    """12-6-5-3, of pictures."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(6, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(5),
            layers.Activation("gelu"),
            layers.Dense(3, activation="softmax", use_bias=False),
        ],
        name="small",
    )
    model.set_weights(small_arrays())
    return model


WEIGHTS, CONFIG, METADATA = "model.weights.h5", "config.json", "metadata.json"


def members(path=SMALL):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path, contents, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def rewritten(path, change=lambda config: None, weights=None, metadata=None):
    """The small model's file after a change of its config, and of other members."""
    contents = members()
    config = json.loads(contents[CONFIG])
    change(config)
    contents[CONFIG] = json.dumps(config)
    contents[WEIGHTS] = contents[WEIGHTS] if weights is None else weights
    contents[METADATA] = contents[METADATA] if metadata is None else json.dumps(metadata)
    return zipped(path, contents)


def node(before, **told):
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
    return {"args": [tensor], "kwargs": told}


def as_functional(change=lambda layers: None):
    """The small model as it would be saved if it had been a Functional one."""

    def rewrite(config):
        config["class_name"] = "Functional"
        layers = config["config"]["layers"]
        names = [each["config"]["name"] for each in layers]
        for each, name, before in zip(layers, names, [None, *names]):
            each.update(name=name, inbound_nodes=[node(before, mask=None)] if before else [])
        config["config"]["input_layers"] = [[names[0], 0, 0]]
        config["config"]["output_layers"] = [names[-1], 0, 0]
        change(layers)

    return rewrite
