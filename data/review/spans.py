"""Days, weeks and months as the places of a chart: where they begin and end, how they are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from data.vocabulary import Grain

GRAINS = {"day": Grain.DAY, "week": Grain.WEEK, "month": Grain.MONTH}


@dataclass(frozen=True)
class Span:
    """One period. last: its last day."""

    grain: Grain
    first: date

    @property
    def last(self) -> date:
        """Return its last day."""
        return next_first(self.first, self.grain) - timedelta(days=1)

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def written(self) -> str:
        """Return it as addresses have it: 2026-11-18, 2026-W47, 2026-11."""
        if self.grain is Grain.WEEK:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}" if self.grain is Grain.MONTH else self.first.isoformat()

    def step(self, count: int) -> Span:
        """Return the period so many later, or earlier if below 0."""
        if self.grain is not Grain.MONTH:
            days = 7 if self.grain is Grain.WEEK else 1
            return Span(self.grain, self.first + timedelta(days=days * count))
        months = self.first.year * 12 + self.first.month - 1 + count
        return Span(self.grain, date(months // 12, months % 12 + 1, 1))


def span_of(day: date, grain: Grain) -> Span:
    """Return the period that a day lies in."""
    if grain is Grain.WEEK:
        return Span(grain, day - timedelta(days=day.weekday()))
    return Span(grain, day.replace(day=1) if grain is Grain.MONTH else day)


def next_first(first: date, grain: Grain) -> date:
    """Return the first day of the period after the one that begins on `first`."""
    return Span(grain, first).step(1).first


def spans(first: date, last: date, grain: Grain) -> list[Span]:
    """Return every period that holds a day from `first` to `last`, oldest first."""
    found, at = [], span_of(first, grain)
    while at.first <= last:
        found.append(at)
        at = at.step(1)
    return found


def place(every: Sequence[Span], day: date) -> int:
    """Return the place of the period that holds a day; before all 0, after all len."""
    for i, span in enumerate(every):
        if day <= span.last:
            return i
    return len(every)
