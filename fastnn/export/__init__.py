"""A network leaves fastnn, and comes in: ONNX, safetensors, C99, PyTorch, scikit-learn, Keras.

    fastnn.export.write(net, "digits.onnx", classes=["zero", "one", ...])
    net = fastnn.export.read("digits.onnx")

The suffix says what is written, see `write`; each kind has functions of its own as well, such as
`to_onnx` and `from_onnx`. Every format has a module, which imports what it needs only when it is
used.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastnn.export.onnx import from_onnx, to_onnx
    from fastnn.export.safetensors import from_safetensors, to_safetensors
    from fastnn.network import Network

_MODULES = {
    "c99": ["to_c"],
    "keras": ["from_keras"],
    "onnx": ["from_onnx", "to_onnx"],
    "safetensors": ["from_safetensors", "to_safetensors"],
    "scikit_learn": ["from_sklearn", "to_sklearn"],
    "torch": ["from_torch", "to_torch"],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "from_keras",
    "from_onnx",
    "from_safetensors",
    "from_sklearn",
    "from_torch",
    "read",
    "to_c",
    "to_onnx",
    "to_safetensors",
    "to_sklearn",
    "to_torch",
    "write",
]


def write(net: Any, path: str | os.PathLike[str], **options: Any) -> Any:
    """Write a network as the kind of file that the suffix names, atomically.

    .onnx         `to_onnx`: classes, opset, ir_version, dtype
    .safetensors  `to_safetensors`: classes
    .h            `to_c`, a C99 header: classes, prefix, int8, rows
    .html         a page to draw digits on: classes, title
    .json         the book's file, of sigmoid networks
    .npz          fastnn's own, as `Network.save`

    net  a Network, or what the function of that kind takes besides

    Returns what that function returns. Raises ValueError for another suffix, TypeError for an
    option that the kind does not take, and what the function raises.
    """
    from fastnn.export.formats import check_options, format_of

    suffix, kind = format_of(path, written=True)
    check_options(suffix, kind.options, options)
    if kind.portable:
        from fastnn.export.outgoing import as_portable

        net = as_portable(net, options.pop("classes", None))
    return kind.write()(net, path, **options)


def read(path: str | os.PathLike[str], **options: Any) -> "Network":
    """The network in a file, whose suffix says of which kind it is.

    .onnx         `from_onnx`: cost, output_activation
    .safetensors  `from_safetensors`: activation, output_activation, cost
    .keras        `from_keras`: cost, output_activation
    .json         the book's file
    .npz          fastnn's own, as `fastnn.load`: functions

    Raises ValueError for another suffix, TypeError for an option that the kind does not take, and
    what the function raises.
    """
    from fastnn.export.formats import check_options, format_of

    suffix, kind = format_of(path, written=False)
    check_options(suffix, kind.reading, options)
    return kind.read()(path, **options)


if not TYPE_CHECKING:  # or type checkers would take any name for one of these

    def __getattr__(name: str) -> Any:
        """What was not asked for until now (PEP 562)."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'fastnn.export' has no attribute {name!r}")
        value = getattr(import_module(f"fastnn.export.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
