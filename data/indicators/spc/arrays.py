"""Small sums over rows that know of missing values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int8]
Bits = NDArray[np.uint8]
Counts = NDArray[np.int64]


def total(x: Floats, use: Bools) -> Floats:
    """Return Σ of the used values of each row, as a column (series, 1)."""
    summed: Floats = np.where(use, x, 0.0).sum(axis=1, keepdims=True)
    return summed


def mean(x: Floats, use: Bools) -> Floats:
    """Return the mean of the used values of each row as a column; nan of none.

    The second pass takes out what the first lost by rounding, so that a series of equal values
    has exactly that value as its mean, and a point on the mean is on it.
    """
    count = use.sum(axis=1, keepdims=True)
    first = divide(total(x, use), count)
    centre: Floats = first + divide(total(x - first, use), count)
    return centre


def divide(part: Floats, whole: Floats | NDArray[np.int_]) -> Floats:
    """Return part ÷ whole, nan where there is nothing to divide by."""
    out = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out


def moving_range(x: Floats, use: Bools) -> Floats:
    """Return the mean distance of neighbours, both used, as a column; nan without a pair."""
    moves, both = moves_of(x, use)
    return mean(moves, both)


def moves_of(x: Floats, use: Bools) -> tuple[Floats, Bools]:
    """Return the distances of neighbours (series, weeks - 1) and which of them count."""
    both = use[:, 1:] & use[:, :-1]
    return np.abs(np.diff(x, axis=1)), both
