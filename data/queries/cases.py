"""Open matters, gravest first, and what the closed loop did today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, func, literal, select, union_all

from data import models as m
from data.vocabulary import CaseState

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
    state: str = ""


@dataclass(frozen=True)
class OpenCount:
    """How many open matters of one county, stage and level there are. placed: with a position."""

    county_id: int
    stage: str
    level: int
    n: int
    overdue: int
    placed: int


def open_counts(conn: Connection, now: datetime) -> list[OpenCount]:
    """Return every open matter, counted by county, stage and level."""
    return [OpenCount(*row) for row in conn.execute(_COUNTS, {"now": now}).all()]


def open_matters(
    conn: Connection,
    county: int | None = None,
    *,
    limit: int | None = None,
    placed: bool = False,
    level: int | None = None,
) -> list[OpenCase]:
    """Return open matters: level 1 first, then least time left.

    county: only those of one county. limit: the first so many. placed: only those with a
    position. level: only those of one level.
    """
    query = _OPEN
    if county is not None:
        query = query.where(c.county_id == county)
    if placed:
        query = query.where(c.lon.is_not(None), c.lat.is_not(None))
    if level is not None:
        query = query.where(c.level == level)
    return [OpenCase(*row) for row in conn.execute(query.limit(limit)).all()]


_IS_OPEN = (c.matter, c.closed_at.is_(None))
_RUNS = c.state != CaseState.SUSPENDED.value
_COUNTS = (
    select(
        c.county_id, c.stage, c.level, func.count(),
        func.sum(case((and_(c.due_at < bindparam("now"), _RUNS), 1), else_=0)),
        func.sum(case((and_(c.lon.is_not(None), c.lat.is_not(None)), 1), else_=0)),
    )
    .where(*_IS_OPEN)
    .group_by(c.county_id, c.stage, c.level)
)  # fmt: skip
_OPEN = (
    select(
        c.case_no, c.level, c.stage, c.title, c.category_id, c.area_id, c.county_id,
        c.department_id, c.lon, c.lat, c.due_at, c.state,
    )
    .where(*_IS_OPEN)
    .order_by(c.level, c.due_at, c.id)
)  # fmt: skip


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
    found: dict[int, Flow] = {}
    for county, n, on_time in conn.execute(_FLOW, {"start": start, "now": now}).all():
        before = found.get(county, Flow(0, 0, 0))
        found[county] = (
            replace(before, closed=n)
            if on_time == -1
            else replace(before, due=n, on_time=int(on_time or 0))
        )
    return found


_MET = func.sum(case((and_(c.closed_at.is_not(None), c.closed_at <= c.due_at), 1), else_=0))
_FLOW = union_all(
    select(c.county_id, func.count(), literal(-1))
    .where(c.matter, c.closed_at >= bindparam("start"))
    .group_by(c.county_id),
    select(c.county_id, func.count(), _MET)
    .where(c.matter, c.due_at >= bindparam("start"), c.due_at < bindparam("now"))
    .group_by(c.county_id),
)
