"""The stretches of time between two places, one after the other: counted, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from data.calendar import Calendar, Day, DayKind
from data.cases.clock_time import Place, instant_of, used
from data.cases.due import Line, LineKind
from data.catalogue.clock_rule import DAY, ClockRule
from data.vocabulary import ClockKind


def lines_between(
    rule: ClockRule, begin: Place, end: Place, calendar: Calendar
) -> tuple[Line, ...]:
    """Return the lines from `begin` to `end`, without a gap; alike neighbours are one line.

    A whole counted day is one stretch, with its nights and lunch; only of the day that is
    begun or ended in its middle are they told apart.
    """
    return merged(line for line in _lines(rule, begin, end, calendar) if line.end > line.start)


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Join neighbours that say the same."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and _alike(last, line):
            found[-1] = replace(
                last,
                end=line.end,
                seconds=last.seconds + line.seconds,
                days=last.days + line.days,
            )
        else:
            found.append(line)
    return tuple(found)


def _alike(last: Line, line: Line) -> bool:
    same = (last.kind, last.day, last.name) == (line.kind, line.day, line.name)
    return same and last.end == line.start and line.kind is not LineKind.EXTENDED


def _lines(rule: ClockRule, begin: Place, end: Place, calendar: Calendar) -> Iterator[Line]:
    day, first = begin
    while day <= end[0]:
        last = end[1] if day == end[0] else DAY
        what = calendar.day(day)
        if calendar.is_off(day, rule.kind):
            kind = LineKind.HOLIDAY if what.kind is DayKind.HOLIDAY else LineKind.WEEKEND
            yield _line(kind, what, first, last)
        else:
            yield from _counted_day(rule, what, first, last)
        day, first = day + timedelta(days=1), 0


def _counted_day(rule: ClockRule, what: Day, first: int, last: int) -> Iterator[Line]:
    """Yield a counted day from second `first` to `last`: whole, or window by window."""
    made_up = what.kind is DayKind.MAKE_UP and rule.kind is not ClockKind.CONTINUOUS
    plain = Day(what.date, DayKind.WORKDAY)
    counted = Day(what.date, DayKind.MAKE_UP, name=what.name) if made_up else plain
    seconds = used(rule, last) - used(rule, first)
    if seconds == rule.day_seconds and (rule.by_days or (first, last) == (0, DAY)):
        yield _line(LineKind.COUNTED, counted, first, last, seconds=seconds, days=1)
        return
    at = first
    for n, (start, end) in enumerate(rule.windows):
        begin = max(at, min(start, last))
        yield _line(LineKind.LUNCH if n else LineKind.NIGHT, plain, at, begin)
        at = max(begin, min(end, last))
        yield _line(LineKind.COUNTED, counted, begin, at, seconds=at - begin)
    yield _line(LineKind.NIGHT, plain, at, max(at, last))


def _line(
    kind: LineKind, day: Day, first: int, last: int, *, seconds: int = 0, days: int = 0
) -> Line:
    start, end = instant_of((day.date, first)), instant_of((day.date, last))
    return Line(kind, start, end, seconds, days, day.kind, day.name)
