"""Promises and what was done about them, as the store keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from data import models as m
from data.review.promises import Act, Standing, Step, followed, replay
from data.review.week_text import written
from data.vocabulary.meeting import PromiseEvent

p, e = m.promise.c, m.promise_event.c


@dataclass(frozen=True)
class Kept:
    """A promise: its row, how it stands by its history, and the history, oldest first."""

    row: Row[Any]
    now: Standing
    history: list[PromiseEvent]


def promise_of(conn: Connection, number: int) -> Kept | None:
    """Return one promise, None if there is none of this number."""
    return next(iter(_kept(conn, conn.execute(_ONE, {"id": number}).all())), None)


def followed_in(conn: Connection, area: int, week: date) -> list[Kept]:
    """Return what the meeting of a week follows in the review of an area (its row id)."""
    rows = conn.execute(_MADE, {"area": area, "week": week}).all()
    return [one for one in _kept(conn, rows) if followed(one.now, week)]


# Made once: to build a statement costs more than to ask it.
_ONE = select(m.promise).where(p.id == bindparam("id"))
_MADE = (
    select(m.promise)
    .where(p.area_id == bindparam("area"), p.made_week <= bindparam("week"))
    .order_by(p.id)
)
_EVENTS = (
    select(m.promise_event).where(e.promise_id.in_(bindparam("ids", expanding=True))).order_by(e.id)
)
PART = 900


def _kept(conn: Connection, rows: Sequence[Row[Any]]) -> list[Kept]:
    events = _events(conn, [row.id for row in rows])
    return [
        Kept(row, replay(map(step_of, told)), [event_of(one) for one in told])
        for row in rows
        if (told := events.get(row.id))
    ]


def _events(conn: Connection, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(ids), PART):
        for row in conn.execute(_EVENTS, {"ids": ids[start : start + PART]}).all():
            found[row.promise_id].append(row)
    return found


def step_of(row: Any) -> Step:
    """Return an event as the rules know it."""
    due = row.detail.get("due")
    return Step(
        Act(row.action), row.at, row.week, date.fromisoformat(due) if due else None, row.detail
    )


def event_of(row: Any) -> PromiseEvent:
    """Return an event as pages tell it."""
    return {
        "at": row.at.timestamp(),
        "week": written(row.week),
        "action": row.action,
        "by": row.actor,
        "note": row.note,
    }
