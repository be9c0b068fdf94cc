"""Which days are off: weekends and public holidays, make-up working days not."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

import holidays


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


@lru_cache(maxsize=4000)
def is_day_off(day: date, country: str) -> bool:
    """Return whether `day` is off in `country`; a make-up working Saturday is not."""
    return not _calendar(country).is_working_day(day)
