"""Promises and what was done about them, as the store keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from data import models as m
from data.review.promises import Act, Standing, State, Step, followed, replay
from data.review.week_text import written
from data.vocabulary.review import PromiseEvent

p, e = m.promise.c, m.promise_event.c


@dataclass(frozen=True)
class Kept:
    """A promise: its row, how it stands by its history, and the history, oldest first."""

    row: Row[Any]
    now: Standing
    history: list[PromiseEvent]


def promise_of(conn: Connection, number: int) -> Kept | None:
    """Return one promise, None if there is none of this number."""
    return next(iter(_kept(conn, p.id == number)), None)


def followed_in(conn: Connection, area: int, week: date) -> list[Kept]:
    """Return what the meeting of a week follows in the review of an area (its row id)."""
    found = _kept(conn, p.area_id == area, p.made_week <= week)
    return [one for one in found if followed(one.now, week)]


def touched_in(conn: Connection, area: int, week: date) -> bool:
    """Return whether anything was promised, or done about a promise, in the review of a week."""
    query = (
        select(e.id)
        .join_from(m.promise_event, m.promise, p.id == e.promise_id)
        .where(p.area_id == area, e.week == week)
        .limit(1)
    )
    return conn.execute(query).first() is not None


def _kept(conn: Connection, *where: Any) -> list[Kept]:
    rows = conn.execute(select(m.promise).where(*where).order_by(p.id)).all()
    events = _events(conn, [row.id for row in rows])
    return [
        Kept(row, replay(map(step_of, told)), [event_of(one) for one in told])
        for row in rows
        if (told := events.get(row.id))
    ]


PART = 900


def _events(conn: Connection, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(ids), PART):
        mine = e.promise_id.in_(ids[start : start + PART])
        for row in conn.execute(select(m.promise_event).where(mine).order_by(e.id)).all():
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


def decided(kept: Kept) -> bool:
    """Return whether it is kept, broken or withdrawn."""
    return kept.now.state is not State.OPEN
