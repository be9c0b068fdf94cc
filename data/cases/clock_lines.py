"""The stretches of time between two places, one after the other: counted, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from data.calendar import Calendar, Day, DayKind
from data.cases.clock_time import Place, instant_of, used
from data.cases.due import Line, LineKind
from data.catalogue.clock_rule import DAY, ClockRule
from data.vocabulary import ClockKind, Names


class _Stretch(NamedTuple):
    """A line before it is one: start and end in local seconds since the year 1."""

    start: int
    end: int
    kind: LineKind
    seconds: int
    days: int
    day: DayKind
    name: Names | None


def lines_between(
    rule: ClockRule, begin: Place, end: Place, calendar: Calendar
) -> tuple[Line, ...]:
    """Return the lines from `begin` to `end`, without a gap; alike neighbours are one line.

    A whole counted day is one stretch, with its nights and lunch; only of the day that is
    begun or ended in its middle are they told apart.
    """
    joined: list[_Stretch] = []
    for one in _stretches(rule, begin, end, calendar):
        last = joined[-1] if joined else None
        if one.end == one.start:
            continue
        if last and last.kind is one.kind and last[5:] == one[5:]:
            seconds, days = last.seconds + one.seconds, last.days + one.days
            joined[-1] = last._replace(end=one.end, seconds=seconds, days=days)
        else:
            joined.append(one)
    return tuple(_line(one) for one in joined)


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Join neighbours that say the same."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and _alike(last, line):
            seconds, days = last.seconds + line.seconds, last.days + line.days
            found[-1] = replace(last, end=line.end, seconds=seconds, days=days)
        else:
            found.append(line)
    return tuple(found)


def _alike(last: Line, line: Line) -> bool:
    same = (last.kind, last.day, last.name) == (line.kind, line.day, line.name)
    return same and last.end == line.start and line.kind is not LineKind.EXTENDED


def _stretches(rule: ClockRule, begin: Place, end: Place, calendar: Calendar) -> Iterator[_Stretch]:
    """Yield what each day is, one after the other; some may have no length."""
    day, first = begin
    while day <= end[0]:
        last = end[1] if day == end[0] else DAY
        what = calendar.day(day)
        if calendar.is_off(day, rule.kind):
            kind = LineKind.HOLIDAY if what.kind is DayKind.HOLIDAY else LineKind.WEEKEND
            yield _stretch(kind, what, first, last)
        else:
            yield from _counted_day(rule, what, first, last)
        day, first = day + timedelta(days=1), 0


def _counted_day(rule: ClockRule, what: Day, first: int, last: int) -> Iterator[_Stretch]:
    """Yield a counted day from second `first` to `last`: whole, or window by window."""
    made_up = what.kind is DayKind.MAKE_UP and rule.kind is not ClockKind.CONTINUOUS
    plain = Day(what.date, DayKind.WORKDAY)
    counted = what if made_up else plain
    seconds = used(rule, last) - used(rule, first)
    if seconds == rule.day_seconds and (rule.by_days or (first, last) == (0, DAY)):
        yield _stretch(LineKind.COUNTED, counted, first, last, seconds=seconds, days=1)
        return
    at = first
    for n, (start, end) in enumerate(rule.windows):
        begin = max(at, min(start, last))
        yield _stretch(LineKind.LUNCH if n else LineKind.NIGHT, plain, at, begin)
        at = max(begin, min(end, last))
        yield _stretch(LineKind.COUNTED, counted, begin, at, seconds=at - begin)
    yield _stretch(LineKind.NIGHT, plain, at, max(at, last))


def _stretch(
    kind: LineKind, day: Day, first: int, last: int, *, seconds: int = 0, days: int = 0
) -> _Stretch:
    midnight = day.date.toordinal() * DAY
    return _Stretch(midnight + first, midnight + last, kind, seconds, days, day.kind, day.name)


def _line(one: _Stretch) -> Line:
    start, end = (
        instant_of((date.fromordinal(at // DAY), at % DAY)) for at in (one.start, one.end)
    )
    return Line(one.kind, start, end, one.seconds, one.days, one.day, one.name)
