"""The normal band of an indicator: what this hour of such a day usually brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data.vocabulary import Aggregation

MIN_POINTS = 6
"""Fewer past values than this give no band: better none than a wrong one."""


class Band(NamedTuple):
    """Centre and limits in shown units. A tuple, because a wall holds thousands."""

    centre: float
    low: float
    high: float
    n: int

    @property
    def sigma(self) -> float:
        """A third of the half width."""
        return (self.high - self.low) / 6


def slot(hour: int, *, day_off: bool) -> int:
    """Return the band's slot: workdays 0-23, days off 24-47."""
    return hour + (24 if day_off else 0)


def normal_band(values: Sequence[float], aggregation: Aggregation) -> Band | None:
    """Return median ± 3 robust sigmas, None with fewer than MIN_POINTS values.

    Robust (median absolute deviation) so that one storm in the past does not
    widen the band; for counts at least the Poisson spread, so that small counts
    do not alarm at each event. Never below 0.
    """
    if len(values) < MIN_POINTS:
        return None
    array = np.asarray(values, dtype=float)
    centre = float(np.median(array))
    sigma = 1.4826 * float(np.median(np.abs(array - centre)))
    if aggregation in (Aggregation.SUM, Aggregation.LAST):
        sigma = max(sigma, float(np.sqrt(max(centre, 0.5))))
    else:
        sigma = max(sigma, float(np.std(array)) / 2, abs(centre) * 0.005, 1e-9)
    return Band(centre, max(0.0, centre - 3 * sigma), centre + 3 * sigma, len(array))


def together(bands: Sequence[Band], weights: Sequence[float]) -> Band | None:
    """Return the band of a sum of hours, each taken by its share (1 for a whole hour)."""
    if not bands:
        return None
    centre = sum(b.centre * w for b, w in zip(bands, weights, strict=True))
    spread = 3 * float(np.sqrt(sum(w * b.sigma**2 for b, w in zip(bands, weights, strict=True))))
    n = min(b.n for b in bands)
    return Band(centre, max(0.0, centre - spread), centre + spread, n)
