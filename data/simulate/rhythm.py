"""How busy is the city, by hour, weekday, public holiday and season?

Local time is UTC+8 without summer time (since 1992), so days are plain arithmetic.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from functools import cache, lru_cache

import holidays
import numpy as np

OFFSET_S = 8 * 3600
DAY_S = 86400
_EPOCH = date(1970, 1, 1).toordinal()
_TREND_FROM = date(2025, 1, 1).toordinal()
_TREND_PER_YEAR = 0.03


class DayKind(IntEnum):
    """What kind of day it is for offices and shops."""

    WORK = 0
    WEEKEND = 1
    HOLIDAY = 2
    SPRING = 3


PROFILES: dict[str, tuple[float, ...]] = {
    "calls": (
        22, 15, 10, 8, 8, 12, 22, 38, 50, 55, 56, 52,
        48, 47, 52, 55, 58, 62, 64, 66, 65, 60, 48, 34,
    ),
    "traffic": (
        8, 5, 4, 3, 4, 10, 32, 78, 74, 56, 52, 50,
        42, 44, 52, 56, 66, 86, 72, 50, 40, 32, 22, 13,
    ),
    "fire": (
        14, 12, 10, 8, 8, 10, 16, 26, 34, 42, 48, 50,
        54, 56, 58, 56, 52, 52, 54, 50, 44, 36, 26, 18,
    ),
    "hotline": (
        6, 4, 3, 2, 3, 6, 16, 40, 92, 104, 98, 76,
        44, 52, 84, 88, 80, 62, 48, 44, 40, 30, 18, 10,
    ),
    "office": (
        0, 0, 0, 0, 0, 0, 0, 2, 70, 110, 104, 62,
        6, 20, 88, 98, 80, 26, 2, 0, 0, 0, 0, 0,
    ),
    "grid": (
        2, 1, 1, 1, 1, 4, 18, 44, 82, 92, 88, 60,
        30, 44, 78, 84, 78, 56, 34, 26, 18, 12, 6, 3,
    ),
    "flat": (
        30, 26, 24, 24, 26, 30, 38, 48, 54, 56, 56, 52,
        48, 50, 54, 56, 56, 54, 50, 46, 44, 40, 36, 32,
    ),
    "visits": (
        8, 6, 5, 4, 5, 8, 20, 60, 130, 140, 130, 96,
        44, 60, 112, 116, 96, 60, 40, 44, 42, 32, 20, 12,
    ),
}  # fmt: skip
"""Weight of each local hour; only the proportions count."""

WEEKS: dict[str, tuple[float, float, float, float]] = {
    "even": (1.0, 1.0, 1.0, 0.95),
    "calls": (1.0, 1.06, 1.1, 0.78),
    "traffic": (1.0, 0.92, 1.12, 0.7),
    "fire": (1.0, 1.05, 1.15, 1.9),
    "hotline": (1.0, 0.72, 0.58, 0.36),
    "office": (1.0, 0.02, 0.0, 0.0),
    "grid": (1.0, 0.62, 0.45, 0.25),
    "visits": (1.0, 0.76, 0.6, 0.42),
}
"""Factor for workdays, weekends, public holidays and the heart of the Spring Festival."""

SEASONS: dict[str, tuple[float, float]] = {
    "none": (0.0, 0.0),
    "rain": (0.75, 0.0),
    "winter": (0.0, 0.35),
    "influenza": (0.0, 0.8),
}
"""How strongly rain (peak in June) and winter (peak in January) move a subject."""


def ordinal_of(moment: datetime) -> int:
    """Return the local day of an aware instant as a proleptic ordinal."""
    return ordinal_of_epoch(moment.timestamp())


def ordinal_of_epoch(second: float) -> int:
    """Return the local day of an epoch second."""
    return int((second + OFFSET_S) // DAY_S) + _EPOCH


def midnight(ordinal: int) -> int:
    """Return the epoch second at which the local day begins."""
    return (ordinal - _EPOCH) * DAY_S - OFFSET_S


def local(epoch_s: float) -> datetime:
    """Return the instant as wall-clock time at UTC+8, naive, for formatting only."""
    return datetime.fromtimestamp(epoch_s + OFFSET_S, UTC).replace(tzinfo=None)


def iso(epoch_s: float) -> str:
    """Return the instant as ISO 8601 with +08:00."""
    return f"{local(int(epoch_s)).isoformat()}+08:00"


@cache
def _calendar(year: int) -> tuple[frozenset[date], frozenset[date], tuple[date, ...]]:
    """Return (days off, weekend days worked, first days of the Spring Festival) of a year."""
    found = holidays.country_holidays("CN", years=[year], language="en_US")
    first = [d for d, name in found.items() if name == "Chinese New Year (Spring Festival)"]
    worked = [d for d in found.weekend_workdays if d.year == year]
    return frozenset(found), frozenset(worked), tuple(sorted(first)[:1])


@lru_cache(maxsize=2048)
def day_kind(ordinal: int) -> DayKind:
    """Return what kind of day it is; days worked instead are workdays."""
    day = date.fromordinal(ordinal)
    off, worked, festival = _calendar(day.year)
    if any(-1 <= (day - first).days <= 5 for first in festival):
        return DayKind.SPRING
    if day in off:
        return DayKind.HOLIDAY
    return DayKind.WEEKEND if day.weekday() >= 5 and day not in worked else DayKind.WORK


@lru_cache(maxsize=65536)
def day_factor(ordinal: int, week: str, season: str) -> float:
    """Return how busy the day is against a plain workday of the reference year."""
    rain, winter = SEASONS[season]
    day = date.fromordinal(ordinal).timetuple().tm_yday
    june = math.cos(2 * math.pi * (day - 166) / 365.25)
    january = math.cos(2 * math.pi * (day - 15) / 365.25)
    trend = 1 + _TREND_PER_YEAR * (ordinal - _TREND_FROM) / 365.25
    return WEEKS[week][day_kind(ordinal)] * (1 + rain * june) * (1 + winter * january) * trend


@cache
def hour_shares(profile: str) -> np.ndarray:
    """Return the share of a day that falls in each local hour, shape (24,)."""
    weights = np.asarray(PROFILES[profile], dtype=float)
    return np.asarray(weights / weights.sum())


@cache
def _cumulative(profile: str) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(hour_shares(profile))])


def seconds_of_day(profile: str, chance: np.ndarray) -> np.ndarray:
    """Return the second of the day for each chance in [0, 1), by inverting the profile."""
    hours = np.interp(chance, _cumulative(profile), np.arange(25.0))
    return np.asarray(np.minimum(hours * 3600, DAY_S - 1).astype(np.int64))


def parse_instant(text: str) -> datetime | None:
    """Return the aware instant an ISO text means (no offset: local), None if it is none."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC) - timedelta(seconds=OFFSET_S)
    return moment
