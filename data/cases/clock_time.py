"""Places on the local calendar, and how much of a day a clock counts before them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from data.catalogue.clock_rule import ClockRule
from data.vocabulary import LOCAL

Place = tuple[date, int]
"""A local day and the second of it, 0 to 86 400."""


def place_of(at: datetime) -> Place:
    """Return the place of an instant; what it has beyond its second is cut off."""
    local = at.astimezone(LOCAL)
    return local.date(), local.hour * 3600 + local.minute * 60 + local.second


def instant_of(place: Place) -> datetime:
    """Return the instant of a place, in UTC."""
    day, second = place
    return (datetime.combine(day, time(), LOCAL) + timedelta(seconds=second)).astimezone(UTC)


def used(rule: ClockRule, second: int) -> int:
    """Return the counted seconds of a counted day before `second`."""
    counted = 0
    for start, end in rule.windows:
        if second <= start:
            break
        counted += min(second, end) - start
    return counted


def second_at(rule: ClockRule, counted: int) -> int:
    """Return the first second of a counted day at which `counted` (at least 1) have counted."""
    for start, end in rule.windows:
        if counted <= end - start:
            return start + counted
        counted -= end - start
    raise ValueError("a day has not so much counted time")
