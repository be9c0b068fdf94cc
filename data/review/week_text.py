"""An ISO week as it is written, "2026-W47", and its Monday."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from data.calendar.week import Week
from data.vocabulary import LOCAL


def monday(week: str) -> date:
    """Return the first day of a week. Raises WeekError on what is none, such as 2025-W53."""
    return Week.parse(week).first


def written(day: date) -> str:
    """Return the week a day is in, as `monday` reads it."""
    return str(Week.of(day))


def this_monday(now: datetime) -> date:
    """Return the Monday of the local week that runs."""
    today = now.astimezone(LOCAL).date()
    return today - timedelta(days=today.weekday())


def following(first: date) -> date:
    """Return the Monday after: from its local midnight on, a week is over."""
    return first + timedelta(days=7)
