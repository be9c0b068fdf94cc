"""What really changed in the made-up city, so that a weekly review has something to find.

Most of what moves is chance, season or holiday. A handful of things are not: they come by the
calendar, so that history and feeds agree and every start of the demonstration finds some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from data.simulate.places import areas

MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Wave:
    """More of some categories between two days of each year. times: by years, in turn."""

    categories: frozenset[str]
    first: MonthDay
    last: MonthDay
    times: tuple[float, ...]


@dataclass(frozen=True)
class Slack:
    """One area ends one in so many of some categories late, between two days of each year."""

    area: str
    categories: frozenset[str]
    first: MonthDay
    last: MonthDay
    every: int


WAVES = (
    # refund fraud after the sales of 11 November
    Wave(frozenset({"police_fraud"}), (11, 13), (11, 30), (1.55, 1.05, 1.25)),
    # pipes and power in the cold
    Wave(frozenset({"hotline_utility"}), (1, 6), (1, 19), (1.3, 1.6, 1.0)),
    Wave(frozenset({"traffic_crash"}), (5, 18), (5, 24), (1.35, 1.0, 1.2)),
)
SLACKS = (Slack("441622", frozenset({"dispute", "hotline_complaint"}), (9, 28), (12, 20), 6),)
DESKS = (8, 17)
"""Each year from this day on, one more desk answers 120."""
DESKS_FROM, DESKS_GAIN, DESKS_MOST = 2024, 0.012, 3
"""The first year, what a desk adds to the share answered in ten seconds, and how many come."""


def wave(ordinal: int, category: str) -> float:
    """Return how many times as much of a category comes on a local day."""
    day = date.fromordinal(ordinal)
    found = 1.0
    for one in WAVES:
        if category in one.categories and one.first <= (day.month, day.day) <= one.last:
            found *= one.times[(day.year - 2026) % len(one.times)]
    return found


def slack(
    ordinal: int, categories: tuple[str, ...], kind: np.ndarray, area: np.ndarray
) -> np.ndarray:
    """Return which of a day's requests end late because an area does not keep up.

    Args:
        ordinal: the local day.
        categories: the category of each number of a kind.
        kind: number of the kind, one each.
        area: number of the area, one each.
    """
    late = np.zeros(len(kind), dtype=bool)
    day = date.fromordinal(ordinal)
    for one in SLACKS:
        if not one.first <= (day.month, day.day) <= one.last:
            continue
        numbers = [n for n, category in enumerate(categories) if category in one.categories]
        places = [n for n, found in enumerate(areas()) if found.code == one.area]
        mine = np.flatnonzero(np.isin(kind, numbers) & np.isin(area, places))
        late[mine[ordinal % one.every :: one.every]] = True
    return late


@lru_cache(maxsize=2048)
def more_desks(ordinal: int) -> float:
    """Return how far the share of 120 calls answered in time is below what it comes to be."""
    day = date.fromordinal(ordinal)
    years = day.year - DESKS_FROM + ((day.month, day.day) >= DESKS)
    return DESKS_GAIN * (min(max(years, 0), DESKS_MOST) - DESKS_MOST)
