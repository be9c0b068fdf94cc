"""The moving-range half of an XmR chart: how far each point is from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Floats, mean, moves_of
from data.indicators.spc.limits import SCREEN


@dataclass(frozen=True)
class Ranges:
    """Moving ranges (n,), nan of the first point of a segment; centre and upper limit (n,).

    The lower limit is nought. No range is screened here: this chart is what shows the wild ones.
    """

    values: Floats
    centre: Floats
    upper: Floats


def moving_ranges(
    values: ArrayLike, *, baseline: int | None = None, breaks: Sequence[int] = ()
) -> Ranges:
    """Return the moving-range chart of one series; arguments as of `chart`."""
    points = np.asarray(values, np.float64).reshape(1, -1)
    n = points.shape[1]
    out = Ranges(*(np.full(n, np.nan) for _ in range(3)))
    starts = [0, *sorted({b for b in breaks if 0 < b < n})]
    for start, end in zip(starts, [*starts[1:], n], strict=True):
        part = points[:, start:end]
        moves, both = moves_of(part, ~np.isnan(part))
        out.values[start + 1 : end] = np.where(both, moves, np.nan)[0]
        if baseline is not None:
            both[:, max(baseline - 1, 0) :] = False
        out.centre[start:end] = mean(moves, both)[0, 0]
    out.upper[:] = SCREEN * out.centre
    return out
