"""On which dates does a GTFS service run? Weekly pattern first, then the exceptions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from data.connectors.connector import PayloadError, RefusedError
from data.connectors.gtfs_tables import Feed, key_of, once
from data.connectors.zip_tables import Table, cell

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_SERVICE_DAYS = 1_000_000
"""All services together; a feed whose calendars run to year 9999 must not fill the memory."""

ADDED, REMOVED = "1", "2"


@dataclass
class Calendar:
    """The dates of each service."""

    dates: dict[str, set[date]] = field(default_factory=dict)
    days: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def services(self) -> set[str]:
        """Every service that a calendar names."""
        return set(self.dates)

    def widen(self, *dates: date) -> None:
        """Let the range of service reach `dates`."""
        self.first = min(filter(None, (self.first, *dates)))
        self.last = max(filter(None, (self.last, *dates)))

    def span(self) -> list[str] | None:
        """Return the first and last date of service as GTFS writes them."""
        if self.first is None or self.last is None:
            return None
        return [f"{day:%Y%m%d}" for day in (self.first, self.last)]

    def running(self) -> list[tuple[date, str]]:
        """Return (date, service_id) in order of date."""
        return sorted((day, service) for service, days in self.dates.items() for day in days)

    def services_on(self, day: str) -> set[str]:
        """Return the services that run on `day` (YYYY-MM-DD)."""
        try:
            wanted = date.fromisoformat(day)
        except ValueError as error:
            raise PayloadError(f"{day!r} is not a date as YYYY-MM-DD") from error
        return {service for service, days in self.dates.items() if wanted in days}


def read_calendar(weekly: Table | None, exceptions: Table | None, feed: Feed) -> Calendar:
    """Return the dates from calendar.txt and calendar_dates.txt, either of which may be absent."""
    calendar = Calendar()
    if weekly:
        weekly.need("service_id", "start_date", "end_date", *WEEKDAYS)
        for line, cells in weekly.rows():
            feed.rows["calendar"] += 1
            try:
                _add_week(weekly, cells, calendar)
            except RefusedError as refusal:
                feed.refuse(refusal, line)
    if exceptions:
        exceptions.need("service_id", "date", "exception_type")
        for line, cells in exceptions.rows():
            feed.rows["calendar_dates"] += 1
            try:
                _add_exception(exceptions, cells, calendar)
            except RefusedError as refusal:
                feed.refuse(refusal, line)
    return calendar


def _add_week(table: Table, cells: list[str], calendar: Calendar) -> None:
    service = once(key_of(cells, table, "service_id"), calendar.dates, table, "service_id")
    start, end = _day(table, cells, "start_date"), _day(table, cells, "end_date")
    flags = [cell(cells, table.columns[day]) for day in WEEKDAYS]
    if not set(flags) <= {"0", "1"}:
        raise RefusedError("bad_weekday", "calendar.monday", ",".join(flags), "not 0 or 1")
    if end < start:
        raise RefusedError(
            "bad_range", "calendar.end_date", f"{end:%Y%m%d}", "ends before it starts"
        )
    length = (end - start).days + 1
    if calendar.days + length > MAX_SERVICE_DAYS:
        raise RefusedError("range_too_long", "calendar.end_date", f"{end:%Y%m%d}", "too many days")
    calendar.days += length
    calendar.widen(start, end)
    week = [start + timedelta(days=n) for n in range(min(7, length)) if _runs(start, n, flags)]
    calendar.dates[service] = {
        first + timedelta(days=n) for first in week for n in range(0, (end - first).days + 1, 7)
    }


def _runs(start: date, days: int, flags: list[str]) -> bool:
    return flags[(start.weekday() + days) % 7] == "1"


def _add_exception(table: Table, cells: list[str], calendar: Calendar) -> None:
    service, day = key_of(cells, table, "service_id"), _day(table, cells, "date")
    kind = cell(cells, table.columns["exception_type"])
    if kind not in (ADDED, REMOVED):
        raise RefusedError(
            "bad_exception_type", "calendar_dates.exception_type", kind, "not 1 or 2"
        )
    days = calendar.dates.setdefault(service, set())
    if kind == ADDED:
        days.add(day)
        calendar.widen(day)
    else:
        days.discard(day)


def _day(table: Table, cells: list[str], column: str) -> date:
    text = cell(cells, table.columns[column])
    try:
        if not re.fullmatch("[0-9]{8}", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        name = f"{table.name}.{column}"
        raise RefusedError("bad_date", name, text, "not a date as YYYYMMDD") from None
