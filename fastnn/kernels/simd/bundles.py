"""Bundles of arrays, NamedTuples, as kernels use them: with pointers in place of the arrays."""

from numba import types
from numba.extending import intrinsic

from fastnn.kernels.simd.types import Pointer

__all__ = ["pointers"]


def _pointing(kind):
    """The type of what `pointers` makes of this one; None if that can't be."""
    if isinstance(kind, types.Array):
        return Pointer(kind.dtype) if kind.layout == "C" else None
    if isinstance(kind, types.BaseNamedTuple):
        fields = [_pointing(field) for field in kind.types]
        return None if None in fields else types.BaseTuple.from_types(fields, kind.instance_class)
    return kind


def _pointed(context, builder, kind, value):
    if isinstance(kind, types.Array):
        return context.make_array(kind)(context, builder, value).data
    if isinstance(kind, types.BaseNamedTuple):
        fields = [
            _pointed(context, builder, field, builder.extract_value(value, i))
            for i, field in enumerate(kind.types)
        ]
        return context.make_tuple(builder, _pointing(kind), fields)
    return value


@intrinsic
def pointers(typingctx, bundle):
    """The same NamedTuple with a pointer to the first element in place of each array.

    Bundles within it are treated alike, other fields are left alone, and None stays None.
    Arrays are C-contiguous, and must outlive the pointers.
    """
    result = _pointing(bundle)
    if result is None:
        return None

    def codegen(context, builder, sig, args):
        return _pointed(context, builder, sig.args[0], args[0])

    return result(bundle), codegen
