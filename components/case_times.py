"""Times and lengths as a case's page writes them: to the minute, and so that sums add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html

from components.formats import MISSING, day_time, full_time
from components.i18n import _
from components.ids import marks

DAY_MIN, HOUR_MIN = 1440, 60


def full(at: datetime | None) -> str:
    """Return YYYY-MM-DD HH:MM, local."""
    return MISSING if at is None else full_time(at.timestamp())[:16]


def short(at: datetime | None) -> str:
    """Return MM-DD HH:MM, local."""
    return day_time(None if at is None else at.timestamp())


def length(minutes: int) -> str:
    """Return whole minutes as days, hours and minutes, nothing rounded away."""
    days, rest = divmod(max(minutes, 0), DAY_MIN)
    hours, left = divmod(rest, HOUR_MIN)
    if days:
        return _("{d} d {h} h {m} min").format(d=days, h=hours, m=left)
    if hours:
        return _("{h} h {m} min").format(h=hours, m=left)
    return _("{n} min").format(n=left)


def between(start: datetime, end: datetime) -> str:
    """Return the length of a stretch of time."""
    return length(int((end - start).total_seconds() // 60))


def whole_minutes(seconds: Sequence[float]) -> list[int]:
    """Return whole minutes that add up to the whole minutes of the sum.

    The minutes lost to rounding go where most was lost.
    """
    floors = [int(s // 60) for s in seconds]
    missing = int(sum(seconds) // 60) - sum(floors)
    by_loss = sorted(range(len(floors)), key=lambda i: -(seconds[i] % 60))
    for i in by_loss[:missing]:
        floors[i] += 1
    return floors


def stamp(at: datetime | None, *, brief: bool = False) -> html.Time:
    """Return a time; the whole of it is its title."""
    written = short(at) if brief else full(at)
    return html.Time(written, title=full_time(at.timestamp()) if at else None)


def ticking(due_at: datetime | None) -> html.Span:
    """Return the place where the browser counts down to a time; the time is its title."""
    if due_at is None:
        return html.Span(_("No deadline"), className="dim2")
    due = {"data-due": due_at.timestamp()}
    return html.Span(className="due", title=full(due_at), **marks(due))
