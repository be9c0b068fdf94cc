"""Which open cases look like one matter told twice. Only a proposal: people decide. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

APART = timedelta(hours=6)
NEAR_M = 150.0
_DEGREE_M = 111_320.0


class Told(NamedTuple):
    """What of a case is compared. lon, lat: WGS-84 degrees, None if not known."""

    id: int
    category: int
    area: int
    at: datetime
    lon: float | None
    lat: float | None


def told_twice(cases: Iterable[Told], settled: Collection[frozenset[int]] = ()) -> set[int]:
    """Return the ids of cases with a twin: same category and area, near in place and time.

    settled: pairs of ids that somebody found not to be the same.
    """
    groups: dict[tuple[int, int], list[Told]] = defaultdict(list)
    for case in cases:
        groups[case.category, case.area].append(case)
    found: set[int] = set()
    for group in groups.values():
        found |= _twins(sorted(group, key=lambda t: t.at), settled)
    return found


def _twins(group: list[Told], settled: Collection[frozenset[int]]) -> set[int]:
    found: set[int] = set()
    for i, first in enumerate(group):
        for other in group[i + 1 :]:
            if other.at - first.at > APART:
                break
            if _near(first, other) and frozenset((first.id, other.id)) not in settled:
                found |= {first.id, other.id}
    return found


def _near(a: Told, b: Told) -> bool:
    """Return whether two places are the same for all we know; without both nothing is said."""
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return False
    wide = (a.lon - b.lon) * math.cos(math.radians(a.lat))
    return math.hypot(wide, a.lat - b.lat) * _DEGREE_M <= NEAR_M
