"""Displays: what each told last, and how it does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from data import models as m
from data.vocabulary.screens import ScreenRow, ScreenState

s = m.screen.c
LATE, LOST, FROZEN = timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=120)
"""Since the last beat, and since the last painting of one that beats. A beat comes each 15 s and is
written each 30 s: one that is late missed two."""
FORGOTTEN = timedelta(days=7)
"""A display that nobody named and that closed is listed no longer after so long."""
MOST = 500
_X = ScreenState
ORDER = [x.value for x in (_X.LOST, _X.FROZEN, _X.LATE, _X.FRESH, _X.CLOSED, _X.RETIRED)]
"""As they are listed."""


def screen_rows(conn: Connection, now: datetime, *, build: str = "") -> list[ScreenRow]:
    """Return displays, those in trouble first. build: the server's own."""
    closed = or_(s.closed_at.is_(None), s.closed_at > now - FORGOTTEN, s.named_at.is_not(None))
    gone = or_(s.retired_at.is_(None), s.retired_at > now - FORGOTTEN)
    rows = conn.execute(
        select(m.screen).where(closed, gone).order_by(s.seen_at.desc()).limit(MOST)
    ).all()
    found = [_row(row, now, build) for row in rows]
    return sorted(found, key=lambda r: (ORDER.index(r["state"]), r["name"], r["id"]))


def lost_screens(conn: Connection, now: datetime) -> int:
    """Return how many displays are lost or frozen."""
    watched = _watched()
    lost = or_(s.seen_at < now - LOST, s.painted_at < now - FROZEN)
    return int(
        conn.execute(select(func.count()).select_from(m.screen).where(watched, lost)).scalar_one()
    )


def watched_screens(conn: Connection) -> list[Any]:
    """Return the rows of displays that somebody waits for."""
    return list(conn.execute(select(m.screen).where(_watched()).order_by(s.id).limit(MOST)).all())


def unwatched_screens(conn: Connection, since: datetime) -> list[str]:
    """Return the ids of displays that were closed or retired after `since`."""
    over = or_(s.retired_at >= since, s.closed_at >= since, s.revoked_at >= since)
    return list(conn.scalars(select(s.id).where(over, ~_watched()).order_by(s.id).limit(MOST)))


def state_of(row: Any, now: datetime) -> ScreenState:
    """Return how one display does. A beat from the future counts as one of now."""
    if row.retired_at is not None or row.revoked_at is not None:
        return ScreenState.RETIRED
    if row.closed_at is not None and row.named_at is None and row.enrolled_at is None:
        return ScreenState.CLOSED
    age = now - row.seen_at
    if age >= LOST:
        return ScreenState.LOST
    if row.painted_at is not None and now - row.painted_at >= FROZEN:
        return ScreenState.FROZEN
    return ScreenState.LATE if age >= LATE else ScreenState.FRESH


def _watched() -> Any:
    """Return which displays alarm: not retired; one that was closed only if it has a name.

    Who opens the wall for a look and closes it again has lost nothing.
    """
    kept = or_(s.closed_at.is_(None), s.named_at.is_not(None), s.enrolled_at.is_not(None))
    return s.retired_at.is_(None) & s.revoked_at.is_(None) & kept


def _row(row: Any, now: datetime, build: str) -> ScreenRow:
    return {
        "id": row.id,
        "name": row.name,
        "page": row.page,
        "build": row.build,
        "other_build": bool(build and row.build and row.build != build),
        "state": state_of(row, now).value,
        "seen_at": row.seen_at.timestamp(),
        "painted_at": row.painted_at.timestamp() if row.painted_at else None,
        "memory_mb": row.memory_mb,
        "size": f"{row.width}×{row.height}" if row.width and row.height else "",
        "origin": row.origin,
    }
