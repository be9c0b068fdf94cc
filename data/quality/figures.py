"""Shares of a reporting unit: completeness, timeliness, validity. Always Σ over Σ."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.vocabulary import LOCAL, Grain, period_end

STEP_S = {Grain.MINUTE: 60, Grain.HOUR: 3600}


def share(part: float, whole: float) -> float | None:
    """Return part of whole in percent, None when the whole is nothing; never above 100."""
    return None if whole <= 0 else min(100.0, 100.0 * part / whole)


def expected_in_hour(grain: Grain, every_s: int) -> int:
    """Return how many periods an hour should bring: one, or one a poll but at most one a minute."""
    return 3600 // max(60, min(every_s, 3600)) if grain is Grain.MINUTE else 1


def periods(grain: Grain, start: datetime, end: datetime) -> list[datetime]:
    """Return the starts of the whole local periods that lie in [start, end)."""
    local = start.astimezone(LOCAL)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain in STEP_S:
        step = STEP_S[grain]
        first = datetime.fromtimestamp(-(-int(start.timestamp()) // step) * step, LOCAL)
    elif grain is Grain.DAY:
        first = midnight if midnight == local else midnight + timedelta(days=1)
    elif grain is Grain.WEEK:
        first = midnight - timedelta(days=midnight.weekday())
        first = first if first >= local else first + timedelta(days=7)
    else:
        first = midnight.replace(day=1)
        first = first if first >= local else (first + timedelta(days=32)).replace(day=1)
    found = []
    while (over := period_end(first, grain)) <= end:
        found.append(first)
        first = over.astimezone(LOCAL)
    return found
