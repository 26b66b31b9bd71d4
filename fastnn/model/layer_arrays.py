"""`net.weights` and `net.biases`: a fixed list of arrays whose memory is the network's."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from fastnn.arguments import checks

__all__ = ["LayerArrays"]


class LayerArrays(Sequence):
    """One array a layer, all of them views of the network's packed parameters.

    Changing an array in place changes the network; so does assigning to an item, which
    copies the values in and refuses another shape, NaN or infinity.
    """

    def __init__(
        self, name: str, arrays: list[NDArray], check: Callable[[str], object] = lambda name: None
    ):
        """`check(name)` raises an error when they are not to be assigned to."""
        self._name, self._arrays, self._check = name, arrays, check

    def __len__(self) -> int:
        return len(self._arrays)

    def __getitem__(self, l: Any) -> Any:
        return self._arrays[l]

    def __iter__(self) -> Iterator[NDArray]:
        return iter(self._arrays)

    def __setitem__(self, l: int | slice, values: Any) -> None:
        layers = range(len(self))[l]
        if isinstance(layers, range):
            self._copy_in(layers, values)
        else:
            self._copy_in([layers], [values])

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._arrays))}]"

    def __copy__(self) -> "LayerArrays":
        """Arrays of its own, as of deepcopy: what they are now, whatever the network learns."""
        return LayerArrays(self._name, [array.copy() for array in self._arrays])

    def assign(self, values: Any) -> None:
        """Copy one array a layer in, all or, on an error, none."""
        self._copy_in(range(len(self)), values)

    def check_finite(self) -> None:
        """ValueError if an array holds NaN or infinity."""
        for l, array in enumerate(self._arrays):
            checks.finite(f"{self._name}[{l}]", array)

    def _copy_in(self, layers: Sequence[int], values: Any) -> None:
        self._check(self._name)
        if not isinstance(values, Iterable):
            kind = type(values).__name__
            raise TypeError(
                f"{self._name}: expected a list of arrays, got {kind} {checks.shown(values)}"
            )
        values = list(values)
        if len(values) != len(layers):
            raise ValueError(f"{self._name}: expected {len(layers)} arrays, got {len(values)}")
        # Copies: the values may be these very arrays, in another order.
        arrays = [self._checked(l, v).copy() for l, v in zip(layers, values, strict=True)]
        for l, array in zip(layers, arrays, strict=True):
            self._arrays[l][...] = array

    def _checked(self, l: int, values: Any) -> NDArray:
        name, target = f"{self._name}[{l}]", self._arrays[l]
        array = checks.numeric(name, values, target.dtype)
        if array.shape != target.shape:
            raise ValueError(f"{name}: expected shape {target.shape}, got {array.shape}")
        return array
