"""Which weeks a review looks back on, and where their limits begin anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from data.calendar.week import Week
from data.catalogue.entries import Indicator

YEARS_BACK = 2
SPARK_WEEKS = 26
WEEK = timedelta(days=7)


def history_first(week: Week) -> date:
    """Return the first Monday of the weeks that limits stand on.

    The first week of the year before last, so 105 to 157 weeks: a start that moved with every
    week would move frozen limits with it, and reading a dozen years to find the same would not
    stay fast.
    """
    return Week(week.year - YEARS_BACK, 1).first


@dataclass(frozen=True)
class Cuts:
    """Where a series of weeks is cut.

    starts: places where a new segment begins. mixed: places of weeks that are of both
    definitions and of neither. days: the days themselves.
    """

    starts: tuple[int, ...]
    mixed: tuple[int, ...]
    days: tuple[date, ...]

    def between(self, then: date, now: date) -> bool:
        """Return whether a definition changed after `then` and up to `now`."""
        return any(then < day <= now for day in self.days)


def cuts_of(indicator: Indicator, versions: Iterable[date], first: date) -> Cuts:
    """Return where an indicator's series is cut; what was bridged is not.

    versions: from which days on its later definitions hold. first: Monday of place 0.
    """
    bridged = {one.on for one in indicator.breaks if one.bridged is not None}
    told = {one.on for one in indicator.breaks} | set(versions)
    if indicator.version > 1:
        told.add(indicator.valid_from)
    days = sorted(day for day in told - bridged if day > first)
    return Cuts(
        starts=tuple(sorted({-((first - day).days // 7) for day in days})),
        mixed=tuple(sorted({(day - first).days // 7 for day in days if day.weekday()})),
        days=tuple(days),
    )


def week_starts(first: date, weeks: int) -> Sequence[date]:
    """Return the Mondays of so many weeks."""
    return [first + n * WEEK for n in range(weeks)]
