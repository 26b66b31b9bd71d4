"""`net.weights` and `net.biases`: a fixed list of arrays whose memory is the network's."""

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from fastnn import checks

__all__ = ["LayerArrays"]


class LayerArrays(Sequence):
    """One array a layer, all of them views of the network's packed parameters.

    Changing an array in place changes the network; so does assigning to an item, which
    copies the values in and refuses another shape, NaN or infinity.
    """

    def __init__(self, name: str, arrays: list[NDArray]):
        self._name, self._arrays = name, arrays

    def __len__(self) -> int:
        return len(self._arrays)

    def __getitem__(self, l: Any) -> Any:
        return self._arrays[l]

    def __iter__(self) -> Iterator[NDArray]:
        return iter(self._arrays)

    def __setitem__(self, l: int, values: Any) -> None:
        target = self._arrays[l]
        target[...] = self._checked(range(len(self))[l], values)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._arrays))}]"

    def assign(self, values: Any) -> None:
        """Copy one array a layer in, all or, on an error, none."""
        values = list(values)
        if len(values) != len(self):
            raise ValueError(f"{self._name}: expected {len(self)} arrays, got {len(values)}")
        for target, array in zip(
            self._arrays, [self._checked(l, v) for l, v in enumerate(values)], strict=True
        ):
            target[...] = array

    def check_finite(self) -> None:
        """ValueError if an array holds NaN or infinity."""
        for l, array in enumerate(self._arrays):
            checks.finite(f"{self._name}[{l}]", array)

    def _checked(self, l: int, values: Any) -> NDArray:
        name, target = f"{self._name}[{l}]", self._arrays[l]
        array = checks.numeric(name, values, target.dtype)
        if array.shape != target.shape:
            raise ValueError(f"{name}: expected shape {target.shape}, got {array.shape}")
        return array
