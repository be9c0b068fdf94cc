"""What the `holidays` library knows of a year, in our words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version

import holidays

from data.calendar.days import Day, DayKind
from data.vocabulary import Names

VERSION = version("holidays")

HOLIDAYS: dict[str, Names] = {
    "new_year": {"zh": "元旦", "en": "New Year's Day"},
    "spring_festival": {"zh": "春节", "en": "Spring Festival"},
    "qingming": {"zh": "清明节", "en": "Tomb-Sweeping Day"},
    "labour_day": {"zh": "劳动节", "en": "Labour Day"},
    "dragon_boat": {"zh": "端午节", "en": "Dragon Boat Festival"},
    "mid_autumn": {"zh": "中秋节", "en": "Mid-Autumn Festival"},
    "national_day": {"zh": "国庆节", "en": "National Day"},
}
"""The public holidays of China; a table names others with the key "other"."""

_WORDS = {
    "Chinese New Year": "spring_festival",
    "New Year": "new_year",
    "Tomb-Sweeping": "qingming",
    "Labor Day": "labour_day",
    "Dragon Boat": "dragon_boat",
    "Mid-Autumn": "mid_autumn",
    "National Day": "national_day",
}
_LANGUAGES = {"CN": "en_US"}


@lru_cache(maxsize=64)
def known_days(country: str, year: int) -> dict[date, Day]:
    """Return the holidays and make-up working days of `year`; ordinary days are left out.

    The next year is read too: its notice may make a day of this December a working day.
    """
    read = _read(country, (year, year + 1))
    off = {day: _key(said) for day, said in read.items() if day.year == year}
    named = {day: key for day, key in off.items() if key}
    worked = {day for day in getattr(read, "weekend_workdays", ()) if day.year == year}
    found = {d: _day(d, DayKind.HOLIDAY, k or _nearest(d, named), read) for d, k in off.items()}
    return found | {d: _day(d, DayKind.MAKE_UP, _nearest(d, named), read) for d in worked}


@lru_cache(maxsize=8)
def last_notice(country: str) -> int | None:
    """Return the last year whose notice the library knows; None if it needs no notices."""
    found: Iterable[int] = getattr(_read(country, (2000,)), "special_public_holidays", {}) or ()
    return max(found, default=None) if country in _LANGUAGES else None


def fixed_days(country: str, year: int) -> frozenset[date]:
    """Return the days the law itself makes holidays, without any shift."""
    read = holidays.country_holidays(country, years=year, observed=False)
    special = getattr(read, "special_public_holidays", {}) or {}
    return frozenset() if year in special else frozenset(d for d in read if d.year == year)


@lru_cache(maxsize=8)
def weekend(country: str) -> frozenset[int]:
    """Return the weekdays (Monday 0) that are the weekend."""
    return frozenset(_read(country, (2000,)).weekend)


def _read(country: str, years: tuple[int, ...]) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=years, language=_LANGUAGES.get(country))


def _key(said: str) -> str:
    """Return the key of what the library calls a day; "" for a day off by a shift."""
    if said.startswith("Day off"):
        return ""
    return next((key for word, key in _WORDS.items() if word in said), f"other {said}")


def _nearest(day: date, named: dict[date, str]) -> str:
    close = [(abs(day - other), other) for other in named if abs(day - other) <= timedelta(16)]
    return named[min(close)[1]] if close else ""


def _day(day: date, kind: DayKind, key: str, read: holidays.HolidayBase) -> Day:
    said = str(read.get(day) or "").partition(" (")[0]
    name = HOLIDAYS.get(key) or (Names(zh=said, en=said) if said else None)
    return Day(day, kind, key if key in HOLIDAYS else "other" if key else "", name)
