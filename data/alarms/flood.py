"""When more alarms come than a person can answer: the flood of ISA-18.2 and EEMUA 191.

A flood begins with the tenth new alarm within ten minutes and lasts until there are fewer than
five within ten minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SPAN = timedelta(minutes=10)
BEGINS = 10
"""So many new alarms within SPAN: a flood."""
ENDS = 5
"""Fewer than these within SPAN: it is over."""


@dataclass(frozen=True)
class Spell:
    """One flood. until None: it goes on."""

    since: datetime
    until: datetime | None
    alarms: int


def floods(raised: Iterable[tuple[datetime, int]], now: datetime) -> list[Spell]:
    """Return the floods among new alarms: when, and how many at that instant, oldest first.

    Instants after now, of a clock that was put back, count as now.
    """
    window: deque[tuple[datetime, int]] = deque()
    inside, found = 0, list[Spell]()
    since: datetime | None = None
    total = 0
    for at, count in sorted((min(at, now), count) for at, count in raised):
        ended, inside = _shrink(window, inside, at, flood=since is not None)
        if since is not None and ended is not None:
            found.append(Spell(since, ended, total))
            since = None
        window.append((at, count))
        inside += count
        total += count
        if since is None and inside >= BEGINS:
            since, total = at, inside
    if since is not None:
        ended, _ = _shrink(window, inside, now, flood=True)
        found.append(Spell(since, ended, total))
    return found


def _shrink(
    window: deque[tuple[datetime, int]], inside: int, at: datetime, *, flood: bool
) -> tuple[datetime | None, int]:
    """Drop what is older than SPAN; return when a flood was over by that, and how many are left."""
    ended: datetime | None = None
    while window and window[0][0] <= at - SPAN:
        gone, count = window.popleft()
        inside -= count
        if flood and ended is None and inside < ENDS:
            ended = gone + SPAN
    return ended, inside
