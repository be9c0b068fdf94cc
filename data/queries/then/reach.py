"""How far back the store knows anything, and what of it was brought in at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data import models as m
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
    r, c, d = m.ingest_run.c, m.cases.c, m.rollup_day.c
    loaded = conn.scalar(select(r.recorded_at).order_by(r.id).limit(1))
    found: list[datetime] = [] if loaded is None else [loaded]
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
    return Reach(min(found, default=None), loaded)
