"""Networks from Keras's `.keras` files, which need neither Keras nor HDF5 to be read."""

from __future__ import annotations

import errno
import math
import os
from typing import TYPE_CHECKING, Any, BinaryIO

from fastnn.arguments.checks import shown
from fastnn.export.asked import as_asked
from fastnn.export.chain import Chain, LayerError
from fastnn.export.hdf5 import HDF5File
from fastnn.export.incoming import as_network
from fastnn.export.keras_config import ACTIVATION_LAYERS, IDLE, Layer, activation_of, layers_of
from fastnn.files import open_file
from fastnn.network import Network

if TYPE_CHECKING:
    from zipfile import ZipFile

__all__ = ["from_keras"]

_STORED = 0  # zipfile's code for what is not compressed, by the format of zip files


def from_keras(
    path: str | os.PathLike[str], *, cost: Any = None, output_activation: Any = None
) -> Network:
    """A network of the weights and biases in a file that Keras 3's `model.save` wrote.

    path               a `.keras` file: a Sequential model, or a Functional one that is a chain, of
                       Dense, activations that fastnn has, Rescaling of the inputs, Flatten, and
                       layers that do something in training only, such as Dropout
    cost               to train on with, by name: by default what fits the outputs
    output_activation  what follows a model that returns logits, as those that are trained with
                       `from_logits=True` do: "softmax" or "sigmoid"

    Weights and biases are the file's to the bit, in float64 if some are, else in float32. The scale
    of Rescaling becomes the network's input_scale; its offset goes into the first biases. A Dense
    without biases gets zeros. log_softmax at the end becomes softmax: outputs are then the
    exponentials of the model's. Nothing of the file is executed.

    Raises OSError as `open` does, or ValueError, which names the layer, for a model that fastnn
    can't be, and for a file that is foreign or damaged.
    """
    with open_file(path) as file:
        try:
            portable = _read(file).portable()
        except MemoryError:
            raise
        except LayerError as error:
            raise ValueError(f"{os.fsdecode(path)}: {error}") from None
        except Exception as error:  # zipfile, json and a config of others raise nearly anything
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise OSError(error.errno, error.strerror, os.fspath(path)) from error
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ValueError(
                f"{os.fsdecode(path)}: expected a model that Keras 3 saved, "
                f"got another or a damaged file ({reason})"
            ) from None
    return as_network(as_asked(portable, cost, output_activation))


def _read(file: BinaryIO) -> Chain:
    import json
    import zipfile

    with zipfile.ZipFile(file) as archive:
        size = os.fstat(file.fileno()).st_size
        version = json.loads(_member(archive, "metadata.json", size))["keras_version"]
        if not version.startswith("3."):
            raise LayerError(f"expected a model of Keras 3, got one of {shown(version)}")
        layers = layers_of(json.loads(_member(archive, "config.json", size)))
        weights = HDF5File(_member(archive, "model.weights.h5", size))
    chain = Chain("model")
    shape: tuple[int, ...] = ()
    for layer in layers:
        shape = _add(chain, layer, shape, weights)
    return chain


def _member(archive: ZipFile, name: str, size: int) -> bytes:
    """What is in the archive, a file of so many bytes, by that name.

    Keras compresses nothing; what is compressed may be a thousand times as large as the file.
    """
    infos = [info for info in archive.infolist() if info.filename == name]
    if len(infos) != 1:
        raise ValueError(f"expected one {name} in it, found {len(infos)}")
    (info,) = infos
    if info.compress_type != _STORED or info.file_size != info.compress_size:
        raise ValueError(f"{name}: expected it uncompressed, as Keras writes it")
    if info.header_offset + info.file_size > size:
        raise ValueError(f"{name}: expected {info.file_size} bytes, more than the file has")
    return archive.read(info)


def _add(chain: Chain, layer: Layer, shape: tuple[int, ...], weights: HDF5File) -> tuple[int, ...]:
    """Put a layer, to which rows of this shape come, into the chain; the shape that it returns."""
    kind, settings = layer.kind, layer.settings
    if kind == "InputLayer":
        _, *lengths = settings["batch_shape"]
        return tuple(lengths)
    if kind == "Flatten":
        return _flattened(layer, shape)
    if kind == "Dense":
        return _add_dense(chain, layer, shape, weights)
    if kind == "Rescaling":
        _add_rescaling(chain, layer)
    elif kind == "Activation":
        chain.activate(str(layer), activation_of(layer, settings["activation"]))
    elif kind in ACTIVATION_LAYERS:
        name, expected = ACTIVATION_LAYERS[kind]
        layer.check(expected)
        chain.activate(str(layer), name)
    elif kind not in IDLE:
        known = ("Dense", "Activation", *ACTIVATION_LAYERS, "Flatten", "Rescaling", *IDLE)
        raise LayerError(f"{layer}: expected layers that fastnn has: {', '.join(known)}")
    return shape


def _flattened(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """In the order of a row's numbers, as `Network` takes pictures."""
    if len(shape) > 1:
        layer.check({"data_format": ("channels_last",)})  # the other is put in another order
    return (math.prod(shape),)


def _add_rescaling(chain: Chain, layer: Layer) -> None:
    factors = layer.settings["scale"], layer.settings["offset"]
    if not all(isinstance(each, (int, float)) for each in factors) or not factors[0]:
        raise LayerError(f"{layer}: expected a scale and an offset for all inputs, got {factors}")
    chain.rescale(str(layer), *map(float, factors))


def _add_dense(
    chain: Chain, layer: Layer, shape: tuple[int, ...], weights: HDF5File
) -> tuple[int, ...]:
    layer.check({"quantization_config": (None,)})
    if len(shape) != 1:
        raise LayerError(f"{layer}: expected rows of numbers, as Flatten makes, got shape {shape}")
    units = layer.settings["units"]
    expected: dict[str, tuple[int, ...]] = {"0": (*shape, units)}
    if layer.settings["use_bias"]:
        expected["1"] = (units,)
    arrays = weights.arrays(f"{layer.path}/vars")
    found = {name: array.shape for name, array in arrays.items()}
    if found != expected:
        raise LayerError(f"{layer}: expected arrays of shapes {expected}, got {found}")
    chain.dense(str(layer), arrays["0"].T, arrays.get("1"))
    chain.activate(str(layer), activation_of(layer, layer.settings["activation"]))
    return (units,)
