"""What one day is, and what a year's days are taken from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data.vocabulary import Names


class DayKind(StrEnum):
    """What a day is: worked are WORKDAY and MAKE_UP, off are WEEKEND and HOLIDAY."""

    WORKDAY = "workday"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKE_UP})


@dataclass(frozen=True)
class Day:
    """One day. name: of the holiday, or of the one a make-up day makes up for; None otherwise.

    notice: the number of the notice that says so, "" when the library or the week does.
    """

    date: date
    kind: DayKind
    key: str = ""
    name: Names | None = None
    notice: str = ""

    @property
    def worked(self) -> bool:
        """Whether offices work on it."""
        return self.kind in WORKED


class BasisKind(StrEnum):
    """What the days of a year are taken from.

    FIXED: no notice is known for the year, so only the days the law fixes are off, and no
    make-up day is known. Whoever shows a due time of such a year must say so.
    """

    NOTICE = "notice"
    LIBRARY = "library"
    FIXED = "fixed"


@dataclass(frozen=True)
class Basis:
    """What one year is based on. notice: its number, "" unless kind is NOTICE."""

    year: int
    kind: BasisKind
    notice: str = ""

    def __str__(self) -> str:
        """Return it in one English phrase; components word it for people."""
        if self.kind is BasisKind.NOTICE:
            return f"notice {self.notice}"
        if self.kind is BasisKind.LIBRARY:
            return "library"
        return "not published yet: only fixed days"
