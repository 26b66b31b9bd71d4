"""Whether two calls of fit were asked for the same: a description of it that JSON can hold."""

import zlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from fastnn.engine import OneHot, SparseRows

__all__ = ["describe", "differences"]

_KIND, _DIGEST = "kind", "crc32"

# What changes nothing of the training.
_WITHOUT_EFFECT = {"n_threads", "flat"}

# What trainings could not be asked for when older files were written: without it they are the same.
_LATER = {"by_weight", "epsilon_hat", "with_penalty"}

# Names that fields have in files, which older versions wrote, too.
_IN_FILES = {"row_weights": "weights"}

# fit's names for what is called otherwise in training.Settings.
_ARGUMENTS = {
    "data.x": "x",
    "data.targets": "y",
    "data.weights": "sample_weight",
    "validation": "validation_data",
    "rule.mini_batch_size": "batch_size",
    "rule.n": "x",
    "rule.clip_norm": "the optimizer's clip_norm",
    "rule.proximal": "l1=fastnn.Proximal",
    "rule.drop": "dropout, the input's first,",
    "rule.eta": "learning_rate",
    "schedule": "learning_rate",
    "by_weight": "mean_over='weights'",
    "rule.": "",
}


def describe(value: Any) -> Any:
    """Numbers and text as they are, arrays as a digest, objects by their fields.

    The digest is zlib's CRC-32 of the bytes: other data have another one but for one case in
    four thousand million, and it takes less time than reading the data from a disk. Functions
    are described by their names alone.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return _array(value, zlib.crc32(np.ascontiguousarray(value).data))
    if isinstance(value, (OneHot, SparseRows)):
        return _array(value, _digest(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _object(value, value._asdict())
    if is_dataclass(value):
        return _object(value, {field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, (list, tuple)):
        return [describe(item) for item in value]
    if isinstance(value, dict):
        return {str(key): describe(item) for key, item in value.items()}
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _digest(value: OneHot | SparseRows) -> int:
    """Of one-hot rows by whatever the user gave: it is that matrix; of sparse ones by entries."""
    digest, pieces = 0, value.pieces() if isinstance(value, OneHot) else value.parts()
    for piece in pieces:
        digest = zlib.crc32(piece.data, digest)
    return digest


def differences(old: Any, new: Any) -> list[tuple[str, str, str]]:
    """What differs between two descriptions: fit's name for it, then both values as text."""
    found: dict[str, tuple[str, str]] = {}
    for path, a, b in _leaves(old, new, ""):
        found.setdefault(_argument(path), (_text(a, b), _text(b, a)))
    return [(name, *texts) for name, texts in found.items()]


def _array(value: np.ndarray | OneHot | SparseRows, digest: int) -> dict[str, Any]:
    shape, dtype = list(value.shape), str(value.dtype)
    return {_KIND: "array", "shape": shape, "dtype": dtype, _DIGEST: digest}


def _object(value: Any, parts: dict[str, Any]) -> dict[str, Any]:
    described = {
        _IN_FILES.get(name, name): describe(part)
        for name, part in parts.items()
        if name not in _WITHOUT_EFFECT and not (name in _LATER and part is False)
    }
    return {_KIND: type(value).__name__, **described}


def _leaves(old: Any, new: Any, path: str) -> list[tuple[str, Any, Any]]:
    """The paths at which the two differ."""
    if old == new:
        return []
    both = isinstance(old, dict) and isinstance(new, dict)
    if not both or old.get(_KIND) != new.get(_KIND) or _DIGEST in old or _DIGEST in new:
        return [(path, old, new)]
    found = []
    for name in dict.fromkeys([*old, *new]):
        inside = f"{path}.{name}" if path else name
        missing = False if name in _LATER else None
        found += _leaves(old.get(name, missing), new.get(name, missing), inside)
    return found


def _argument(path: str) -> str:
    for start, name in _ARGUMENTS.items():
        if path.startswith(start):
            rest = path[len(start) :].lstrip(".")
            return name or rest
    return path


def _text(value: Any, other: Any) -> str:
    """A value for people; `other` is what it differs from."""
    if not isinstance(value, dict):
        return repr(value)
    if _DIGEST in value:
        shape = "x".join(map(str, value["shape"]))
        same = isinstance(other, dict) and other.get("shape") == value["shape"]
        digest = f" with digest {value[_DIGEST]:08x}" if same else ""
        return f"{shape} {value['dtype']}{digest}"
    parts = ", ".join(f"{name}={_text(v, None)}" for name, v in value.items() if name != _KIND)
    return f"{value.get(_KIND, '')}({parts})"
