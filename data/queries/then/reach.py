"""How far back the store knows anything, and what of it was brought in at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from data import models as m
from data.queries.then.cases import Moment
from data.vocabulary import LOCAL


@dataclass(frozen=True)
class Reach:
    """first: the earliest instant anything is known of, None: nothing is.

    loaded: when the store began to take things in. What it holds of earlier times was brought in
    then, so of an earlier instant nothing tells who knew what.
    """

    first: datetime | None
    loaded: datetime | None


def reach(conn: Connection) -> Reach:
    """Return how far back the store reaches."""
    c, d = m.cases.c, m.rollup_day.c
    begun = loaded(conn)
    found: list[datetime] = [] if begun is None else [begun]
    case = conn.scalar(select(func.min(c.reported_at)))
    if case is not None:
        found.append(case)
    days = [
        conn.scalar(select(func.min(d.bucket)).where(d.indicator_id == one))
        for one in conn.scalars(select(m.indicator.c.id)).all()
    ]
    first = min((day for day in days if day is not None), default=None)
    if first is not None:
        found.append(datetime.combine(first, datetime.min.time(), LOCAL))
    return Reach(min(found, default=None), begun)


_begun: WeakKeyDictionary[Engine, datetime] = WeakKeyDictionary()


def loaded(conn: Connection) -> datetime | None:
    """Return when the store took in its first file: that never changes once there is one."""
    if conn.engine not in _begun:
        r = m.ingest_run.c
        found = conn.scalar(select(r.recorded_at).order_by(r.id).limit(1))
        if found is None:
            return None
        _begun[conn.engine] = found
    return _begun[conn.engine]


def moment_of(conn: Connection, at: datetime) -> Moment:
    """Return what counts as known at an instant: what was recorded up to then.

    Of times before the store began to take things in, what it took in first.
    """
    first = loaded(conn)
    return Moment(at, at if first is None else max(at, first))
