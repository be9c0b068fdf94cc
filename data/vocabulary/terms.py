"""The words every other module uses, and nothing else: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

LOCAL = ZoneInfo("Asia/Shanghai")
"""Screens, days and weeks are local; the store is UTC."""

LANGUAGES = ("zh", "en")
CITY_LEVEL, COUNTY_LEVEL, TOWN_LEVEL = 1, 2, 3


class Status(StrEnum):
    """State of one value. STALE and NO_DATA outrank every other."""

    NORMAL = "normal"
    WATCH = "watch"
    ALERT = "alert"
    STALE = "stale"
    NO_DATA = "no_data"


class Level(IntEnum):
    """The four statutory colours; 0 is none. 1 is the gravest."""

    NONE = 0
    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4


class Grain(IntEnum):
    """Length of the period an observation is about."""

    MINUTE = 1
    HOUR = 2
    DAY = 3
    WEEK = 4
    MONTH = 5
    QUARTER = 6
    YEAR = 7


class Aggregation(StrEnum):
    """How values of one indicator combine, over time and over areas.

    SUM adds over both. RATIO is sum of numerators over sum of denominators.
    MEAN is the same with a denominator that counts. LAST is a gauge: it adds
    over areas and never over time.
    """

    SUM = "sum"
    RATIO = "ratio"
    MEAN = "mean"
    LAST = "last"


class Direction(StrEnum):
    """Which way is better. NEUTRAL is never coloured by a fixed limit."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = "neutral"
    RANGE = "range"


class Stage(StrEnum):
    """Where a case stands in the closed loop."""

    REPORTED = "reported"
    OPENED = "opened"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    CHECKING = "checking"
    CLOSED = "closed"


OPEN_STAGES = (Stage.REPORTED, Stage.OPENED, Stage.DISPATCHED, Stage.HANDLING, Stage.CHECKING)


class Disposition(StrEnum):
    """What a warning message asks of us."""

    RAISE = "raise"
    UPDATE = "update"
    CANCEL = "cancel"
    TEST = "test"
    IGNORE = "ignore"


class SourceState(StrEnum):
    """How a source is doing, judged on its own rhythm."""

    NEVER = "never"
    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"
    FAILED = "failed"


class Names(TypedDict):
    """One name in every language shown."""

    zh: str
    en: str


@dataclass(frozen=True)
class Observed:
    """One value as a source gave it: counts, never a rate.

    numerator/denominator are finite; denominator is None for plain totals.
    period_start is an aware instant; row is the place in the source's file.
    """

    indicator: str
    area: str
    grain: Grain
    period_start: datetime
    numerator: float
    denominator: float | None = None
    row: int | None = None


def period_end(start: datetime, grain: Grain) -> datetime:
    """Return the instant the period that begins at `start` is over, on local calendars."""
    if grain is Grain.MINUTE:
        return start + timedelta(minutes=1)
    if grain is Grain.HOUR:
        return start + timedelta(hours=1)
    local = start.astimezone(LOCAL)
    if grain is Grain.DAY:
        return local + timedelta(days=1)
    if grain is Grain.WEEK:
        return local + timedelta(days=7)
    months = {Grain.QUARTER: 3, Grain.YEAR: 12}.get(grain, 1)
    return (local + timedelta(days=31 * months + 1)).replace(day=1)
