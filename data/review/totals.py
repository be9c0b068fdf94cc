"""How many cases there were, came, came back and ended; the numbers always reconcile. Pure.

Time is cut at instants that rise: the beginning of the week before, and of every day of the week.
A place counts how many of these an instant has reached, so a case that came in the first day of the
week and ended after it goes from place 2 to place 9. What is open at an instant is what had come
by then and had not ended by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.vocabulary.review import Totals

BEFORE, LAST_WEEK, FIRST_DAY = 0, 1, 2


@dataclass(frozen=True)
class Stay:
    """Cases that were open from one place to another; end None: to this day.

    again: they were reopened, not reported, at the start. late: past their limit at the end of
    the week, unless they were set aside.
    """

    start: int
    end: int | None
    n: int = 1
    again: bool = False
    late: bool = False


@dataclass(frozen=True)
class Due:
    """Cases whose limit fell into a period, and those of them that ended in time."""

    due: int
    on_time: int


@dataclass(frozen=True)
class Flow:
    """What came, came back and ended in the places `start` up to, not with, `end`."""

    open_before: int
    new: int
    reopened: int
    closed: int

    @property
    def open(self) -> int:
        """What was open at its end."""
        return self.open_before + self.new + self.reopened - self.closed


def flow(stays: Iterable[Stay], start: int, end: int) -> Flow:
    """Return the flow of a stretch of places; an end before its start counts as at its start."""
    before = new = reopened = closed = 0
    for stay in stays:
        over = None if stay.end is None else max(stay.end, stay.start)
        if stay.start < start and (over is None or over >= start):
            before += stay.n
        if start <= stay.start < end:
            new += 0 if stay.again else stay.n
            reopened += stay.n if stay.again else 0
        if over is not None and start <= over < end:
            closed += stay.n
    return Flow(before, new, reopened, closed)


def totals(stays: Sequence[Stay], end: int, due: Due, last_due: Due) -> Totals:
    """Return the totals of the week from FIRST_DAY up to the place `end`, and of the one before."""
    this, last = flow(stays, FIRST_DAY, end), flow(stays, LAST_WEEK, FIRST_DAY)
    late = sum(s.n for s in stays if s.late and s.start < end and (s.end is None or s.end >= end))
    return Totals(
        before=this.open_before,
        new=this.new,
        reopened=this.reopened,
        closed=this.closed,
        open=this.open,
        late=late,
        due=due.due,
        on_time=due.on_time,
        last_new=last.new,
        last_closed=last.closed,
        last_due=last_due.due,
        last_on_time=last_due.on_time,
        last_open=last.open,
    )


def by_day(stays: Sequence[Stay], end: int) -> list[tuple[int, int]]:
    """Return (come or come back, ended) of each day of the week."""
    found = [flow(stays, day, day + 1) for day in range(FIRST_DAY, end)]
    return [(one.new + one.reopened, one.closed) for one in found]


def stays_of(
    reported: datetime, moves: Iterable[tuple[datetime, bool]], cuts: Sequence[datetime]
) -> list[Stay]:
    """Return the stays of a case that was reopened.

    Args:
        reported: when it came.
        moves: in the order they happened, (when, True if it ended and False if it was reopened);
            a time before the one before it counts as the same time.
        cuts: the instants, rising.
    """
    found: list[Stay] = []
    start: datetime | None = reported
    at, again = reported, False
    for when, ends in moves:
        at = max(at, when)
        if ends and start is not None:
            found.append(Stay(place(start, cuts), place(at, cuts), again=again))
            start = None
        elif not ends and start is None:
            start, again = at, True
    if start is not None:
        found.append(Stay(place(start, cuts), None, again=again))
    return found


def place(at: datetime, cuts: Sequence[datetime]) -> int:
    """Return how many of the cuts an instant has reached."""
    return sum(at >= cut for cut in cuts)
