"""The days of a country, year by year, counted fast."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from data.calendar import library
from data.calendar.days import WORKED, Basis, BasisKind, Day, DayKind
from data.calendar.table import TableRow, read_table
from data.vocabulary import ClockKind

_LAW_SINCE, _LAW_DAYS = 2025, 13
"""Public holidays a year by State Council order 795 of 2024."""


@dataclass(frozen=True)
class _Year:
    """The days of one year and, for each kind of clock, the places of the days it counts."""

    first: int
    """The ordinal of its first day."""
    days: tuple[Day, ...]
    counted: Mapping[ClockKind, tuple[int, ...]]


class Calendar:
    """What every day is. Years are made when they are first asked for, and kept.

    version: at most 20 letters; another one when the table or the library is another.
    """

    def __init__(self, country: str, rows: tuple[TableRow, ...] = ()) -> None:
        self.country = country
        self.version = f"{country}-{library.VERSION}-{_mark(rows)}"[:20]
        self._rows: dict[int, list[TableRow]] = {}
        for row in rows:
            self._rows.setdefault(row.date.year, []).append(row)
        self._weekend = library.weekend(country)
        self._years: dict[int, _Year] = {}
        self._bases: dict[int, Basis] = {}

    def day(self, day: date) -> Day:
        """Return what `day` is."""
        year = self._year(day.year)
        return year.days[day.toordinal() - year.first]

    def is_worked(self, day: date) -> bool:
        """Return whether offices work on `day`."""
        return self.day(day).worked

    def is_off(self, day: date, kind: ClockKind = ClockKind.SKIP_HOLIDAYS) -> bool:
        """Return whether a clock of `kind` stands still on `day`."""
        if kind is ClockKind.CONTINUOUS:
            return False
        return not self._counts(self.day(day), kind)

    def days(self, year: int) -> tuple[Day, ...]:
        """Return every day of `year`."""
        return self._year(year).days

    @property
    def years(self) -> list[int]:
        """The years the table tells days of."""
        return sorted(self._rows)

    def doubts(self, year: int) -> list[str]:
        """Return what a steward should look at again; nothing of it makes the table wrong.

        Since 2025 every notice left as many weekdays off, less weekends worked, as the law
        fixes days: a difference means that a day is missing.
        """
        days = self.days(year)
        said = []
        if (
            self.country == "CN"
            and year >= _LAW_SINCE
            and self.basis(year).kind is BasisKind.NOTICE
        ):
            off = sum(d.kind is DayKind.HOLIDAY and not self._is_weekend(d.date) for d in days)
            worked = sum(d.kind is DayKind.MAKE_UP for d in days)
            if off - worked != _LAW_DAYS:
                said.append(
                    f"{off} weekdays off less {worked} weekends worked is {off - worked}, "
                    f"the law gives {_LAW_DAYS}: a day may be missing, or the city added one"
                )
        known = library.known_days(self.country, year)
        if (library.last_notice(self.country) or year) >= year:
            said += [
                f"{d.date} is {'worked' if d.worked else 'off'} in the table, not in the library"
                for d in days
                if d.notice and d.worked != known.get(d.date, self._ordinary(d.date)).worked
            ]
        return said

    def basis(self, year: int) -> Basis:
        """Return what the days of `year` are taken from."""
        found = self._bases.get(year)
        if found is None:
            found = self._bases[year] = self._basis(year)
        return found

    def _basis(self, year: int) -> Basis:
        last = library.last_notice(self.country)
        rows = self._rows.get(year)
        if rows and (last is None or year > last or self._is_whole(year)):
            return Basis(year, BasisKind.NOTICE, _commonest(rows))
        known = last is None or year <= last
        return Basis(year, BasisKind.LIBRARY if known else BasisKind.FIXED)

    def count(self, kind: ClockKind, first: date, end: date) -> int:
        """Return how many days from `first` up to, not with, `end` a clock of `kind` counts."""
        return self.span(kind, first, end)[0] if first < end else 0

    def span(self, kind: ClockKind, first: date, last: date) -> tuple[int, bool, bool]:
        """Return the counted days from `first` up to `last`, and whether each of the two counts.

        `last` is not before `first`, and not among the days.
        """
        if kind is ClockKind.CONTINUOUS:
            return (last - first).days, True, True
        begin, end = self._year(first.year), self._year(last.year)
        places, ends = begin.counted[kind], end.counted[kind]
        a, b = first.toordinal() - begin.first, last.toordinal() - end.first
        i, j = bisect_left(places, a), bisect_left(ends, b)
        whole = j - i
        if begin is not end:
            years = range(first.year, last.year)
            whole += sum(len(self._year(year).counted[kind]) for year in years)
        return whole, i < len(places) and places[i] == a, j < len(ends) and ends[j] == b

    def nth(self, kind: ClockKind, after: date, n: int) -> date:
        """Return the n-th day after `after` that a clock of `kind` counts, n at least 1.

        Raises:
            OverflowError: it would be after the year 9999.
        """
        if kind is ClockKind.CONTINUOUS:
            return after + timedelta(days=n)
        year, place = after.year, after.toordinal() - self._year(after.year).first + 1
        while year < date.max.year:
            places = self._year(year).counted[kind]
            index = bisect_left(places, place) + n - 1
            if index < len(places):
                return date(year, 1, 1) + timedelta(days=places[index])
            n, year, place = index - len(places) + 1, year + 1, 0
        raise OverflowError("no such day before the year 9999")

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = self._made(year)
        return found

    def _made(self, year: int) -> _Year:
        told = {row.date: row.day() for row in self._rows.get(year, ())}
        last = library.last_notice(self.country)
        if not told or last is None or year <= last:
            told = library.known_days(self.country, year) | told
        first = date(year, 1, 1)
        length = 366 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 365
        all_days = (first + timedelta(days=n) for n in range(length))
        days = tuple(told.get(d) or self._ordinary(d) for d in all_days)
        counted = {k: tuple(i for i, d in enumerate(days) if self._counts(d, k)) for k in ClockKind}
        return _Year(first.toordinal(), days, counted)

    def _ordinary(self, day: date) -> Day:
        return Day(day, DayKind.WEEKEND if self._is_weekend(day) else DayKind.WORKDAY)

    def _is_weekend(self, day: date) -> bool:
        return day.weekday() in self._weekend

    def _counts(self, day: Day, kind: ClockKind) -> bool:
        """Return whether a clock of `kind` runs on `day`; a make-up day counts for every clock."""
        if kind is ClockKind.CONTINUOUS:
            return True
        if kind is ClockKind.SKIP_WEEKENDS:
            return day.kind is DayKind.MAKE_UP or not self._is_weekend(day.date)
        return day.kind in WORKED

    def _is_whole(self, year: int) -> bool:
        """Return whether the table tells every holiday that the library knows of the year."""
        told = {row.date for row in self._rows.get(year, ())}
        return told >= library.known_days(self.country, year).keys()


def load(country: str, folder: Path | None = None) -> Calendar:
    """Return the calendar of `country` with `folder`/<country>.csv over what the library knows.

    Raises:
        CalendarError: a row of the table is wrong.
    """
    path = folder / f"{country}.csv" if folder else None
    return _loaded(country, path.read_bytes() if path and path.is_file() else b"")


@lru_cache(maxsize=16)
def _loaded(country: str, content: bytes) -> Calendar:
    rows = read_table(content, country, f"calendars/{country}.csv") if content else ()
    return Calendar(country, rows)


def _commonest(rows: list[TableRow]) -> str:
    return Counter(row.notice for row in rows).most_common(1)[0][0]


def _mark(rows: tuple[TableRow, ...]) -> str:
    told = "\n".join(f"{r.date} {r.off} {r.key} {r.name} {r.notice}" for r in rows)
    return hashlib.sha256(told.encode()).hexdigest()[:8] if rows else "none"
