"""What a file of another format says of fastnn's network, as texts by name, and its digest.

Such formats hold arrays, and perhaps what is computed with them. The rest is here, so that a file
of fastnn's makes the same network again; and so is a digest, since these formats have no checksum.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastnn.arguments import checks
from fastnn.model.portable import PortableNetwork

__all__ = ["Description", "described", "fastnn_version"]

_VERSION = 1


def fastnn_version() -> str:
    """As in `fastnn.__version__`; an import of that would be one of all that fastnn has."""
    return str(sys.modules["fastnn"].__version__)


def described(portable: PortableNetwork) -> dict[str, str]:
    """All of a network but its parameters."""
    texts = {
        "fastnn_format": str(_VERSION),
        "fastnn_version": fastnn_version(),
        "sizes": json.dumps(portable.sizes),
        "activations": json.dumps(portable.activations),
        "input_scale": repr(float(portable.input_scale)),
        "cost": portable.cost,
        "multi_label": json.dumps(bool(portable.multi_label)),
        "fastnn_digest": _digest(portable),
    }
    if portable.classes is not None:
        texts["classes"] = json.dumps(portable.classes)
    return texts


@dataclass(frozen=True)
class Description:
    """What `described` made texts of."""

    activations: tuple[str, ...]
    input_scale: float
    classes: tuple[str, ...] | None
    cost: str
    multi_label: bool
    digest: str

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Description | None:
        """None if the texts are of others; ValueError for damaged ones, or of a later version."""
        if not any(name.startswith("fastnn_") for name in texts):
            return None
        version = texts.get("fastnn_format")
        if version != str(_VERSION):
            raise ValueError(
                f"fastnn_format: expected {_VERSION}, got {checks.shown(version)}: "
                "a later fastnn may have written it"
            )
        for name in ("activations", "input_scale", "cost", "multi_label", "fastnn_digest"):
            if name not in texts:
                raise ValueError(f"{name}: expected it in the metadata")
        multi_label = _parsed(texts, "multi_label")
        if not isinstance(multi_label, bool):
            raise ValueError(f"multi_label: expected true or false, got {multi_label!r:.60}")
        return cls(
            _names(texts, "activations"),
            float(texts["input_scale"]),
            _names(texts, "classes") if "classes" in texts else None,
            texts["cost"],
            multi_label,
            texts["fastnn_digest"],
        )

    def completed(self, portable: PortableNetwork) -> PortableNetwork:
        """The network that was described, of its layers; ValueError if they are not its."""
        portable = replace(
            portable,
            input_scale=self.input_scale,
            classes=self.classes,
            cost=self.cost,
            multi_label=self.multi_label,
        )
        if _digest(portable) != self.digest:
            raise ValueError(
                "the network is not the one that its digest is of: the file is damaged, or another "
                "program has changed it, which should remove what begins with fastnn_ from its "
                "metadata"
            )
        return portable


def _parsed(texts: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(texts[name])
    except (ValueError, RecursionError):
        raise ValueError(f"{name}: expected JSON, got {checks.shown(texts[name])}") from None


def _names(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    names = _parsed(texts, name)
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise ValueError(f"{name}: expected a list of texts, got {checks.shown(names)}")
    return tuple(names)


def _digest(portable: PortableNetwork) -> str:
    """SHA-256 of all that makes it the same network, in hexadecimal digits."""
    import hashlib

    facts = [
        portable.sizes,
        portable.dtype.name,
        portable.activations,
        float(portable.input_scale),
        portable.classes,
        portable.cost,
        portable.multi_label,
    ]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for array in (*portable.weights, *portable.biases):
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
