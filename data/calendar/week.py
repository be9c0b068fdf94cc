"""ISO weeks: Monday to Sunday, the first of a year holds its 4 January; 52 or 53 to a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_FORM = re.compile(r"([0-9]{4})-?W([0-9]{2})")


class WeekError(ValueError):
    """What was said is no week; the message says why and what is allowed."""


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week; earlier ones are less. year: the ISO year, near new year not always the day's.

    Raises:
        WeekError: the year has no such week.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.year <= date.max.year - 1:
            raise WeekError(f"year {self.year} of a week: must be 1 to {date.max.year - 1}")
        weeks = weeks_of(self.year)
        if not 1 <= self.number <= weeks:
            raise WeekError(f"{self.year}-W{self.number:02}: {self.year} has weeks 1 to {weeks}")

    @classmethod
    def parse(cls, text: str) -> Week:
        """Return the week written 2026-W47 or 2026W47. Raises WeekError on anything else."""
        found = _FORM.fullmatch(text.strip().upper())
        if found is None:
            raise WeekError(f"{text!r} is no week: write it as 2026-W47")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Week:
        """Return the week that `day` is in."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @property
    def first(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        return tuple(self.first + timedelta(days=n) for n in range(7))

    def __add__(self, weeks: int) -> Week:
        """Return the week so many weeks later."""
        return Week.of(self.first + timedelta(weeks=weeks))

    def __sub__(self, weeks: int) -> Week:
        """Return the week so many weeks before."""
        return self + -weeks

    def until(self, later: Week) -> int:
        """Return how many weeks `later` is after this one; negative if it is before."""
        return (later.first - self.first).days // 7

    def year_before(self) -> Week | None:
        """Return the week of the same number a year before; None: that year has no week 53."""
        if self.number > weeks_of(self.year - 1):
            return None
        return Week(self.year - 1, self.number)

    def __str__(self) -> str:
        """Return it as 2026-W47."""
        return f"{self.year:04}-W{self.number:02}"


def weeks_of(year: int) -> int:
    """Return how many ISO weeks `year` has: 28 December is always in its last."""
    return date(year, 12, 28).isocalendar().week


def weeks_between(first: Week, last: Week) -> Iterator[Week]:
    """Yield the weeks from `first` up to and with `last`; none if it is before."""
    for n in range(first.until(last) + 1):
        yield first + n
