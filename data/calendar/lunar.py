"""The Chinese lunar date of a day, days from New Year's Eve (除夕), and the festivals. Pure.

The months stand in lunar_months.csv beside this file: it is the same for every city. It was made
with sxtwl and agrees day by day with borax, lunar_python and lunardate; the tests hold it against
published dates.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from data.vocabulary import Names

_MONTHS = Path(__file__).with_name("lunar_months.csv")
_MONTH_ZH = "正二三四五六七八九十冬腊"
_TENS_ZH, _ONES_ZH = ("初", "十", "廿", "三"), "一二三四五六七八九十"

FESTIVALS: dict[str, Names] = {
    "new_year": {"zh": "元旦", "en": "New Year's Day"},
    "spring_festival": {"zh": "春节", "en": "Spring Festival"},
    "lantern": {"zh": "元宵节", "en": "Lantern Festival"},
    "qingming": {"zh": "清明节", "en": "Tomb-Sweeping Day"},
    "labour_day": {"zh": "劳动节", "en": "Labour Day"},
    "dragon_boat": {"zh": "端午节", "en": "Dragon Boat Festival"},
    "qixi": {"zh": "七夕节", "en": "Qixi Festival"},
    "mid_autumn": {"zh": "中秋节", "en": "Mid-Autumn Festival"},
    "national_day": {"zh": "国庆节", "en": "National Day"},
    "double_ninth": {"zh": "重阳节", "en": "Double Ninth Festival"},
}
_SOLAR = {(1, 1): "new_year", (5, 1): "labour_day", (10, 1): "national_day"}
_LUNAR = {
    (1, 1): "spring_festival",
    (1, 15): "lantern",
    (5, 5): "dragon_boat",
    (7, 7): "qixi",
    (8, 15): "mid_autumn",
    (9, 9): "double_ninth",
}


class NoLunarDateError(ValueError):
    """The day is outside of the table."""


@dataclass(frozen=True)
class LunarDate:
    """One lunar date. month: 1 to 12; leap: it is the second of that number in its year."""

    year: int
    month: int
    leap: bool
    day: int

    @property
    def words(self) -> Names:
        """As people say it: 正月初六, month 1 day 6."""
        zh = f"{'闰' if self.leap else ''}{_MONTH_ZH[self.month - 1]}月{_day_zh(self.day)}"
        return Names(zh=zh, en=f"{'leap ' if self.leap else ''}month {self.month} day {self.day}")


@dataclass(frozen=True)
class _Table:
    """Months in order: first days, and (lunar year, month, leap). end: the first day after."""

    firsts: tuple[date, ...]
    months: tuple[tuple[int, int, bool], ...]
    new_years: dict[int, date]
    end: date


def lunar_date(day: date) -> LunarDate:
    """Return the lunar date of `day`. Raises NoLunarDateError outside of the table."""
    table = _table()
    place = bisect_right(table.firsts, day) - 1
    if place < 0 or day >= table.end:
        first, last = table.firsts[0], table.end - timedelta(days=1)
        raise NoLunarDateError(f"{day} has no lunar date here: the table tells {first} to {last}")
    year, month, leap = table.months[place]
    return LunarDate(year, month, leap, (day - table.firsts[place]).days + 1)


def in_table(day: date) -> bool:
    """Return whether `day`, and a month around it, has lunar dates."""
    month = timedelta(days=31)
    return _table().firsts[0] <= day - month and day + month < _table().end


def eve(lunar_year: int) -> date:
    """Return 除夕, the day before `lunar_year` begins. Raises NoLunarDateError."""
    found = _table().new_years.get(lunar_year)
    if found is None:
        years = sorted(_table().new_years)
        said = f"lunar year {lunar_year} is not in the table: it tells {years[0]} to {years[-1]}"
        raise NoLunarDateError(said)
    return found - timedelta(days=1)


def eve_offset(day: date) -> tuple[int, int]:
    """Return the lunar year whose eve is nearest to `day`, and the days from it (before: negative).

    Raises:
        NoLunarDateError: outside of the table.
    """
    year = lunar_date(day).year
    away = [(year, (day - eve(year)).days)]
    if year + 1 in _table().new_years:
        away.append((year + 1, (day - eve(year + 1)).days))
    return min(away, key=lambda found: abs(found[1]))


@lru_cache(maxsize=4096)
def festival(day: date) -> str:
    """Return the key of the festival `day` is, "" for none. Raises NoLunarDateError."""
    if day.month == 4 and day.day == _qingming(day.year):
        return "qingming"
    lunar = lunar_date(day)
    found = _SOLAR.get((day.month, day.day))
    return found or ("" if lunar.leap else _LUNAR.get((lunar.month, lunar.day), ""))


def _qingming(year: int) -> int:
    """Return its day in April. The usual formula of 寿星, right from 2000 to 2099."""
    return int(year % 100 * 0.2422 + 4.81) - year % 100 // 4


def _day_zh(day: int) -> str:
    if day in (20, 30):
        return "二十" if day == 20 else "三十"
    return _TENS_ZH[(day - 1) // 10 if day != 10 else 0] + _ONES_ZH[(day - 1) % 10]


@cache
def _table() -> _Table:
    with _MONTHS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    firsts = tuple(date.fromisoformat(row["first"]) for row in rows)
    months = tuple((int(row["year"]), int(row["month"]), row["leap"] == "1") for row in rows)
    starts = {m[0]: first for m, first in zip(months, firsts, strict=True) if m[1:] == (1, False)}
    # The length of the last month is not told: it ends the table.
    return _Table(firsts[:-1], months[:-1], starts, firsts[-1])
