"""Rows as Network's methods take them: arrays, or SciPy's sparse matrices by their non-zeros."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.arguments import checks
from fastnn.engine import SparseRows

__all__ = ["as_rows", "as_sparse_rows"]


def as_rows(argument: str, values: Any, inputs: int, dtype: DTypeLike) -> NDArray | SparseRows:
    """Rows (n, inputs) of finite numbers, at least one; TypeError or ValueError.

    Arrays as of `checks.rows`. Of what has SciPy's `tocsr`, such as csr_array and csr_matrix, the
    non-zeros of any real dtype, with indices of any width.
    """
    if isinstance(values, SparseRows) and values.shape[1] == inputs:
        return values  # was checked before
    if hasattr(values, "tocsr") and hasattr(values, "nnz"):
        return _checked(argument, values, inputs)
    return checks.rows(argument, values, inputs, dtype)


def as_sparse_rows(matrix: Any) -> SparseRows:
    """The non-zeros of a sparse matrix of SciPy's."""
    rows = matrix.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()  # the user's own stays as it is
        rows.sum_duplicates()
    return SparseRows(rows.indptr, rows.indices, rows.data, rows.shape[1])


def _checked(argument: str, values: Any, inputs: int) -> SparseRows:
    shape = tuple(values.shape)
    if len(shape) != 2 or shape[1] != inputs:
        raise ValueError(f"{argument}: expected shape (rows, {inputs}), got {shape}")
    if shape[0] == 0:
        raise ValueError(f"{argument}: expected at least one row, got shape {shape}")
    if np.dtype(values.dtype).kind not in "fiub":
        raise TypeError(f"{argument}: expected real numbers, got dtype {values.dtype}")
    rows = as_sparse_rows(values)
    checks.finite(argument, rows.values)
    return rows
