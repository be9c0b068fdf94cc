"""A period as a person writes it: now, 2026-11-18T10, 2026-11-18, 2026-W47, 2026-11."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from data.vocabulary import LOCAL, Grain, period_end

FORMS = "now, 2026-11-18T10, 2026-11-18, 2026-W47 or 2026-11"
_HOUR = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2})(?::00)?")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Period:
    """One local hour, day, ISO week or month; start in UTC."""

    grain: Grain
    start: datetime

    @property
    def end(self) -> datetime:
        """Return the instant it is over."""
        return period_end(self.start, self.grain).astimezone(UTC)

    @property
    def first_day(self) -> date:
        """Return its local first day: the key of its roll-up."""
        return self.start.astimezone(LOCAL).date()

    def written(self) -> str:
        """Return it as `read_period` reads it."""
        local = self.start.astimezone(LOCAL)
        if self.grain is Grain.MINUTE:
            return f"{local:%Y-%m-%dT%H:%M}"
        if self.grain is Grain.HOUR:
            return f"{local:%Y-%m-%dT%H}"
        if self.grain is Grain.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02d}"
        return f"{local:%Y-%m}" if self.grain is Grain.MONTH else f"{local:%Y-%m-%d}"


def read_period(text: str) -> Period | None:
    """Return the period, None for "now". Raises ValueError with the forms that are understood."""
    text = text.strip()
    if text.lower() == "now":
        return None
    try:
        return _read(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no period: {error or FORMS}") from error


def _read(text: str) -> Period:
    if found := _HOUR.fullmatch(text):
        year, month, day, hour = map(int, found.groups())
        return _local(Grain.HOUR, datetime(year, month, day, hour, tzinfo=LOCAL))
    if found := _DAY.fullmatch(text):
        return _local(Grain.DAY, midnight(date(*map(int, found.groups()))))
    if found := _WEEK.fullmatch(text):
        year, week = map(int, found.groups())
        return _local(Grain.WEEK, midnight(date.fromisocalendar(year, week, 1)))
    if found := _MONTH.fullmatch(text):
        year, month = map(int, found.groups())
        return _local(Grain.MONTH, midnight(date(year, month, 1)))
    raise ValueError(f"write {FORMS}")


def midnight(day: date) -> datetime:
    """Return the instant a local day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)


def _local(grain: Grain, at: datetime) -> Period:
    return Period(grain, at.astimezone(UTC))
