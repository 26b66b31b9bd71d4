"""Networks to PyTorch and back; the only module that uses PyTorch (extra `torch`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.export.asked import as_asked
from fastnn.export.chain import LOG_SOFTMAX, Chain, LayerError
from fastnn.export.folding import without_input_scale
from fastnn.export.incoming import as_network
from fastnn.export.outgoing import as_portable
from fastnn.network import Network

try:
    import torch
    from torch import nn
except ImportError as error:
    if error.name != "torch":
        raise
    raise ImportError(
        "fastnn.export.torch needs PyTorch; pip install 'fastnn[torch]' brings it"
    ) from error

__all__ = ["Exponential", "from_torch", "to_torch"]


class Exponential(nn.Module):
    """exp(z), for outputs that are rates; PyTorch has it as a function only."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Of each element."""
        return torch.exp(z)


# fastnn's name of each activation, and the settings with which it is the same function: one of
# the values for each. PyTorch's softplus is z itself above a threshold.
_ACTIVATIONS: dict[type[nn.Module], tuple[str, dict[str, tuple]]] = {
    nn.Sigmoid: ("sigmoid", {}),
    nn.Tanh: ("tanh", {}),
    nn.ReLU: ("relu", {}),
    nn.LeakyReLU: ("leaky_relu", {"negative_slope": (0.01,)}),
    nn.ELU: ("elu", {"alpha": (1.0,)}),
    nn.GELU: ("gelu", {"approximate": ("none",)}),
    nn.SiLU: ("silu", {}),
    nn.Softplus: ("softplus", {"beta": (1.0,)}),
    nn.SELU: ("selu", {}),
    nn.Mish: ("mish", {}),
    nn.Identity: ("identity", {}),
    nn.Softmax: ("softmax", {"dim": (-1, 1)}),
    nn.LogSoftmax: (LOG_SOFTMAX, {"dim": (-1, 1)}),
    Exponential: ("exponential", {}),
}
_CLASSES = {name: kind for kind, (name, _) in _ACTIVATIONS.items()}
_LEAST_THRESHOLD = 20.0  # ln(1 + exp(z)) - z is 2e-9 there

_DROPOUTS = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout)
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def to_torch(net: Any) -> nn.Sequential:
    """A `torch.nn.Sequential` of the same weights and biases, to the bit, and the same dtype.

    Layer l is modules 2 l, a Linear, and 2 l + 1, its activation: the state dict has `0.weight`,
    `0.bias`, `2.weight` and so on. An input_scale goes into the first weights, which are rounded
    once: who loads the state dict into modules of their own needs nothing else. Outputs are
    `net.feedforward`'s, to rounding. PyTorch's random numbers stay as they are.

    Raises ValueError for activations of the user's own.
    """
    portable = without_input_scale(as_portable(net))
    modules: list[nn.Module] = []
    for w, b, activation in zip(
        portable.weights, portable.biases, portable.activations, strict=True
    ):
        modules += [_linear(w, b), _activation(activation, portable.dtype)]
    return nn.Sequential(*modules)


def _linear(w: NDArray, b: NDArray) -> nn.Linear:
    linear = nn.utils.skip_init(nn.Linear, w.shape[1], w.shape[0], dtype=torch.from_numpy(w).dtype)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(w))
        linear.bias.copy_(torch.from_numpy(b))
    return linear


def _activation(name: str, dtype: np.dtype) -> nn.Module:
    if name == "softmax":
        return nn.Softmax(dim=-1)
    if name == "softplus" and dtype == np.float64:
        return nn.Softplus(threshold=2 * _LEAST_THRESHOLD)
    return _CLASSES[name]()


def from_torch(module: nn.Module, *, cost: Any = None, output_activation: Any = None) -> Network:
    """A network of a `torch.nn.Sequential`'s weights and biases, to the bit, and of their dtype.

    module             a Sequential of Linear, activations that fastnn has, Flatten, Dropout,
                       Identity, and Sequentials of such; as in evaluation, nothing is dropped
    cost               to train on with, by name: by default what fits the outputs
    output_activation  what follows a module that returns logits, as those that are trained with
                       CrossEntropyLoss ("softmax") or BCEWithLogitsLoss ("sigmoid") do

    A Linear without biases gets zeros. Half precision becomes float32. LogSoftmax at the end
    becomes softmax: outputs are then the exponentials of the module's. Raises ValueError, which
    names the module, for anything else, and TypeError for what is no module.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module: expected a torch.nn.Module, got {type(module).__name__}")
    chain = Chain("module")
    # Not named_children, which leaves out an activation that comes a second time.
    for path, each in module.named_modules(remove_duplicate=False):
        _add(chain, f"module {path}".rstrip() + f" ({type(each).__name__})", each)
    return as_network(as_asked(chain.portable(), cost, output_activation))


def _add(chain: Chain, layer: str, module: nn.Module) -> None:
    kind = type(module)
    if kind is nn.Linear:
        chain.dense(layer, *_parameters(layer, module))
    elif kind in _ACTIVATIONS:
        name, settings = _ACTIVATIONS[kind]
        for setting, values in settings.items():
            _check(layer, module, setting, values)
        if kind is nn.Softplus and not module.threshold >= _LEAST_THRESHOLD:
            raise LayerError(
                f"{layer}: expected threshold {_LEAST_THRESHOLD:g} or more, got {module.threshold}"
            )
        chain.activate(layer, name)
    elif kind is nn.Flatten:  # of rows of numbers, which fastnn makes of pictures by itself
        _check(layer, module, "start_dim", (1,))
        _check(layer, module, "end_dim", (-1,))
    elif kind not in _DROPOUTS and not _is_sequential(module):
        raise LayerError(
            f"{layer}: expected Sequential, Linear, Flatten, Dropout, or an activation that "
            f"fastnn has ({', '.join(each.__name__ for each in _ACTIVATIONS)})"
        )


def _is_sequential(module: nn.Module) -> bool:
    """Whether it does no more than call its modules in turn."""
    return isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward


def _check(layer: str, module: nn.Module, setting: str, values: tuple) -> None:
    if (got := getattr(module, setting)) not in values:
        expected = " or ".join(map(repr, values))
        raise LayerError(f"{layer}: expected {setting} {expected}, got {got!r}")


def _parameters(layer: str, module: nn.Module) -> tuple[NDArray, NDArray | None]:
    """Weights and biases; LayerError if they are made of others at each call, as pruned ones."""
    parameters = dict(module.named_parameters(recurse=False))
    if not {"weight"} <= parameters.keys() <= {"weight", "bias"}:
        raise LayerError(f"{layer}: expected weight and bias, got {', '.join(parameters)}")
    bias = parameters.get("bias")
    weights = _array(layer, "weight", parameters["weight"])
    return weights, None if bias is None else _array(layer, "bias", bias)


def _array(layer: str, name: str, tensor: torch.Tensor) -> NDArray:
    if tensor.dtype not in _FLOATS or tensor.is_meta:
        raise LayerError(f"{layer}: expected {name} of floats, got {tensor.dtype}")
    narrow = tensor.dtype in (torch.float16, torch.bfloat16)
    return (tensor.float() if narrow else tensor).detach().cpu().numpy()
