"""Many things in one place: where at least so many points lie within a radius of one of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

METRES = 111_320.0
"""One degree of latitude."""
TRIED = 40
"""Points of a crowded cell tried as the middle: in a crowd any of them will do."""


class Spot(NamedTuple):
    """A point, WGS84."""

    lon: float
    lat: float


class Place(NamedTuple):
    """The middle of a burst as its alarm is called: "23.731,114.691"."""

    lat: float
    lon: float

    @property
    def name(self) -> str:
        """About a hundred metres sharp."""
        return f"{self.lat:.3f},{self.lon:.3f}"

    @classmethod
    def read(cls, name: str) -> Place | None:
        """Return the place that a name tells, None if it tells none."""
        lat, _, lon = name.partition(",")
        try:
            return cls(float(lat), float(lon))
        except ValueError:
            return None

    def near(self, spot: Spot, radius: float) -> bool:
        """Return whether a point is within twice the radius: bursts drift."""
        return self.within(spot, 2 * radius)

    def within(self, spot: Spot, radius: float) -> bool:
        """Return whether a point is at most so many metres away."""
        east = (spot.lon - self.lon) * METRES * math.cos(math.radians(self.lat))
        return math.hypot(east, (spot.lat - self.lat) * METRES) <= radius


def bursts(spots: Sequence[Spot], radius: float, least: int) -> Iterator[tuple[list[int], Spot]]:
    """Yield the places with at least `least` points within `radius` metres of one of them.

    Densest first; a point counts in one place only.

    Args:
        spots: (n,) points; n may be ten thousand.
        radius: metres, above 0.
        least: how many points, 1 or more.

    Returns:
        Places of the members in `spots`, ascending, and the point in the middle.
    """
    if len(spots) < least:
        return
    points = _metres(spots)
    left = np.ones(len(spots), dtype=bool)
    cells = _cells(points, radius)
    order = sorted(cells, key=lambda c: -sum(len(x) for x in _around(cells, c)))
    for cell in order:
        while (found := _best(points, left, cells, cell, radius, least)) is not None:
            members, middle = found
            left[members] = False
            yield sorted(int(i) for i in members), spots[middle]


def _metres(spots: Sequence[Spot]) -> NDArray[np.float64]:
    told = np.asarray(spots, dtype=float)
    across = METRES * math.cos(math.radians(float(told[:, 1].mean())))
    return np.column_stack([told[:, 0] * across, told[:, 1] * METRES])


def _cells(points: NDArray[np.float64], radius: float) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (x, y) in enumerate(np.floor(points / radius).astype(int).tolist()):
        found[x, y].append(i)
    return dict(found)


def _around(cells: dict[tuple[int, int], list[int]], cell: tuple[int, int]) -> Iterator[list[int]]:
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            yield cells.get((cell[0] + dx, cell[1] + dy), [])


def _best(
    points: NDArray[np.float64], left: NDArray[np.bool_], cells: dict[tuple[int, int], list[int]],
    cell: tuple[int, int], radius: float, least: int,
) -> tuple[NDArray[np.intp], int] | None:  # fmt: skip
    """Return the members around the point of a cell that has most of them, None if too few."""
    near = np.array([i for part in _around(cells, cell) for i in part if left[i]], dtype=np.intp)
    middles = [i for i in cells[cell] if left[i]]
    if len(near) < least or not middles:
        return None
    best: tuple[NDArray[np.intp], int] | None = None
    for middle in middles[:: max(1, len(middles) // TRIED)]:
        off = points[near] - points[middle]
        within = near[np.hypot(off[:, 0], off[:, 1]) <= radius]
        if best is None or len(within) > len(best[0]):
            best = within, middle
    return best if best is not None and len(best[0]) >= least else None
