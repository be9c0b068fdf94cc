"""An ISO week as it is written, "2026-W47", and its Monday."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from data.vocabulary import LOCAL

_FORM = re.compile(r"(\d{4})-?[Ww](\d{2})")


def monday(week: str) -> date:
    """Return the first day of a week. Raises ValueError on what is none, such as 2025-W53."""
    found = _FORM.fullmatch(week.strip())
    if found is None:
        raise ValueError(f"{week[:20]!r} is no week: write it as 2026-W47")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise ValueError(f"{week[:20]!r} is no week: there is none of that number") from error


def written(day: date) -> str:
    """Return the week a day is in, as `monday` reads it."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def this_monday(now: datetime) -> date:
    """Return the Monday of the local week that runs."""
    today = now.astimezone(LOCAL).date()
    return today - timedelta(days=today.weekday())


def following(first: date) -> date:
    """Return the Monday after: from its local midnight on, a week is over."""
    return first + timedelta(days=7)
