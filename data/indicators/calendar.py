"""Which days are off: weekends and public holidays, make-up working days not."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

from data.calendar import Calendar, load
from data.settings import settings


@cache
def _calendar(country: str) -> Calendar:
    return load(country, settings().catalogue / "calendars")


@lru_cache(maxsize=4000)
def is_day_off(day: date, country: str) -> bool:
    """Return whether `day` is off in `country`; a make-up working Saturday is not."""
    return _calendar(country).is_off(day)
