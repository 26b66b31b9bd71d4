"""The model in tests/export/small.keras, whose numbers are known without Keras."""

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
        ]
    )
    model.set_weights(small_arrays())
    return model
