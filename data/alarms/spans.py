"""Stretches of time for which a condition held in the past. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

Place = tuple[str, str]
"""area, object"""


class Span(NamedTuple):
    """From start to end, None: it still holds. worst: the value farthest past the limit."""

    start: datetime
    end: datetime | None
    worst: float | None = None


Spans = dict[Place, list[Span]]
Worst = Callable[[float, float], float]
"""The worse of two values."""


def following(
    points: Iterable[tuple[datetime, datetime, float | None]],
    crossed: Callable[[float, bool], bool],
    worst: Worst,
) -> list[Span]:
    """Return when a condition held over a series of values; unknown values change nothing.

    Args:
        points: start and end of each period and its value, None where it is not known; in order.
        crossed: whether it holds for a value, given whether it held before.
        worst: the worse of two values.
    """
    found: list[Span] = []
    begun: datetime | None = None
    last, held_at = None, None
    for start, end, value in points:
        if value is None:
            continue
        if crossed(value, begun is not None):
            last = value if begun is None or last is None else worst(last, value)
            begun = begun or start
            held_at = end
        elif begun is not None:
            found.append(Span(begun, start, last))
            begun = None
    if begun is not None and held_at is not None:
        found.append(Span(begun, None, last))
    return found


def settled(spans: Sequence[Span], hold: timedelta, clear_hold: timedelta, until: datetime,
            worst: Worst) -> list[Span]:  # fmt: skip
    """Return what would have been raised: short breaks joined, what held too briefly left out."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        before = joined[-1] if joined else None
        if before and (before.end is None or span.start - before.end <= clear_hold):
            joined[-1] = _join(before, span, worst)
        else:
            joined.append(span)
    return [s for s in joined if (s.end or until) - s.start >= hold]


def _join(one: Span, other: Span, worst: Worst) -> Span:
    end = None if one.end is None or other.end is None else max(one.end, other.end)
    values = [x for x in (one.worst, other.worst) if x is not None]
    told = values[0] if len(values) == 1 else (worst(*values) if values else None)
    return Span(min(one.start, other.start), end, told)


def together(spans: Iterable[Span], least: int, until: datetime) -> list[Span]:
    """Return when at least `least` of some spans held at once; worst: the most that did."""
    moves: list[tuple[datetime, int]] = []
    for span in spans:
        moves += [(span.start, 1), (span.end or until, -1)]
    found: list[Span] = []
    level, most, begun = 0, 0, None
    for at, step in sorted(moves, key=lambda move: (move[0], -move[1])):
        level += step
        most = max(most, level) if begun else level
        if level >= least and begun is None:
            begun = at
        elif level < least and begun is not None:
            if at > begun:
                found.append(Span(begun, None if at >= until else at, float(most)))
            begun = None
    return found


def extended(spans: Iterable[Span], by: timedelta) -> list[Span]:
    """Return spans that count for a while after they ended, those that touch as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        longer = Span(span.start, None if span.end is None else span.end + by, span.worst)
        before = found[-1] if found else None
        if before is not None and (before.end is None or longer.start <= before.end):
            found[-1] = _join(before, longer, max)
        else:
            found.append(longer)
    return found


def within(spans: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """Return the spans that lie, at least in part, between two instants; none ends before since."""
    return [
        s._replace(start=max(s.start, since), end=s.end if s.end and s.end < until else None)
        for s in spans
        if s.start <= until and (s.end is None or s.end > since)
    ]


def by_area(spans: Spans) -> dict[str, list[Span]]:
    """Return the spans of each area, whatever their object."""
    found: dict[str, list[Span]] = defaultdict(list)
    for (area, _object), told in spans.items():
        found[area] += told
    return dict(found)
