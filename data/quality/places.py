"""Points that lie wrong: swapped, sign lost, in another coordinate system than declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import geo

Point = tuple[float, float]
"""lon, lat"""

MIN_PAIRS = 5
SYSTEMS = ("WGS84", "GCJ02", "BD09")
OFF_M = 100.0
"""Two records of one place differ by less than this; the offsets of the systems by more."""


def mistake(lon: float, lat: float, inside: Callable[[float, float], bool]) -> str | None:
    """Return what would bring a point that lies outside inside: swapped, lost_sign; else None."""
    if inside(lon, lat):
        return None
    if inside(lat, lon):
        return "swapped"
    signs = ((-lon, lat), (lon, -lat), (-lon, -lat))
    return "lost_sign" if any(inside(*point) for point in signs) else None


def outside(lon: Any, lat: Any, bounds: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Return which of many points lie outside (west, south, east, north); NaN is no point."""
    west, south, east, north = bounds
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    wrong = (x < west) | (x > east) | (y < south) | (y > north)
    return np.asarray(wrong & ~np.isnan(x) & ~np.isnan(y), dtype=bool)


@dataclass(frozen=True)
class Shift:
    """A coordinate system that fits better than the declared one. Metres are medians."""

    crs: str
    before_m: float
    after_m: float
    n: int


def better_system(
    points: Sequence[Point], references: Sequence[Point], declared: str
) -> Shift | None:
    """Return the system that these points seem to be in, None if the declared one fits.

    points: WGS-84 as converted from `declared`; references: WGS-84, the same
    places as others know them. Only a clear case counts: now off by more than
    OFF_M, and by less than a quarter of that when read as the other system.
    """
    if len(points) < MIN_PAIRS or len(points) != len(references):
        return None
    before = _off(points, references)
    if before < OFF_M:
        return None
    written = [geo.from_wgs84(*p, declared) for p in points]
    trials = [(_off([geo.to_wgs84(*p, crs) for p in written], references), crs)
              for crs in SYSTEMS if crs != declared]  # fmt: skip
    after, crs = min(trials)
    return Shift(crs, before, after, len(points)) if after < before / 4 else None


def _off(points: Sequence[Point], references: Sequence[Point]) -> float:
    pairs = zip(points, references, strict=True)
    return float(np.median([geo.metres(*a, *b) for a, b in pairs]))
