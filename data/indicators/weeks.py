"""Weeks of an indicator: complete or not, as series without gaps, and where series break. Pure.

`Week` itself is of the calendar and told here again, for who asks indicators only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.calendar.week import Week, WeekError, weeks_between, weeks_of
from data.catalogue.entries import SeriesBreak
from data.indicators.value import Counts
from data.vocabulary import Aggregation

__all__ = [
    "Breaks",
    "Series",
    "Told",
    "Week",
    "WeekError",
    "breaks_of",
    "series",
    "told_days",
    "weeks_between",
    "weeks_of",
]

Floats = NDArray[np.float64]


class Told(NamedTuple):
    """How many of the days of a week were told, of how many. over: the week has ended."""

    days: int
    of: int
    over: bool

    @property
    def whole(self) -> bool:
        """Whether the week can be compared with others as it is."""
        return self.over and self.days == self.of


def told_days(week: Week, days: Iterable[date], today: date) -> Told:
    """Return how complete a week is.

    Args:
        week: any.
        days: days with anything told; those outside of the week are left out.
        today: the local day; a week is over from the Monday after it.
    """
    told = {day for day in days if week.first <= day <= week.last}
    return Told(len(told), 7, today > week.last)


@dataclass(frozen=True)
class Series:
    """Counts week by week, without gaps: (weeks,) each, nan where nothing was told.

    den is nan throughout for sums and gauges.
    """

    first: Week
    num: Floats
    den: Floats

    @property
    def weeks(self) -> list[Week]:
        """The weeks, oldest first."""
        return [self.first + n for n in range(len(self.num))]

    def values(self, aggregation: Aggregation, factor: float) -> Floats:
        """Return the values in shown units, as `value_of` each: 0 over 0 is nan."""
        if aggregation not in (Aggregation.RATIO, Aggregation.MEAN):
            return self.num * factor
        den = np.where(self.den == 0, np.nan, self.den)
        return self.num / den * factor


def series(rows: Mapping[date, Counts], first: Week, last: Week) -> Series:
    """Return the counts of the weeks from `first` to `last`, both with.

    Args:
        rows: Monday -> numerator and denominator; a missing week is nan, never 0. Rows of
            other weeks are left out.
        first: the oldest week.
        last: the newest; before `first` gives no weeks.

    Raises:
        ValueError: a row is of a day that is no Monday.
    """
    many = max(0, first.until(last) + 1)
    num, den = np.full(many, np.nan), np.full(many, np.nan)
    for monday, (part, whole) in rows.items():
        if monday.weekday():
            raise ValueError(f"{monday} is no Monday")
        place = (monday - first.first).days // 7
        if 0 <= place < many:
            num[place] = part
            den[place] = np.nan if whole is None else whole
    return Series(first, num, den)


class Breaks(NamedTuple):
    """Where a series is cut, as places in its weeks.

    starts: the first whole week under a new definition, limits begin anew there. mixed: weeks
    of two definitions, which are comparable with neither.
    """

    starts: tuple[int, ...]
    mixed: tuple[int, ...]


def breaks_of(
    first: Week, last: Week, versions: Iterable[date], breaks: Iterable[SeriesBreak]
) -> Breaks:
    """Return where a new definition or a break of the series begins between two weeks.

    Args:
        first: the oldest week of the series.
        last: the newest.
        versions: the days from which each version of the definition holds; the first one begins
            the series and breaks nothing.
        breaks: of the catalogue; one that is bridged breaks nothing.
    """
    days = set(sorted(set(versions))[1:]) | {b.on for b in breaks if b.bridged is None}
    many = max(0, first.until(last) + 1)
    starts, mixed = set(), set()
    for day in days:
        place, within = divmod((day - first.first).days, 7)
        if within and 0 <= place < many:
            mixed.add(place)
        start = place + bool(within)
        if 0 < start < many:
            starts.add(start)
    return Breaks(tuple(sorted(starts)), tuple(sorted(mixed)))
