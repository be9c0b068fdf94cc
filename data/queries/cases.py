"""Open matters, gravest first, and what the closed loop did today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from data import models as m

c = m.cases.c


@dataclass(frozen=True)
class OpenCase:
    """One open matter, by row ids."""

    case_no: str
    level: int
    stage: str
    title: str
    category_id: int
    area_id: int
    county_id: int
    department_id: int
    lon: float | None
    lat: float | None
    due_at: datetime | None


def open_matters(conn: Connection) -> list[OpenCase]:
    """Return every open matter: level 1 first, then least time left."""
    query = (
        select(
            c.case_no, c.level, c.stage, c.title, c.category_id, c.area_id, c.county_id,
            c.department_id, c.lon, c.lat, c.due_at,
        )
        .where(c.matter, c.closed_at.is_(None))
        .order_by(c.level, c.due_at, c.id)
    )  # fmt: skip
    return [OpenCase(*row) for row in conn.execute(query)]


@dataclass(frozen=True)
class Flow:
    """Matters of one county since midnight."""

    closed: int
    due: int
    on_time: int


def flow_since(conn: Connection, start: datetime, now: datetime) -> dict[int, Flow]:
    """Return by county: matters closed, due, and due that were closed on time, since `start`.

    The on-time rate is over cases that fell due, never over cases received.
    """
    closed = _by_county(conn, [c.matter, c.closed_at >= start])
    met = func.sum(case((and_(c.closed_at.is_not(None), c.closed_at <= c.due_at), 1), else_=0))
    query = (
        select(c.county_id, func.count(), met)
        .where(c.matter, c.due_at >= start, c.due_at < now)
        .group_by(c.county_id)
    )
    due = {county: (n, int(ok or 0)) for county, n, ok in conn.execute(query)}
    return {
        county: Flow(closed.get(county, 0), *due.get(county, (0, 0)))
        for county in closed.keys() | due.keys()
    }


def _by_county(conn: Connection, chosen: list[object]) -> dict[int, int]:
    query = select(c.county_id, func.count()).where(*chosen).group_by(c.county_id)  # type: ignore[arg-type]
    return dict(conn.execute(query).all())
