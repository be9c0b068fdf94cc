"""Which open cases look like one matter told twice. Only a proposal: people decide. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

APART = timedelta(hours=24)
NEAR_M = 300.0
"""Told within this time and this near: the one rule of the desk and of the page of a case."""

_DEGREE_M = 111_195.0
_CELL = 1.02 * NEAR_M / _DEGREE_M
_NARROWEST = 0.5
"""Cells are squares of degrees; east-west a degree has at least this share of its length."""


class Told(NamedTuple):
    """What of a case is compared. lon, lat: WGS-84 degrees, None if not known.

    area: row id of the town, None where only the county is known.
    """

    id: int
    category: int
    area: int | None
    at: datetime
    lon: float | None
    lat: float | None


def told_twice(cases: Iterable[Told], settled: Collection[frozenset[int]] = ()) -> set[int]:
    """Return the ids of cases with a twin: same category, near in place and time.

    Near is at most NEAR_M; without a position of one of the two, the same town.
    settled: pairs of ids that somebody looked at.
    """
    groups: dict[int, list[Told]] = defaultdict(list)
    for case in cases:
        groups[case.category].append(case)
    found: set[int] = set()
    for group in groups.values():
        before = _Before()
        for case in sorted(group, key=lambda t: t.at):
            twins = [t for t in before.near(case) if frozenset((t, case.id)) not in settled]
            found.update(twins, [case.id] if twins else [])
            before.add(case)
    return found


class _Before:
    """The cases of a category told so far, by where they lie."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[Told]] = defaultdict(list)
        self.towns: dict[int, list[Told]] = defaultdict(list)
        self.unplaced: dict[int, list[Told]] = defaultdict(list)

    def add(self, case: Told) -> None:
        cell = _cell(case)
        if cell:
            self.cells[cell].append(case)
        if case.area is not None:
            self.towns[case.area].append(case)
            if not cell:
                self.unplaced[case.area].append(case)

    def near(self, case: Told) -> Iterator[int]:
        cell = _cell(case)
        for other in self._beside(case, cell):
            if cell is None or _cell(other) is None or _metres(case, other) <= NEAR_M:
                yield other.id

    def _beside(self, case: Told, cell: tuple[int, int] | None) -> Iterator[Told]:
        if cell is None:
            yield from _recent(self.towns.get(case.area or -1, []), case.at)
            return
        yield from _recent(self.unplaced.get(case.area or -1, []), case.at)
        x, y = cell
        for at in [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
            yield from _recent(self.cells.get(at, []), case.at)


def _recent(told: list[Told], at: datetime) -> Iterator[Told]:
    """Return those of a list in the order of their times that lie within APART, newest first."""
    for other in reversed(told):
        if at - other.at > APART:
            return
        yield other


def _cell(case: Told) -> tuple[int, int] | None:
    if case.lon is None or case.lat is None:
        return None
    return math.floor(case.lon * _NARROWEST / _CELL), math.floor(case.lat / _CELL)


def _metres(a: Told, b: Told) -> float:
    """Return the distance of two cases with a position."""
    lon1, lat1, lon2, lat2 = a.lon or 0.0, a.lat or 0.0, b.lon or 0.0, b.lat or 0.0
    wide = (lon1 - lon2) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(wide, lat1 - lat2) * _DEGREE_M
