"""When is a case due, and why? Counts time as the rule and the calendar say. Pure, no clock.

Instants are whole seconds; what a start has beyond its second is cut off. Days and times of
day are local (Asia/Shanghai, which has no summer time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from data.calendar import Basis, Calendar
from data.cases.clock_lines import lines_between, merged
from data.cases.clock_time import Place, instant_of, place_of, second_at, used
from data.cases.due import Due, Line, LineKind
from data.catalogue.clock_rule import ClockRule, Unit

__all__ = [
    "ClockRule", "Due", "Line", "LineKind", "Running", "Standing", "due", "due_at", "elapsed",
    "evaluate", "extend", "left", "remind", "standing", "suspend",
]  # fmt: skip


class Running(NamedTuple):
    """A clock that runs: its rule, when it was started, when it is due now."""

    rule: ClockRule
    start: datetime
    due_at: datetime


class Standing(NamedTuple):
    """Where a running clock stands: counted time used and left; left is below 0 when late."""

    elapsed: timedelta
    left: timedelta


def due(rule: ClockRule, start: datetime, calendar: Calendar) -> Due:
    """Return when what starts at `start` is due, with the lines that explain it.

    The counted seconds of the lines add up to the amount of the rule, and the lines follow
    each other without a gap from the start to the due time.
    """
    begin, origin = place_of(start), _origin(rule, start)
    end = _forward(rule, origin, rule.seconds, calendar)
    lines = _explained(rule, begin, origin, end, calendar)
    return Due(
        due_at=instant_of(end),
        rule=rule,
        start=instant_of(begin),
        counted_from=instant_of(origin),
        seconds=rule.seconds,
        calendar_version=calendar.version,
        bases=_bases(calendar, begin, end),
        lines=lines,
    )


def due_at(rule: ClockRule, start: datetime, calendar: Calendar) -> datetime:
    """Return the due time alone, for many cases at once."""
    return instant_of(_forward(rule, _origin(rule, start), rule.seconds, calendar))


def elapsed(rule: ClockRule, start: datetime, now: datetime, calendar: Calendar) -> timedelta:
    """Return the counted time from `start` to `now`; 0 before it begins to count.

    A rule that counts the day of the start as a whole has used what went before on that day.
    """
    return timedelta(seconds=max(_counted(rule, _origin(rule, start), place_of(now), calendar), 0))


def left(
    rule: ClockRule, start: datetime, due_at: datetime, now: datetime, calendar: Calendar
) -> timedelta:
    """Return the counted time from `now` to `due_at`; below 0 once it is late.

    due_at: the time in force, moved or not. start: what is before counting began is not left.
    """
    since = max(_origin(rule, start), place_of(now))
    return timedelta(seconds=_counted(rule, since, place_of(due_at), calendar))


def evaluate(running: Iterable[Running], now: datetime, calendar: Calendar) -> list[Standing]:
    """Return where many clocks stand at `now`, in their order."""
    here, found = place_of(now), []
    second = now.replace(microsecond=0)
    for rule, start, end in running:
        if rule.plain:
            found.append(_plain(start, end, second))  # most clocks; a third of the time
            continue
        origin = _origin(rule, start)
        spent = max(_counted(rule, origin, here, calendar), 0)
        rest = _counted(rule, max(origin, here), place_of(end), calendar)
        found.append(Standing(timedelta(seconds=spent), timedelta(seconds=rest)))
    return found


def _plain(start: datetime, end: datetime, now: datetime) -> Standing:
    """Return where a clock stands that every second counts for; now: a whole second."""
    begun = start.replace(microsecond=0)
    return Standing(max(now - begun, timedelta(0)), end.replace(microsecond=0) - max(now, begun))


def standing(given: Due, now: datetime, calendar: Calendar) -> Standing:
    """Return where one due time stands, extended and suspended as its lines say."""
    if now >= given.due_at:
        late = _counted(given.rule, place_of(given.due_at), place_of(now), calendar)
        return Standing(timedelta(seconds=given.seconds + late), timedelta(seconds=-late))
    used_up, here = 0, place_of(now)
    for line in given.lines:
        if line.end <= now:
            used_up += line.seconds
        elif line.start <= now and line.kind is LineKind.COUNTED:
            used_up += _counted(given.rule, place_of(line.start), here, calendar)
    return Standing(timedelta(seconds=used_up), timedelta(seconds=given.seconds - used_up))


def extend(before: Due, amount: float, unit: Unit, calendar: Calendar) -> Due:
    """Return `before` with `amount` more, counted on from its due time.

    The caller keeps the approval; without one a due time never moves.
    """
    seconds = before.rule.seconds_of(amount, unit)
    if seconds < 1:
        raise ValueError("an extension needs an amount above 0")
    here = place_of(before.due_at)
    end = _forward(before.rule, here, seconds, calendar)
    mark = Line(LineKind.EXTENDED, before.due_at, before.due_at, added=f"{amount:g} {unit}")
    more = lines_between(before.rule, here, end, calendar)
    return replace(
        before,
        due_at=instant_of(end),
        seconds=before.seconds + seconds,
        calendar_version=calendar.version,
        bases=_joined(before.bases, _bases(calendar, here, end)),
        lines=(*before.lines, mark, *more),
    )


def suspend(before: Due, since: datetime, until: datetime, calendar: Calendar) -> Due:
    """Return `before` moved because the clock stood still from `since` to `until`.

    A clock of whole days leaves out the days of both, as it leaves out the day of its start.
    What was suspended after the due time moves nothing.
    """
    rule, last = before.rule, place_of(before.due_at)
    stop, go = max(place_of(since), place_of(before.start)), place_of(until)
    if stop >= last or go <= stop:
        return before
    if rule.by_days:
        stop, go = (stop[0], 0), (go[0] + timedelta(days=1), 0)
    origin = place_of(before.counted_from)
    rest = _counted(rule, max(stop, origin), last, calendar)
    end = _forward(rule, go, rest, calendar)
    kept = _cut(before, instant_of(stop), calendar)
    still = Line(LineKind.SUSPENDED, max(instant_of(stop), before.start), instant_of(go))
    more = lines_between(rule, go, end, calendar)
    return replace(
        before,
        due_at=instant_of(end),
        calendar_version=calendar.version,
        bases=_joined(before.bases, _bases(calendar, go, end)),
        lines=(*kept, still, *more),
    )


def remind(given: Due, share: float, calendar: Calendar) -> datetime:
    """Return when `share` (0 to 1) of the time of a clock is used up, never after it is due."""
    if not 0 < share <= 1:
        raise ValueError("a share is above 0 and at most 1")
    rest = given.seconds - round(given.seconds * share)
    if rest < 1:
        return given.due_at
    for line in reversed(given.lines):
        if line.seconds >= rest:
            at = _forward(given.rule, place_of(line.start), line.seconds - rest, calendar)
            return min(instant_of(at), given.due_at)
        rest -= line.seconds
    return given.counted_from


def _origin(rule: ClockRule, start: datetime) -> Place:
    """Return where counting begins: the start, the next day, or the day of the start."""
    day, second = place_of(start)
    if not rule.by_days:
        return day, second
    missed = rule.count_from == "next_day" or second >= rule.windows[-1][1]
    return (day + timedelta(days=1) if missed else day), 0


def _forward(rule: ClockRule, origin: Place, seconds: int, calendar: Calendar) -> Place:
    """Return the first place at which `seconds` have been counted since `origin`."""
    day, second = origin
    if seconds < 1:
        return origin
    before = used(rule, second)
    if not calendar.is_off(day, rule.kind):
        if before + seconds <= rule.day_seconds:
            return day, second_at(rule, before + seconds)
        seconds -= rule.day_seconds - before
    whole = (seconds - 1) // rule.day_seconds
    last = calendar.nth(rule.kind, day, whole + 1)
    return last, second_at(rule, seconds - whole * rule.day_seconds)


def _counted(rule: ClockRule, since: Place, until: Place, calendar: Calendar) -> int:
    """Return the counted seconds between two places; below 0 if they are the other way round."""
    if until < since:
        return -_counted(rule, until, since, calendar)
    (first, a), (last, b) = since, until
    days, first_counts, last_counts = calendar.span(rule.kind, first, last)
    total = days * rule.day_seconds
    if first_counts:
        total -= used(rule, a)
    if last_counts:
        total += used(rule, b)
    return total


def _explained(
    rule: ClockRule, begin: Place, origin: Place, end: Place, calendar: Calendar
) -> tuple[Line, ...]:
    """Return the lines from the start to the end; the day of the start is named as left out."""
    if origin <= begin or calendar.is_off(begin[0], rule.kind):
        return lines_between(rule, min(begin, origin), end, calendar)
    first = Line(LineKind.START_DAY, instant_of(begin), instant_of(origin))
    return first, *lines_between(rule, origin, end, calendar)


def _cut(given: Due, at: datetime, calendar: Calendar) -> tuple[Line, ...]:
    """Return the lines before `at`, the last one cut there."""
    kept: list[Line] = []
    for line in given.lines:
        if line.end <= at:
            kept.append(line)
        elif line.start < at:
            counts = line.kind is LineKind.COUNTED
            again = lines_between(given.rule, place_of(line.start), place_of(at), calendar)
            kept += again if counts else [replace(line, end=at)]
    return merged(kept)


def _bases(calendar: Calendar, begin: Place, end: Place) -> tuple[Basis, ...]:
    return tuple(calendar.basis(y) for y in range(begin[0].year, end[0].year + 1))


def _joined(first: tuple[Basis, ...], more: tuple[Basis, ...]) -> tuple[Basis, ...]:
    return tuple(dict.fromkeys((*first, *more)))
