"""Files beside a model that hold its tensors, as PyTorch writes them (ONNX's External Data)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from fastnn.arguments.checks import shown
from fastnn.files import open_file

__all__ = ["ExternalData"]


class ExternalData:
    """Files in the model's folder, and nowhere else."""

    def __init__(self, folder: str):
        self._folder = folder
        self._sizes: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Bytes of all files that something was read of."""
        return sum(self._sizes.values())

    def read(self, place: Mapping[str, str]) -> memoryview:
        """The bytes at a place: "location", "offset" and "length" as ONNX has them.

        Raises ValueError for one outside of the folder or of the file; OSError as `open`.
        """
        name = place.get("location", "")
        if (
            name in ("", ".", "..")
            or name != os.path.basename(name)
            or "\\" in name
            or "\0" in name
        ):
            raise ValueError(f"expected a file in the model's folder, got {shown(name)}")
        offset, length = int(place.get("offset", 0)), int(place.get("length", -1))
        with open_file(os.path.join(self._folder, name)) as file:
            self._sizes[name] = size = os.fstat(file.fileno()).st_size
            if length < 0:
                length = size - offset
            if not 0 <= offset <= offset + length <= size:
                end = offset + length
                raise ValueError(f"expected bytes {offset} to {end} in {shown(name)}, of {size}")
            file.seek(offset)
            return memoryview(file.read(length))
