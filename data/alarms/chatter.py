"""When an alarm comes and goes so often that it says nothing any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from data.vocabulary.alarms import AlarmAct

LIMITS = ((timedelta(minutes=1), 3), (timedelta(minutes=10), 5))
"""Within this time, so many ends of the condition: the alarm chatters."""
LOOK_BACK = max(span for span, _ in LIMITS)

ENDS = frozenset({AlarmAct.RETURN, AlarmAct.EASE})
"""What counts: each time it went away, or eased only to get graver again."""


def ends_of(events: Iterable[tuple[AlarmAct, datetime]]) -> list[datetime]:
    """Return when a condition ended, of an alarm's events oldest first.

    What was before a person reset it does not count.
    """
    found: list[datetime] = []
    for act, at in events:
        if act is AlarmAct.RESET:
            found = []
        elif act in ENDS:
            found.append(at)
    return found


def chatters(ends: Iterable[datetime], now: datetime) -> bool:
    """Return whether a condition that ended at these instants comes and goes too often.

    Instants after now (the clock was put back) count as now.
    """
    ages = [max(now - at, timedelta(0)) for at in ends]
    return any(sum(1 for age in ages if age <= span) >= most for span, most in LIMITS)
